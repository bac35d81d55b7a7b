import type { Clock } from '@binnacle/client';
import type { ClusterState } from '../protocol/messages.ts';
import type { MemberConfig } from './config.ts';
import type { Container } from './container.ts';
import type { Fleet } from './fleet.ts';
import { backups } from './hot-backup.ts';
import type { Backups } from './hot-backup.ts';
import { recovery } from './recovery.ts';
import type { StartupAction } from './recovery.ts';
import { mesh } from './mesh.ts';
import { partitionTable } from './partition-table.ts';
import { holds, isSafe } from './partitions.ts';
import { believe, shown } from './tls.ts';
import type { Shown } from './tls.ts';
import type { Table } from './partitions.ts';

/** What members tell one another of themselves. */
export interface Peer {
  readonly uuid: string;
  readonly ip: string;
  /** Start of the process; ms. The oldest leads. */
  readonly bornAt: number;
  readonly started: boolean;
  /** It hands its partitions over and gets no others. */
  readonly leaving: boolean;
  readonly clusterName: string;
  readonly clusterId: string;
  readonly version: string;
  readonly tls: Shown | undefined;
}

/** `locked`: the cluster lets nobody in. `version`: nor members of another minor, without a licence. `incomplete`: not all data was found in time. */
export type Refusal = 'locked' | 'version' | 'incomplete';

type Message =
  | { readonly type: 'peer'; readonly peer: Peer; readonly state: ClusterState; readonly table: Table }
  | { readonly type: 'table'; readonly table: Table }
  | { readonly type: 'state'; readonly state: ClusterState }
  | { readonly type: 'startup'; readonly action: StartupAction }
  | { readonly type: 'backup'; readonly sequence: number | undefined };

/** How long a member looks for others before it begins a cluster of its own; ms. Real ones take 5 s. */
const LOOK_MS = 2_000;
/** How often a member that leaves looks whether all is handed over; ms. */
const LOOK_AGAIN_MS = 100;

/** One member's part in its cluster. */
export interface SimulatedCluster extends Disposable {
  readonly self: Peer;
  /** Members of the cluster, the oldest first, this one among them once it has started. */
  members(): readonly Peer[];
  master(): Peer;
  readonly state: ClusterState;
  readonly table: Table;
  safe(): boolean;
  changeState(state: ClusterState): void;
  readonly backup: Backups;
  /** Leaves gracefully: resolves when others hold all that this member held, or nobody is left to, or after so many ms. */
  handOver(withinMs: number): Promise<void>;
  /** Starts members that wait for the data of others, without it; false: none waits, or its policy does not allow it. */
  startup(action: StartupAction): boolean;
  /** Resolves when the member has joined or begun a cluster, or with why it cannot. */
  readonly joined: Promise<'started' | Refusal>;
}

/** Joins the members of the same Service and cluster name. The oldest member gives out partitions and tells the rest. */
export function simulatedCluster(container: Container, config: MemberConfig, fleet: Fleet): SimulatedCluster {
  const found = recovery(container, config, {
    isHere: (uuid) => uuid === self.uuid || [...peers.values()].some((peer) => peer.uuid === uuid),
    changed: () => {
      if (found.uuid !== undefined && found.uuid !== self.uuid) self = { ...self, uuid: found.uuid };
      others.broadcast(introduce());
      start();
    },
    failed: () => settle('incomplete'),
  });
  let self = newborn(container, config, found.uuid);
  let state: ClusterState = found.state;
  let looked = false;
  const peers = new Map<string, Peer>();
  const { promise: joined, resolve: settle } = Promise.withResolvers<'started' | Refusal>();

  const members = () => [...peers.values(), self].filter(({ started }) => started).toSorted((a, b) => a.bornAt - b.bornAt || (a.uuid < b.uuid ? -1 : 1));
  const uuids = () => members().map(({ uuid }) => uuid);
  const staying = () => members().flatMap(({ uuid, leaving }) => (leaving ? [] : [uuid]));
  const master = () => members()[0] ?? self;
  const leads = () => self.started && master().uuid === self.uuid;
  const introduce = (): Message => ({ type: 'peer', peer: self, state, table: partitions.table });

  const partitions = partitionTable(container.clock, {
    publish: (table) => others.broadcast({ type: 'table', table }),
    // Copies are made in ACTIVE alone.
    movers: () => (leads() && state === 'ACTIVE' ? staying() : undefined),
  });

  /** Begins a cluster, once there was time to look for one and all data that belongs to it is there. */
  function start(): void {
    if (looked && !found.waiting) enter();
  }

  function enter(): void {
    if (self.started) return;
    found.over();
    self = { ...self, clusterId: master().clusterId, started: true };
    others.broadcast(introduce());
    settle('started');
    changed();
  }

  /** Whenever the members change. */
  function changed(): void {
    if (!self.started) return;
    found.keep(self.uuid, uuids(), state);
    container.log(memberList(members(), self));
    const lost = leads() ? partitions.lead(uuids(), staying()) : [];
    if (lost.length > 0) container.log(`WARN ${lost.length} partitions and all their copies are lost: ${lost.join(', ')}`);
  }

  function met(ip: string, message: Message & { readonly type: 'peer' }): void {
    if (message.peer.clusterName !== self.clusterName || !believe(self.tls, message.peer.tls)) return others.drop(ip);
    peers.set(ip, message.peer);
    if (!message.peer.started) return start();
    if (!self.started && found.waiting && !found.knows(message.peer.uuid)) return undefined;
    if (self.started) return changed();
    if (!config.enterprise && minorOf(message.peer.version) !== minorOf(self.version)) return settle('version');
    // Who comes back with its data is no new member.
    if ((message.state === 'PASSIVE' || message.state === 'FROZEN') && found.uuid === undefined) return settle('locked');
    state = message.state;
    partitions.adopt(message.table);
    return enter();
  }

  function heard(ip: string, message: Message): void {
    switch (message.type) {
      case 'backup':
        return backup.obey(message.sequence);
      case 'peer':
        return met(ip, message);
      case 'table':
        return leads() ? undefined : partitions.adopt(message.table);
      case 'startup':
        return void found.startup(message.action);
      case 'state':
        state = message.state;
        container.log(`INFO Cluster state is ${state}`);
        found.keep(self.uuid, uuids(), state);
        return partitions.move();
    }
  }

  function lost(ip: string): void {
    const wasMember = peers.get(ip)?.started === true;
    peers.delete(ip);
    if (wasMember) changed();
  }

  const others = mesh<Message>(container, `${container.pod.metadata.namespace}/${config.service}`, fleet, { greet: introduce, heard, lost });
  const backup = backups(
    container,
    config.backupDir,
    () => ({ uuid: self.uuid, cluster: { members: uuids(), state } }),
    (sequence) => others.broadcast({ type: 'backup', sequence }),
  );
  const looking = container.clock.timer(LOOK_MS, () => {
    looked = true;
    start();
  });

  return {
    get self() {
      return self;
    },
    members,
    master,
    get state() {
      return state;
    },
    get table() {
      return partitions.table;
    },
    safe: () => isSafe(partitions.table, uuids()),
    changeState(next) {
      state = next;
      container.log(`INFO Cluster state is ${state}`);
      found.keep(self.uuid, uuids(), state);
      others.broadcast({ type: 'state', state: next });
      partitions.move();
    },
    async handOver(withinMs) {
      self = { ...self, leaving: true };
      others.broadcast(introduce());
      changed();
      const until = container.clock.now() + withinMs;
      // Without members that stay, or in a state that allows no migration, there is nothing to wait for.
      while (staying().length > 0 && state === 'ACTIVE' && holds(partitions.table, self.uuid) && container.clock.now() < until)
        await container.clock.sleep(LOOK_AGAIN_MS);
    },
    startup(action) {
      if (!found.startup(action)) return false;
      others.broadcast({ type: 'startup', action });
      return true;
    },
    joined,
    backup,
    [Symbol.dispose]() {
      backup[Symbol.dispose]();
      looking[Symbol.dispose]();
      found[Symbol.dispose]();
      others[Symbol.dispose]();
      partitions[Symbol.dispose]();
    },
  };
}

function newborn({ ip, clock }: Container, { clusterName, version, tls }: MemberConfig, old: string | undefined): Peer {
  return { uuid: old ?? uuid(clock), ip, bornAt: clock.now(), started: false, leaving: false, clusterName, clusterId: uuid(clock), version, tls: shown(tls) };
}

/** A UUID by the clock's chance, so that a seed replays it: it decides who leads among members of the same age. */
export function uuid(clock: Clock): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(clock.random() * 16).toString(16)).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

const minorOf = (version: string): string => version.split('.').slice(0, 2).join('.');

/** As members log it whenever one comes or goes. */
function memberList(members: readonly Peer[], self: Peer): string {
  const rows = members.map(({ ip, uuid: id }) => `\tMember [${ip}]:5702 - ${id}${id === self.uuid ? ' this' : ''}`);
  return [`Members {size:${members.length}} [`, ...rows, ']'].join('\n');
}
