import { timestamp } from '@binnacle/client';
import { refusal, rows } from './answer.ts';
import type { Answer } from './answer.ts';
import { nameOf, tabletsOn } from './metadata.ts';
import type { Metadata } from './metadata.ts';
import type { Asked } from './statements.ts';

/** `2026-01-01 00:00:00`, as Doris writes times. */
const time = (ms: number): string => timestamp(ms).replace('T', ' ').replace('Z', '');

/** Columns of Doris 2.1 and later: `ArrowFlightSqlPort` stands before `Role`, so that whoever counts columns is found out. */
export function frontends(metadata: Metadata, asked: Asked): Answer {
  const columns = [
    ...['Name', 'Host', 'EditLogPort', 'HttpPort', 'QueryPort', 'RpcPort', 'ArrowFlightSqlPort', 'Role', 'IsMaster', 'ClusterId', 'Join', 'Alive'],
    ...['ReplayedJournalId', 'LastStartTime', 'LastHeartbeat', 'IsHelper', 'ErrMsg', 'Version', 'CurrentConnected'],
  ];
  return rows(
    columns,
    metadata.frontends.map((one, index) => [
      `fe_${index}_${metadata.clusterId}`,
      ...[one.host, one.editLogPort, one.ports.http, one.ports.query, one.ports.rpc, -1, one.role, nameOf(one) === asked.master, metadata.clusterId],
      ...[one.joined, one.alive, one.alive ? metadata.journalId : 0, one.joined ? time(one.startedAt) : null, one.alive ? time(asked.now) : null],
      ...[one.role === 'FOLLOWER', one.alive ? '' : 'not ready', one.version, nameOf(one) === asked.master ? 'Yes' : 'No'],
    ]),
  );
}

export function backends(metadata: Metadata, asked: Asked): Answer {
  const columns = [
    ...['BackendId', 'Host', 'HeartbeatPort', 'BePort', 'HttpPort', 'BrpcPort', 'ArrowFlightSqlPort', 'LastStartTime', 'LastHeartbeat', 'Alive'],
    ...['SystemDecommissioned', 'TabletNum', 'DataUsedCapacity', 'TrashUsedCapacity', 'AvailCapacity', 'TotalCapacity', 'UsedPct', 'MaxDiskUsedPct'],
    ...['RemoteUsedCapacity', 'Tag', 'ErrMsg', 'Version', 'Status', 'HeartbeatFailureCounter', 'NodeRole'],
  ];
  return rows(
    columns,
    metadata.backends.map((one) => [
      ...[one.id, one.host, one.heartbeatPort, one.ports.be, one.ports.http, one.ports.brpc, -1, time(one.startedAt), one.alive ? time(asked.now) : null],
      ...[one.alive, one.decommissioned, tabletsOn(metadata, one.id), '0.000 ', '0.000 ', '1.000 TB', '1.000 TB', '0.00 %', '0.00 %', '0.000 '],
      ...['{"location" : "default"}', one.error, one.version, '{"isQueryDisabled":false,"isLoadDisabled":false}', one.alive ? 0 : 1, one.role],
    ]),
  );
}

export function brokers(metadata: Metadata, asked: Asked): Answer {
  return rows(
    ['Name', 'Host', 'Port', 'Alive', 'LastStartTime', 'LastUpdateTime', 'ErrMsg'],
    metadata.brokers.map((one) => [one.name, one.host, one.port, one.alive, one.alive ? time(asked.now) : null, time(asked.now), '']),
  );
}

/** Doris' own state as folders: `/frontends`, `/backends`, `/brokers`, `/dbs`, `/dbs/<id>`, `/dbs/<id>/<table>/partitions`. */
export function proc(metadata: Metadata, path: string, asked: Asked): Answer {
  const [folder, database, table, leaf] = path.split('/');
  if (database === undefined && folder === 'frontends') return frontends(metadata, asked);
  if (database === undefined && folder === 'backends') return backends(metadata, asked);
  if (database === undefined && folder === 'brokers') return brokers(metadata, asked);
  if (folder === 'dbs' && database === undefined) {
    const listed = [{ id: 0, name: 'information_schema' }, ...metadata.databases];
    return rows(
      ['DbId', 'DbName', 'TableNum'],
      listed.map(({ id, name }) => [id, name, metadata.tables.filter((one) => one.databaseId === id).length]),
    );
  }
  const within = metadata.tables.filter((one) => one.databaseId === Number(database));
  if (folder === 'dbs' && table === undefined) {
    return rows(
      ['TableId', 'TableName', 'IndexNum', 'PartitionNum', 'State', 'Type'],
      within.map((one) => [one.id, one.name, 1, 1, 'NORMAL', 'OLAP']),
    );
  }
  const found = within.find((one) => one.id === Number(table));
  if (folder === 'dbs' && leaf === 'partitions' && found !== undefined) {
    return rows(['PartitionId', 'PartitionName', 'Buckets', 'ReplicationNum'], [[found.id, found.name, found.tablets.length, found.replication]]);
  }
  return refusal(`Proc path ${path} doesn't exist`);
}

export function grants(metadata: Metadata): Answer {
  return rows(
    ['UserIdentity', 'GlobalPrivs'],
    metadata.users.map((one) => [`'${one.name}'@'%'`, one.grants.join(',')]),
  );
}

export function databases(metadata: Metadata): Answer {
  return rows(['Database'], [['information_schema'], ...metadata.databases.map((one) => [one.name])]);
}

/** The few keys that matter here, with Doris' defaults. */
const CONFIG: Readonly<Record<string, string>> = {
  disable_balance: 'false',
  disable_colocate_balance: 'false',
  disable_tablet_scheduler: 'false',
  drop_backend_after_decommission: 'true',
};

export function config(metadata: Metadata, like: string | undefined): Answer {
  const pattern = like === undefined ? /^/ : new RegExp(`^${like.replaceAll('%', '.*')}$`);
  const all = Object.entries({ ...CONFIG, ...metadata.config }).filter(([key]) => pattern.test(key));
  return rows(
    ['Key', 'Value', 'Type', 'IsMutable', 'MasterOnly', 'Comment'],
    all.map(([key, value]) => [key, value, 'boolean', 'true', 'true', '']),
  );
}
