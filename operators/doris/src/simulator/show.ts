import { timestamp } from '@binnacle/client';
import { refusal, rows } from './answer.ts';
import type { Answer } from './answer.ts';
import { nameOf, tabletsOn } from './metadata.ts';
import type { Metadata, Table } from './metadata.ts';
import type { Settings } from './settings.ts';
import type { Asked } from './statements.ts';

/** `2026-01-01 00:00:00`, as Doris writes times. */
const time = (ms: number): string => timestamp(ms).replace('T', ' ').replace('Z', '');

/** Columns of Doris 2.1 and later: `ArrowFlightSqlPort` stands before `Role`, so that whoever counts columns is found out. */
const FRONTENDS =
  'Name Host EditLogPort HttpPort QueryPort RpcPort ArrowFlightSqlPort Role IsMaster ClusterId Join Alive ReplayedJournalId LastStartTime LastHeartbeat IsHelper ErrMsg Version CurrentConnected';
const BACKENDS =
  'BackendId Host HeartbeatPort BePort HttpPort BrpcPort ArrowFlightSqlPort LastStartTime LastHeartbeat Alive SystemDecommissioned TabletNum DataUsedCapacity TrashUsedCapacity AvailCapacity TotalCapacity UsedPct MaxDiskUsedPct RemoteUsedCapacity Tag ErrMsg Version Status HeartbeatFailureCounter NodeRole';

const heartbeat = ({ alive, heardAt }: { readonly alive: boolean; readonly heardAt?: number }, { now }: Asked): string | null =>
  alive ? time(now) : heardAt === undefined ? null : time(heardAt);

type Cells = Readonly<Record<string, string | number | boolean | null>>;

/** Rows of named cells in the order of `columns`; a column without a cell is empty. */
function table(columns: string, records: readonly Cells[]): Answer {
  const names = columns.split(' ');
  return rows(
    names,
    records.map((record) => names.map((name) => record[name] ?? (name in record ? null : ''))),
  );
}

export function frontends(metadata: Metadata, asked: Asked): Answer {
  return table(
    FRONTENDS,
    metadata.frontends.map((one, index) => ({
      Name: `fe_${index}_${metadata.clusterId}`,
      Host: one.host,
      EditLogPort: one.editLogPort,
      HttpPort: one.ports.http,
      QueryPort: one.ports.query,
      RpcPort: one.ports.rpc,
      ArrowFlightSqlPort: -1,
      Role: one.role,
      IsMaster: nameOf(one) === asked.master,
      ClusterId: metadata.clusterId,
      Join: one.joined,
      Alive: one.alive,
      ReplayedJournalId: one.alive ? metadata.journalId : 0,
      LastStartTime: one.joined ? time(one.startedAt) : null,
      LastHeartbeat: heartbeat(one, asked),
      IsHelper: one.role === 'FOLLOWER',
      ErrMsg: one.alive ? '' : 'not ready',
      Version: one.version,
      CurrentConnected: nameOf(one) === asked.master ? 'Yes' : 'No',
    })),
  );
}

export function backends(metadata: Metadata, asked: Asked): Answer {
  return table(
    BACKENDS,
    metadata.backends.map((one) => ({
      BackendId: one.id,
      Host: one.host,
      HeartbeatPort: one.heartbeatPort,
      BePort: one.ports.be,
      HttpPort: one.ports.http,
      BrpcPort: one.ports.brpc,
      ArrowFlightSqlPort: -1,
      LastStartTime: time(one.startedAt),
      LastHeartbeat: heartbeat(one, asked),
      Alive: one.alive,
      SystemDecommissioned: one.decommissioned,
      TabletNum: tabletsOn(metadata, one.id),
      DataUsedCapacity: '0.000 ',
      TotalCapacity: '1.000 TB',
      Tag: '{"location" : "default"}',
      ErrMsg: one.error,
      Version: one.version,
      Status: '{"isQueryDisabled":false,"isLoadDisabled":false}',
      HeartbeatFailureCounter: one.alive ? 0 : 1,
      NodeRole: one.role,
    })),
  );
}

export function brokers(metadata: Metadata, asked: Asked): Answer {
  return rows(
    ['Name', 'Host', 'Port', 'Alive', 'LastStartTime', 'LastUpdateTime', 'ErrMsg'],
    metadata.brokers.map((one) => [one.name, one.host, one.port, one.alive, one.startedAt === 0 ? null : time(one.startedAt), time(asked.now), '']),
  );
}

/** Doris' own state as folders: `/frontends`, `/backends`, `/brokers`, `/dbs`, `/dbs/<id>`, `/dbs/<id>/<table>/partitions`, `/cluster_health/tablet_health`. */
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
  if (path === 'cluster_health/tablet_health') return tabletHealth(metadata);
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

/** A row a database, and one for all. Of Doris' columns those that can be other than 0 here. */
function tabletHealth(metadata: Metadata): Answer {
  const row = (id: string, name: string, tables: readonly Table[]) => {
    const all = tables.flatMap((one) => one.tablets);
    const behind = all.filter((one) => one.behind.length > 0).length;
    return { DbId: id, DbName: name, TabletNum: all.length, HealthyNum: all.length - behind, VersionIncompleteNum: behind };
  };
  return table('DbId DbName TabletNum HealthyNum ReplicaMissingNum VersionIncompleteNum ReplicaRelocatingNum UnrecoverableNum', [
    ...metadata.databases.map(({ id, name }) =>
      row(
        String(id),
        name,
        metadata.tables.filter((one) => one.databaseId === id),
      ),
    ),
    row('Total', String(metadata.databases.length), metadata.tables),
  ]);
}

/** A row a replica. Columns that say how each of them is are of those that Doris 2.0 and later have. */
export function tablets(metadata: Metadata, database: string | undefined, name: string | undefined): Answer {
  const found = metadata.tables.find((one) => one.name === name && metadata.databases.some(({ id, name: own }) => id === one.databaseId && own === database));
  if (found === undefined) return refusal(`Unknown table '${name}'`, 1051);
  return table(
    'TabletId ReplicaId BackendId SchemaHash Version LstSuccessVersion LstFailedVersion LstFailedTime LocalDataSize RemoteDataSize RowCount State',
    found.tablets.flatMap(({ id, backends: on, behind, rows: { length } }) =>
      on.map((backend) => ({
        TabletId: id,
        ReplicaId: `${id}${backend}`,
        BackendId: backend,
        Version: 1,
        LstSuccessVersion: 1,
        LstFailedVersion: behind.includes(backend) ? 2 : -1,
        RowCount: length,
        State: 'NORMAL',
      })),
    ),
  );
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

/** `%` stands for any text, as in LIKE. */
export function config(settings: Settings, like: string | undefined): Answer {
  const pattern = like === undefined ? /^/ : new RegExp(`^${like.replaceAll('%', '.*')}$`);
  const all = [...settings].filter(([key]) => pattern.test(key));
  return rows(
    ['Key', 'Value', 'Type', 'IsMutable', 'MasterOnly', 'Comment'],
    all.map(([key, { value, type, mutable, masterOnly = false }]) => [key, value, type, mutable, masterOnly, '']),
  );
}
