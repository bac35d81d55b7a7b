import type { Duplex } from 'node:stream';
import type { Clock } from '@binnacle/client';
import type { ClusterState } from '../protocol/messages.ts';
import type { MemberConfig } from './config.ts';
import type { Container } from './container.ts';
import type { Fleet } from './fleet.ts';
import { lines } from './lines.ts';
import { EMPTY, distribute, isSafe, migrate, promote } from './partitions.ts';
import type { Table } from './partitions.ts';

/** What members tell one another of themselves. */
export interface Peer {
  readonly uuid: string;
  readonly ip: string;
  /** Start of the process; ms. The oldest leads. */
  readonly bornAt: number;
  readonly started: boolean;
  readonly clusterName: string;
  readonly clusterId: string;
  readonly version: string;
}

type Message =
  | { readonly type: 'peer'; readonly peer: Peer; readonly state: ClusterState; readonly table: Table }
  | { readonly type: 'table'; readonly table: Table }
  | { readonly type: 'state'; readonly state: ClusterState };

const PORT = 5702;
/** How long a member looks for others before it begins a cluster of its own; ms. Real ones take 5 s. */
const LOOK_MS = 2_000;
const REDIAL_MS = 500;
/** A member that was killed leaves its address behind: after so many tries it is left alone until addresses change. */
const REDIALS_MOST = 20;
/** A cluster so young has no data, and gives partitions out anew instead of moving them: real ones give none out before the first data comes. */
const FRESH_MS = 5_000;
/** Partitions move in steps: as many a step, a step each so many ms. All of them take about a second. */
const MOVES_A_STEP = 30;
const STEP_MS = 100;

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
  /** Resolves when the member has joined or begun a cluster; `refused` when the cluster lets nobody in. Rejects when the process is killed. */
  readonly joined: Promise<'started' | 'refused'>;
}

/** A UUID by the clock's chance, so that a seed replays it: it decides who leads among members of the same age. */
function uuid(clock: Clock): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(clock.random() * 16).toString(16)).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * Joins the members of the same Service and cluster name. Each pair has one connection, opened by the lower address; when it ends, the other member has left.
 * The oldest member gives out partitions and tells the rest.
 */
export function simulatedCluster(container: Container, config: MemberConfig, fleet: Fleet): SimulatedCluster {
  const key = `${container.pod.metadata.namespace}/${config.service}`;
  let self: Peer = {
    uuid: uuid(container.clock),
    ip: container.ip,
    bornAt: container.clock.now(),
    started: false,
    clusterName: config.clusterName,
    clusterId: uuid(container.clock),
    version: config.version,
  };
  let state: ClusterState = 'ACTIVE';
  let table: Table = EMPTY;
  let moving: Disposable | undefined;
  let disposed = false;
  const links = new Map<string, { readonly send: (message: Message) => void; readonly close: () => void; peer: Peer | undefined }>();
  const dialing = new Set<string>();
  const failures = new Map<string, number>();
  const timers = new Set<Disposable>();
  const { promise: joined, resolve: settle } = Promise.withResolvers<'started' | 'refused'>();

  const others = () => [...links.values()].flatMap(({ peer }) => (peer === undefined ? [] : [peer])).filter(({ started }) => started);
  const members = () => [...others(), ...(self.started ? [self] : [])].toSorted((a, b) => a.bornAt - b.bornAt || (a.uuid < b.uuid ? -1 : 1));
  const master = () => members()[0] ?? self;
  const broadcast = (message: Message) => {
    for (const link of links.values()) link.send(message);
  };
  const introduce = (): Message => ({ type: 'peer', peer: self, state, table });

  function later(ms: number, task: () => void): void {
    const timer = container.clock.timer(ms, () => {
      timers.delete(timer);
      if (!disposed) task();
    });
    timers.add(timer);
  }

  function start(): void {
    if (self.started || disposed) return;
    self = { ...self, started: true, clusterId: others().length > 0 ? master().clusterId : self.clusterId };
    broadcast(introduce());
    settle('started');
    changed();
  }

  /** Whenever the members change. */
  function changed(): void {
    if (disposed || !self.started) return;
    const list = members();
    const rows = list.map((one) => `\tMember [${one.ip}]:${PORT} - ${one.uuid}${one.uuid === self.uuid ? ' this' : ''}`);
    container.log([`Members {size:${list.length}, ver:${table.version}} [`, ...rows, ']'].join('\n'));
    lead();
  }

  /** The oldest member keeps the table. */
  function lead(): void {
    if (master().uuid !== self.uuid) return;
    const alive = members().map((one) => one.uuid);
    if (table.version === 0 || container.clock.now() - self.bornAt < FRESH_MS) return publish(distribute(alive, table.version + 1));
    const { table: next, lost } = promote(table, alive);
    if (lost.length > 0) container.log(`WARN ${lost.length} partitions and all their copies are lost: ${lost.join(', ')}`);
    publish(next);
    move();
  }

  function publish(next: Table): void {
    table = next;
    broadcast({ type: 'table', table });
  }

  function move(): void {
    // Copies are made in ACTIVE alone.
    if (moving !== undefined || table.pending === 0 || state !== 'ACTIVE') return;
    moving = container.clock.timer(STEP_MS, () => {
      moving = undefined;
      if (disposed || master().uuid !== self.uuid) return;
      publish(
        migrate(
          table,
          members().map((one) => one.uuid),
          MOVES_A_STEP,
        ),
      );
      move();
    });
  }

  function receive(from: string, message: Message): void {
    const link = links.get(from);
    if (link === undefined) return;
    switch (message.type) {
      case 'peer': {
        if (message.peer.clusterName !== self.clusterName) return link.close();
        link.peer = message.peer;
        if (!message.peer.started) return;
        if (!self.started) {
          if (message.state === 'PASSIVE' || message.state === 'FROZEN') return settle('refused');
          [state, table] = [message.state, message.table];
          return later(0, start);
        }
        return changed();
      }
      case 'table':
        if (message.table.version > table.version || master().uuid !== self.uuid) table = message.table;
        return;
      case 'state':
        state = message.state;
        return move();
    }
  }

  function link(ip: string, stream: Duplex): void {
    links.get(ip)?.close();
    const wire = lines<Message>(
      stream,
      (message) => receive(ip, message),
      () => {
        if (links.get(ip)?.send !== wire.send) return;
        const wasMember = links.get(ip)?.peer?.started === true;
        links.delete(ip);
        if (wasMember) changed();
        dial();
      },
    );
    links.set(ip, { send: wire.send, close: wire.close, peer: undefined });
    wire.send(introduce());
  }

  function dial(): void {
    if (disposed) return;
    for (const ip of fleet.addresses(key)) {
      if (ip <= container.ip || links.has(ip) || dialing.has(ip) || (failures.get(ip) ?? 0) >= REDIALS_MOST) continue;
      dialing.add(ip);
      container.network.connect({ host: ip, port: PORT }, container.signal).then(
        (stream) => {
          dialing.delete(ip);
          failures.delete(ip);
          if (disposed) stream.destroy();
          else link(ip, stream);
        },
        () => {
          dialing.delete(ip);
          failures.set(ip, (failures.get(ip) ?? 0) + 1);
          later(REDIAL_MS, dial);
        },
      );
    }
  }

  const listener = container.network.listen(PORT, (stream) => {
    const ip = (stream as Duplex & { readonly remoteAddress?: string }).remoteAddress;
    if (ip === undefined || disposed) stream.destroy();
    else link(ip, stream);
  });
  const entry = fleet.enter(key, container.ip, () => {
    failures.clear();
    dial();
  });
  later(LOOK_MS, start);

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
      return table;
    },
    safe: () =>
      isSafe(
        table,
        members().map((one) => one.uuid),
      ),
    changeState(next) {
      state = next;
      broadcast({ type: 'state', state: next });
      move();
    },
    joined,
    [Symbol.dispose]() {
      disposed = true;
      entry[Symbol.dispose]();
      listener[Symbol.dispose]();
      moving?.[Symbol.dispose]();
      for (const timer of timers) timer[Symbol.dispose]();
      for (const one of links.values()) one.close();
    },
  };
}
