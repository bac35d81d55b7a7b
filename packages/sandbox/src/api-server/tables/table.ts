import type { Served } from '../catalog/served.ts';
import type { Core } from '../core/core.ts';
import type { ApiObject } from '../object.ts';
import { partialMetadata } from '../http/partial-metadata.ts';
import { builtinTable } from './builtin.ts';
import { customTable } from './custom.ts';

/** One column of what `kubectl get` prints. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  /** 1: only with `-o wide`. */
  readonly priority: number;
}

export type Cell = string | number | boolean | null;

/** How objects of a kind become rows. */
export interface TableOf {
  readonly columns: readonly TableColumn[];
  /** Cells in the order of the columns. `nowMs`: what ages are counted from. */
  row(object: ApiObject, nowMs: number): readonly Cell[];
  /** It is what the server makes of kinds that it has no table for, and tells of no rows as `null`. Source: apiserver, pkg/registry/rest/table.go. */
  readonly plain?: boolean;
}

export interface TableOptions {
  /** What a row carries of its object. */
  readonly includeObject: 'None' | 'Metadata' | 'Object';
  /** Further events of a watch go without the columns. */
  readonly columns: boolean;
}

/** Objects as a `meta.k8s.io/v1 Table`. */
export function tableOf(
  core: Core,
  served: Served,
  objects: readonly ApiObject[],
  options: TableOptions,
  metadata: Readonly<Record<string, unknown>>,
): unknown {
  const table = served.custom === undefined ? builtinTable(served.bucket) : customTable(served.custom);
  return tableFrom(table, core.clock.now(), objects, options, metadata);
}

/** Objects as rows of this table. */
export function tableFrom(
  table: TableOf,
  now: number,
  objects: readonly ApiObject[],
  options: TableOptions,
  metadata: Readonly<Record<string, unknown>>,
): unknown {
  const rows = objects.map((object) => ({ cells: table.row(object, now), object: rowObject(object, options.includeObject) }));
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: options.columns ? table.columns : null,
    rows: rows.length === 0 && table.plain === true ? null : rows,
  };
}

function rowObject(object: ApiObject, include: TableOptions['includeObject']): unknown {
  if (include === 'None') return null;
  return include === 'Object' ? object : partialMetadata(object);
}

/** Reads `includeObject` of a query. */
export function tableOptions(query: URLSearchParams): TableOptions {
  const wanted = query.get('includeObject');
  return { includeObject: wanted === 'None' || wanted === 'Object' ? wanted : 'Metadata', columns: true };
}
