import { ok, refusal } from './answer.ts';
import { tabletsOn } from './metadata.ts';
import type { Metadata, Table, Tablet } from './metadata.ts';
import type { Done } from './statements.ts';

const DEFAULT_BUCKETS = 10;
const DEFAULT_REPLICATION = 3;

export function createDatabase(metadata: Metadata, [ifAbsent, name = '']: readonly (string | undefined)[]): Done {
  if (metadata.databases.some((one) => one.name === name)) {
    return { answer: ifAbsent === undefined ? refusal(`Can't create database '${name}'; database exists`, 1007) : ok };
  }
  return { answer: ok, after: { ...metadata, nextId: metadata.nextId + 1, databases: [...metadata.databases, { id: metadata.nextId, name }] } };
}

/** A table: what matters here is where its tablets are. Reads BUCKETS and replication_num, and takes the columns as they come. */
export function createTable(metadata: Metadata, [ifAbsent, databaseName = '', name = '', rest = '']: readonly (string | undefined)[]): Done {
  const database = metadata.databases.find((one) => one.name === databaseName);
  if (database === undefined) return { answer: refusal(`Unknown database '${databaseName}'`, 1049) };
  if (metadata.tables.some((one) => one.databaseId === database.id && one.name === name)) {
    return { answer: ifAbsent === undefined ? refusal(`Table '${name}' already exists`, 1050) : ok };
  }
  const buckets = Number(/BUCKETS (\d+)/i.exec(rest)?.[1] ?? DEFAULT_BUCKETS);
  const replication = Number(/replication_num["'] ?= ?["'](\d+)["']/i.exec(rest)?.[1] ?? DEFAULT_REPLICATION);
  const hosts = metadata.backends.filter((one) => one.alive && !one.decommissioned && one.role === 'mix');
  if (hosts.length < replication) {
    return {
      answer: refusal(
        `Failed to find enough backend, please check the replication num,replication tag and storage medium. replication num: ${replication}, available backend num: ${hosts.length}`,
      ),
    };
  }
  const load = new Map(hosts.map((one) => [one.id, tabletsOn(metadata, one.id)]));
  let nextId = metadata.nextId + 1;
  const tablets: Tablet[] = [];
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const backends = [...load]
      .toSorted((a, b) => a[1] - b[1] || a[0] - b[0])
      .slice(0, replication)
      .map(([id]) => id);
    for (const id of backends) load.set(id, (load.get(id) ?? 0) + 1);
    tablets.push({ id: nextId, backends, behind: [], rows: [] });
    nextId += 1;
  }
  const table: Table = { id: metadata.nextId, databaseId: database.id, name, replication, tablets };
  return { answer: ok, after: { ...metadata, nextId, tables: [...metadata.tables, table] } };
}

export function dropTable(metadata: Metadata, [ifPresent, databaseName = '', name = '']: readonly (string | undefined)[]): Done {
  const database = metadata.databases.find((one) => one.name === databaseName);
  const found = metadata.tables.find((one) => one.databaseId === database?.id && one.name === name);
  if (found === undefined) return { answer: ifPresent === undefined ? refusal(`Unknown table '${name}'`, 1051) : ok };
  return { answer: ok, after: { ...metadata, tables: metadata.tables.filter((one) => one !== found) } };
}
