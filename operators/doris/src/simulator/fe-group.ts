import { refusal } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Container } from './container.ts';
import { lines, next } from './lines.ts';
import type { Lines } from './lines.ts';
import { nameOf, voters } from './metadata.ts';
import type { FrontendRecord, Metadata } from './metadata.ts';
import { change, pause } from './pause.ts';
import type { Change } from './pause.ts';
import { askExecute, askStatus, openJournal } from './peers.ts';
import type { Entry, Hello, PeerStatus } from './peers.ts';
import { execute, reads } from './statements.ts';
import type { Duplex } from 'node:stream';

/** How long a front end waits before it looks for a master again; ms. */
const ELECTION_MS = 1_000;

/**
 * A front end's part in the group: its copy of the metadata, who the master is, and what others ask of it. The real thing is BDB JE; this is the least that
 * keeps its rules: one master, changes need a majority of followers, a master that lost its majority changes nothing, the longest journal wins an election.
 */
export interface Group {
  readonly me: FrontendRecord;
  readonly metadata: Metadata | undefined;
  /** `host:editLogPort` of the master as this front end sees it. */
  readonly master: string | undefined;
  readonly changed: Change;
  /** Changes the metadata as the master: false without a majority. */
  commit(next: Metadata): boolean;
  /** What the master sees of nodes: no journal entry, no majority needed. */
  observe(next: Metadata): void;
  /** The birth of a cluster. */
  begin(metadata: Metadata): void;
  /** Begins to lead, with what it has. */
  lead(metadata: Metadata): void;
  /** True while a majority of followers, this one included, is connected. Only the master can tell. */
  quorum(): boolean;
  /** Whether another front end leads with at least our right to. */
  replaced(signal: AbortSignal): Promise<boolean>;
  /** Finds the master: itself, or another; `undefined` when stopped. */
  elect(signal: AbortSignal): Promise<'me' | FrontendRecord | undefined>;
  /** Follows a master until the stream ends. `refused`: we are no member. */
  follow(master: { readonly host: string; readonly editLogPort: number }, signal: AbortSignal): Promise<'lost' | 'refused'>;
  execute(user: string, sql: string, signal: AbortSignal): Promise<Answer>;
  /** Accepts a connection on the edit log port. */
  accept(stream: Duplex, signal: AbortSignal): void;
}

/** A front end's part in the group. `disk` is its metadata volume. */
export function group(container: Container, me: FrontendRecord, disk: Map<string, string>): Group {
  const myName = nameOf(me);
  const changed = change();
  const followers = new Map<string, Lines>();
  let metadata = stored(disk);
  let master: string | undefined;

  const publish = (after: Metadata) => {
    metadata = after;
    store(disk, me, after);
    for (const line of followers.values()) line.send({ metadata: after } satisfies Entry);
    changed.happened();
  };
  const connectedVoters = (of: Metadata) => voters(of).filter((one) => nameOf(one) === myName || followers.has(nameOf(one))).length;
  const leading = () => master === myName;
  const quorum = () => metadata !== undefined && connectedVoters(metadata) * 2 > voters(metadata).length;
  const seen = (name: string, alive: Partial<FrontendRecord>) => {
    if (metadata === undefined || !leading()) return;
    publish({ ...metadata, frontends: metadata.frontends.map((one) => (nameOf(one) === name ? { ...one, ...alive } : one)) });
  };
  const run = (user: string, sql: string): Answer => {
    if (metadata === undefined) return refusal('this front end has no metadata yet');
    const asked = { user, master: master ?? '', now: container.clock.now(), version: me.version.replace('doris-', '') };
    const { answer, after } = execute(metadata, sql, asked);
    if (after === undefined) return answer;
    return self.commit(after) ? answer : refusal('no majority of followers is connected: nothing was changed');
  };

  const self: Group = {
    me,
    get metadata() {
      return metadata;
    },
    get master() {
      return master;
    },
    changed,
    quorum,
    commit(after) {
      if (!leading() || !quorum()) return false;
      publish({ ...after, journalId: after.journalId + 1 });
      // Whoever was dropped is told so by the end of its stream.
      for (const [name, line] of followers) if (!after.frontends.some((one) => nameOf(one) === name)) line[Symbol.dispose]();
      return true;
    },
    observe(after) {
      if (leading()) publish(after);
    },
    begin: publish,
    lead(from) {
      master = myName;
      const frontends = from.frontends.map((one) => (nameOf(one) === myName ? { ...me, role: one.role } : { ...one, alive: false }));
      publish({ ...from, epoch: from.epoch + 1, frontends });
      container.log(`INFO (stateListener|1) [Env.transferToMaster():1] finish to transfer to master, ${myName}`);
    },
    async replaced(signal) {
      for (const status of await others(container, me, metadata, signal)) {
        if (status.master !== undefined && status.master !== myName && status.epoch >= (metadata?.epoch ?? 0)) return true;
      }
      return false;
    },
    async elect(signal) {
      master = undefined;
      while (!signal.aborted) {
        const winner = metadata === undefined ? undefined : decide(metadata, me, await others(container, me, metadata, signal));
        if (winner !== undefined) return nameOf(winner) === myName ? 'me' : winner;
        await pause(container.clock, ELECTION_MS, signal);
      }
      return undefined;
    },
    async follow(leader, signal) {
      using line = await openJournal(container, leader, me, signal);
      if (line === undefined) {
        await pause(container.clock, ELECTION_MS, signal);
        return 'lost';
      }
      const hangUp = () => line[Symbol.dispose]();
      signal.addEventListener('abort', hangUp, { once: true });
      try {
        for await (const value of line) {
          const entry = value as Entry; // sound: the peer is this same program
          if ('refused' in entry) return 'refused';
          if (master === undefined) container.log(`INFO (replayer|1) [Env.transferToNonMaster():1] follow ${nameOf(leader)}`);
          master = nameOf(leader);
          publish(entry.metadata);
        }
      } finally {
        signal.removeEventListener('abort', hangUp);
        master = undefined;
        changed.happened();
      }
      return 'lost';
    },
    async execute(user, sql, signal) {
      if (leading() || reads(sql)) return run(user, sql);
      const leader = metadata?.frontends.find((one) => nameOf(one) === master);
      const answer = leader === undefined ? undefined : await askExecute(container, leader, user, sql, signal);
      return answer ?? refusal('there is no master to forward the statement to');
    },
    accept(stream, signal) {
      const line = lines(stream);
      const hangUp = () => line[Symbol.dispose]();
      signal.addEventListener('abort', hangUp, { once: true });
      talk(line)
        .catch((error: unknown) => container.log(`WARN edit log: ${String(error)}`))
        .finally(() => {
          signal.removeEventListener('abort', hangUp);
          line.end();
        });
    },
  };

  /** One connection of another front end. */
  async function talk(line: Lines): Promise<void> {
    const incoming = line[Symbol.asyncIterator]();
    const hello = (await next(incoming)) as Hello | undefined; // sound: the peer is this same program
    if (hello === undefined) return;
    if (hello.want === 'status') {
      const { journalId = 0, epoch = 0, clusterId = '' } = metadata ?? {};
      return line.send({ host: me.host, ...(master === undefined ? {} : { master }), journalId, epoch, clusterId } satisfies PeerStatus);
    }
    if (hello.want === 'execute') return line.send(leading() ? run(hello.user, hello.sql) : refusal('not the master'));
    if (!leading() || metadata === undefined) return;
    const name = nameOf(hello.me);
    if (!metadata.frontends.some((one) => nameOf(one) === name)) return line.send({ refused: `${name} is no member` } satisfies Entry);
    followers.get(name)?.[Symbol.dispose]();
    followers.set(name, line);
    seen(name, { ...hello.me, alive: true, joined: true });
    container.log(`INFO (heartbeat-mgr|1) [HeartbeatMgr.runAfterCatalogReady():1] frontend ${name} is alive`);
    while ((await next(incoming)) !== undefined); // followers say no more; the stream ends with them
    if (followers.get(name) !== line) return;
    followers.delete(name);
    seen(name, { alive: false });
    changed.happened();
  }
  return self;
}

/** Who leads, as far as one front end can see: a master there is; else, with a majority in sight, whoever has the longest journal. */
export function decide(metadata: Metadata, me: FrontendRecord, seen: readonly PeerStatus[]): FrontendRecord | undefined {
  const byName = (name: string | undefined) => metadata.frontends.find((one) => nameOf(one) === name);
  const current = seen.toSorted((a, b) => b.epoch - a.epoch).find((one) => one.master !== undefined && one.epoch >= metadata.epoch);
  if (current?.master !== undefined && current.master !== nameOf(me)) {
    const [host = '', port = '0'] = current.master.split(':');
    return byName(current.master) ?? { ...me, host, editLogPort: Number(port) };
  }
  const electable = voters(metadata);
  const journals = new Map(seen.map((one) => [one.host, one.journalId]));
  journals.set(me.host, metadata.journalId);
  const present = electable.filter((one) => journals.has(one.host));
  if (present.length * 2 <= electable.length) return undefined;
  return present.toSorted((a, b) => (journals.get(b.host) ?? 0) - (journals.get(a.host) ?? 0) || (a.host < b.host ? -1 : 1))[0];
}

async function others(container: Container, me: FrontendRecord, metadata: Metadata | undefined, signal: AbortSignal): Promise<readonly PeerStatus[]> {
  const peers = metadata?.frontends.filter((one) => nameOf(one) !== nameOf(me)) ?? [];
  const answers = await Promise.all(peers.map((one) => askStatus(container, one, signal)));
  return answers.filter((one) => one !== undefined && one.clusterId === metadata?.clusterId).map((one) => one!);
}

function stored(disk: Map<string, string>): Metadata | undefined {
  const image = disk.get('image/image.json');
  return disk.has('image/ROLE') && image !== undefined ? (JSON.parse(image) as Metadata) : undefined; // sound: written by store()
}

function store(disk: Map<string, string>, me: FrontendRecord, metadata: Metadata): void {
  disk.set('image/ROLE', `role=${me.role}\nname=${me.host}\n`);
  disk.set('image/VERSION', `clusterId=${metadata.clusterId}\n`);
  disk.set('image/image.json', JSON.stringify(metadata));
}
