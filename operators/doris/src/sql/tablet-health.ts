import { z } from 'zod';
import type { FrontEnd } from './front-end.ts';
import { count, parsed } from './rows.ts';
import { proc } from './statements.ts';

const Health = z.object({ DbId: z.string(), VersionIncompleteNum: count });

/**
 * Of how many tablets a replica misses rows that others have: its back end was away, or failed, during a load. One statement, whatever the number of tables.
 * @throws {DorisError}
 */
export async function tabletsBehind(fe: FrontEnd, signal: AbortSignal): Promise<number> {
  const rows = parsed(Health, await fe.query(proc('cluster_health', 'tablet_health'), signal), "SHOW PROC '/cluster_health/tablet_health'");
  // Not the row of all databases: older ones add it up wrongly (apache/doris#13010).
  return rows.filter(({ DbId }) => DbId !== 'Total').reduce((sum, one) => sum + one.VersionIncompleteNum, 0);
}
