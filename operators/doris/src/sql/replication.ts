import { z } from 'zod';
import { DorisError } from './error.ts';
import type { FrontEnd } from './front-end.ts';
import { count, parsed } from './rows.ts';
import { proc } from './statements.ts';

const Database = z.object({ DbId: z.string().regex(/^-?\d+$/), DbName: z.string() });
const Table = z.object({ TableId: z.string().regex(/^-?\d+$/), Type: z.string() });
const Partition = z.object({ ReplicationNum: count });

/** More than this in a cluster, and the walk is refused rather than cut short. */
const TABLES_MAX = 20_000;

/**
 * The most copies that any partition of any table keeps; 0 without tables. One statement a table: asked only when a back end is about to leave. It has to be
 * asked, because Doris takes a DECOMMISSION that can never end (apache/doris, SystemHandler.checkDecommission: the check is missing).
 * @throws {DorisError} also `refused`: more than 20 000 tables.
 */
export async function highestReplication(fe: FrontEnd, signal: AbortSignal): Promise<number> {
  let highest = 0;
  let tables = 0;
  for (const { DbId } of parsed(Database, await fe.query(proc('dbs'), signal), "SHOW PROC '/dbs'")) {
    const db = Number(DbId);
    if (db <= 0) continue; // information_schema: views without tablets
    for (const { TableId, Type } of parsed(Table, await fe.query(proc('dbs', db), signal), `SHOW PROC '/dbs/${db}'`)) {
      if (Type !== 'OLAP' && Type !== 'MATERIALIZED_VIEW') continue; // the rest keeps its data elsewhere
      tables += 1;
      if (tables > TABLES_MAX) throw new DorisError('refused', `more than ${TABLES_MAX} tables: the highest replication was not determined`);
      const rows = await fe.query(proc('dbs', db, Number(TableId), 'partitions'), signal);
      for (const { ReplicationNum } of parsed(Partition, rows, `SHOW PROC '/dbs/${db}/${TableId}/partitions'`)) highest = Math.max(highest, ReplicationNum);
    }
  }
  return highest;
}
