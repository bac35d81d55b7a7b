import { accessTables } from './access.ts';
import { AGE, NAME, tableWith } from './columns.ts';
import { coreTables } from './core.ts';
import { networkTables } from './network.ts';
import { podTables } from './pod.ts';
import type { TableOf } from './table.ts';
import { workloadTables } from './workload.ts';

const TABLES: Readonly<Record<string, TableOf>> = Object.fromEntries(
  Object.entries({ ...coreTables, ...podTables, ...networkTables, ...workloadTables, ...accessTables }).map(([bucket, columns]) => [
    bucket,
    tableWith(columns),
  ]),
);

const PLAIN = tableWith([NAME, AGE]);

/** The table of a built-in kind, by where it is stored; name and age when it has none of its own. */
export function builtinTable(bucket: string): TableOf {
  return TABLES[bucket] ?? PLAIN;
}
