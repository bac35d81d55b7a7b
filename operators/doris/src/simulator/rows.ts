import { ok, refusal, rows } from './answer.ts';
import type { Answer } from './answer.ts';
import { whole, withTablet } from './metadata.ts';
import type { Metadata, Table } from './metadata.ts';
import type { Done } from './statements.ts';

/**
 * INSERT of rows that are one number each, the key. Each tablet that gets one must have it in a majority of its replicas: those that are alive and missed no load
 * before. The others have missed this one. Source: apache/doris, DatabaseTransactionMgr.checkCommitStatus.
 */
export function insert(metadata: Metadata, [databaseName = '', name = '', values = '']: readonly string[]): Done {
  let table = tableAt(metadata, databaseName, name);
  if (table === undefined) return { answer: refusal(`Unknown table '${name}'`, 1051) };
  const keys = values.match(/\d+/g)?.map(Number) ?? [];
  const alive = aliveIn(metadata);
  let after = metadata;
  for (const [index, tablet] of table.tablets.entries()) {
    const added = keys.filter((key) => key % table!.tablets.length === index && !tablet.rows.includes(key));
    if (added.length === 0) continue;
    const written = whole(tablet, alive);
    const required = Math.floor(table.replication / 2) + 1;
    if (written.length < required) {
      return {
        answer: refusal(`Failed to commit txn. Tablet [${tablet.id}] success replica num is ${written.length} < load required replica num ${required}`),
      };
    }
    const behind = tablet.backends.filter((id) => !written.includes(id));
    after = withTablet(after, table, { ...tablet, behind, rows: [...tablet.rows, ...added] });
    table = tableAt(after, databaseName, name)!;
  }
  return { answer: ok, after };
}

/** SELECT of all keys of a table: of each tablet one replica has to answer that has every row. */
export function select(metadata: Metadata, [databaseName = '', name = '']: readonly string[]): Answer {
  const table = tableAt(metadata, databaseName, name);
  if (table === undefined) return refusal(`Unknown table '${name}'`, 1051);
  const alive = aliveIn(metadata);
  const dead = table.tablets.find((tablet) => whole(tablet, alive).length === 0);
  if (dead !== undefined) return refusal(`Failed to get scan range, no queryable replica found in tablet: ${dead.id}`);
  return rows(
    ['k'],
    table.tablets.flatMap((tablet) => tablet.rows.map((key) => [key])),
  );
}

const aliveIn = (metadata: Metadata): ReadonlySet<number> => new Set(metadata.backends.filter((one) => one.alive).map((one) => one.id));

function tableAt(metadata: Metadata, databaseName: string, name: string): Table | undefined {
  const database = metadata.databases.find((one) => one.name === databaseName);
  return metadata.tables.find((one) => one.databaseId === database?.id && one.name === name);
}
