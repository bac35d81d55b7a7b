import { z } from 'zod';
import { DorisError } from './error.ts';
import type { FrontEnd } from './front-end.ts';
import { parsed } from './rows.ts';
import { proc, showTablets } from './statements.ts';

const Database = z.object({ DbId: z.string().regex(/^-?\d+$/), DbName: z.string() });
const Table = z.object({ TableName: z.string(), Type: z.string() });
const Replica = z.object({ TabletId: z.string(), BackendId: z.string(), State: z.string().nullish(), LstFailedVersion: z.string().nullish() });

/** More than this in a cluster, and where copies are is not looked up: one statement a table, while something is wrong already. */
const TABLES_MAX = 2_000;

/**
 * Of how many tablets each back end, by its id, holds the only copy that can be reached. `reachable`: ids of those that serve. A copy counts when it is whole: of state
 * NORMAL, without a version that failed. @throws {DorisError} also `refused`: more than 2 000 tables.
 * Source: Doris' manual, SHOW TABLETS; columns by name as everywhere.
 */
export async function lastCopies(fe: FrontEnd, reachable: ReadonlySet<string>, signal: AbortSignal): Promise<ReadonlyMap<string, number>> {
  const last = new Map<string, number>();
  let tables = 0;
  for (const { DbId, DbName } of parsed(Database, await fe.query(proc('dbs'), signal), "SHOW PROC '/dbs'")) {
    if (Number(DbId) <= 0) continue; // information_schema: views without tablets
    const database = DbName.replace(/^default_cluster:/, ''); // as Doris before 2.0 writes it
    for (const { TableName, Type } of parsed(Table, await fe.query(proc('dbs', Number(DbId)), signal), `SHOW PROC '/dbs/${DbId}'`)) {
      if (Type !== 'OLAP' && Type !== 'MATERIALIZED_VIEW') continue; // the rest keeps its data elsewhere
      tables += 1;
      if (tables > TABLES_MAX) throw new DorisError('refused', `more than ${TABLES_MAX} tables: where the last copies are was not looked up`);
      const replicas = parsed(Replica, await fe.query(showTablets(database, TableName), signal), `SHOW TABLETS FROM ${DbId}`);
      for (const holder of soleHolders(replicas, reachable)) last.set(holder, (last.get(holder) ?? 0) + 1);
    }
  }
  return last;
}

/** The back end of each tablet that has one reachable copy alone. */
function soleHolders(replicas: readonly z.output<typeof Replica>[], reachable: ReadonlySet<string>): readonly string[] {
  const holders = new Map<string, string[]>();
  for (const { TabletId, BackendId, State, LstFailedVersion } of replicas) {
    const whole = (State ?? 'NORMAL') === 'NORMAL' && Number(LstFailedVersion ?? -1) < 0;
    if (!whole || !reachable.has(BackendId)) continue;
    holders.set(TabletId, [...(holders.get(TabletId) ?? []), BackendId]);
  }
  return [...holders.values()].filter((all) => all.length === 1).map(([only]) => only!);
}
