import type { Settings } from './settings.ts';

/** What front ends agree on: the journal's outcome, whole, as plain data. Only the master changes it; each change is a new value. */
export interface Metadata {
  readonly clusterId: string;
  /** Number of the last change. */
  readonly journalId: number;
  /** Number of the last election. */
  readonly epoch: number;
  /** Next free id of nodes, tables and tablets. */
  readonly nextId: number;
  readonly frontends: readonly FrontendRecord[];
  readonly backends: readonly BackendRecord[];
  readonly brokers: readonly BrokerRecord[];
  readonly users: readonly User[];
  readonly databases: readonly { readonly id: number; readonly name: string }[];
  readonly tables: readonly Table[];
}

export interface FrontendRecord {
  readonly host: string;
  readonly editLogPort: number;
  readonly role: 'FOLLOWER' | 'OBSERVER';
  /** The change by which it was added: of another one, its metadata is that of an earlier member and must be cleared. */
  readonly added: number;
  readonly alive: boolean;
  readonly joined: boolean;
  readonly version: string;
  readonly ports: { readonly http: number; readonly query: number; readonly rpc: number };
  readonly startedAt: number;
  /** When it last answered, of one that is dead. */
  readonly heardAt?: number;
}

export interface BackendRecord {
  readonly id: number;
  readonly host: string;
  readonly heartbeatPort: number;
  readonly alive: boolean;
  readonly decommissioned: boolean;
  readonly role: 'mix' | 'computation';
  readonly version: string;
  readonly ports: { readonly be: number; readonly http: number; readonly brpc: number };
  readonly startedAt: number;
  /** When it last answered, of one that is dead. */
  readonly heardAt?: number;
  readonly error: string;
}

export interface BrokerRecord {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly alive: boolean;
  /** 0: it was never heard of. */
  readonly startedAt: number;
}

export interface User {
  readonly name: string;
  /** SHA1(SHA1(password)), hex; `''`: no password. */
  readonly hash: string;
  readonly grants: readonly string[];
}

export interface Table {
  readonly id: number;
  readonly databaseId: number;
  readonly name: string;
  readonly replication: number;
  readonly tablets: readonly Tablet[];
}

export interface Tablet {
  readonly id: number;
  /** Its replicas, as ids of back ends. */
  readonly backends: readonly number[];
  /** Of these the ones that missed a load: nobody reads them, and no load counts them, until they are repaired. */
  readonly behind: readonly number[];
  /** Keys of its rows. */
  readonly rows: readonly number[];
}

/** A new cluster: one front end, root and admin without a password. */
export function newMetadata(clusterId: string, first: FrontendRecord): Metadata {
  const user = (name: string): User => ({ name, hash: '', grants: ['Node_priv', 'Admin_priv'] });
  return {
    clusterId,
    journalId: 1,
    epoch: 1,
    nextId: 10_001,
    frontends: [first],
    backends: [],
    brokers: [],
    users: [user('root'), user('admin')],
    databases: [],
    tables: [],
  };
}

/** Replicas on a back end. */
export function tabletsOn(metadata: Metadata, backendId: number): number {
  return metadata.tables.flatMap((table) => table.tablets).filter((tablet) => tablet.backends.includes(backendId)).length;
}

/** Followers that vote. */
export const voters = (metadata: Metadata): readonly FrontendRecord[] => metadata.frontends.filter((one) => one.role === 'FOLLOWER');

/** `host:editLogPort` */
export const nameOf = (one: { readonly host: string; readonly editLogPort: number }): string => `${one.host}:${one.editLogPort}`;

/**
 * One step of what Doris does about replicas: one that missed a load is copied anew, or one goes from a decommissioned node to a living one that has none of its
 * tablet. When nothing is left on a node, the node goes, unless `drop_backend_after_decommission` is false. With `disable_tablet_scheduler` nothing is copied.
 * `undefined`: nothing can be done now.
 */
export function moved(metadata: Metadata, settings: Settings): Metadata | undefined {
  const leaving = metadata.backends.filter((one) => one.decommissioned);
  const empty = leaving.find((one) => tabletsOn(metadata, one.id) === 0);
  if (empty !== undefined && settings.get('drop_backend_after_decommission')?.value !== 'false') {
    return { ...metadata, backends: metadata.backends.filter((one) => one !== empty) };
  }
  if (settings.get('disable_tablet_scheduler')?.value === 'true') return undefined;
  const alive = new Set(metadata.backends.filter((one) => one.alive).map((one) => one.id));
  for (const table of metadata.tables) {
    for (const tablet of table.tablets) {
      const behind = whole(tablet, alive).length === 0 ? undefined : tablet.behind.find((id) => alive.has(id));
      if (behind !== undefined) return withTablet(metadata, table, { ...tablet, behind: tablet.behind.filter((id) => id !== behind) });
    }
  }
  const targets = metadata.backends.filter((one) => one.alive && !one.decommissioned && one.role === 'mix');
  for (const from of leaving) {
    for (const table of metadata.tables) {
      for (const tablet of table.tablets) {
        const to =
          tablet.backends.includes(from.id) && whole(tablet, alive).length > 0
            ? targets.filter((one) => !tablet.backends.includes(one.id)).toSorted((a, b) => tabletsOn(metadata, a.id) - tabletsOn(metadata, b.id))[0]
            : undefined;
        if (to === undefined) continue;
        const backends = tablet.backends.map((id) => (id === from.id ? to.id : id));
        return withTablet(metadata, table, { ...tablet, backends, behind: tablet.behind.filter((id) => id !== from.id) });
      }
    }
  }
  return undefined;
}

/** Replicas that have every row and are on a living node. */
export const whole = (tablet: Tablet, alive: ReadonlySet<number>): readonly number[] =>
  tablet.backends.filter((id) => alive.has(id) && !tablet.behind.includes(id));

/** The table with this tablet as it is now. */
export function withTablet(metadata: Metadata, table: Table, now: Tablet): Metadata {
  const tablets = table.tablets.map((one) => (one.id === now.id ? now : one));
  return { ...metadata, tables: metadata.tables.map((one) => (one === table ? { ...table, tablets } : one)) };
}
