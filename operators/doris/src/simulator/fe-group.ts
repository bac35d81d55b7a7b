import { refusal } from './answer.ts';
import type { Answer } from './answer.ts';
import type { Container } from './container.ts';
import { fePath } from './fe-self.ts';
import { lines, next } from './lines.ts';
import type { Lines } from './lines.ts';
import { nameOf, voters } from './metadata.ts';
import type { FrontendRecord, Metadata } from './metadata.ts';
import { change, pause } from './pause.ts';
import type { Change } from './pause.ts';
import { askExecute, askStatus, askVote, openJournal } from './peers.ts';
import type { Entry, Hello, PeerStatus } from './peers.ts';
import { settingsOf } from './settings.ts';
import type { Settings } from './settings.ts';
import { execute, reads } from './statements.ts';
import type { Duplex } from 'node:stream';

/** How long a front end waits before it looks for a master again; ms. */
const ELECTION_MS = 1_000;

/**
 * A front end's part in the group: its copy of the metadata, who the master is, and what others ask of it. The real thing is BDB JE; this is the least that
 * keeps its rules: one master, changes need a majority of followers, a master that lost its majority changes nothing, the longest journal wins an election.
 */
export class Group {
  readonly me: FrontendRecord;
  readonly changed: Change = change();
  readonly settings: Settings;
  readonly #container: Container;
  readonly #disk: Map<string, string>;
  readonly #followers = new Map<string, Lines>();
  #metadata: Metadata | undefined;
  #master: string | undefined;
  /** The last epoch in which this front end voted for anybody: kept on disk, or a restart would vote twice. */
  #votedIn: number;

  /** `disk` is the metadata volume: what is on it is gone on with. */
  constructor(container: Container, me: FrontendRecord, disk: Map<string, string>) {
    this.#container = container;
    this.settings = settingsOf(container, 'fe', fePath(container));
    this.me = me;
    this.#disk = disk;
    this.#metadata = stored(disk);
    this.#votedIn = Number(disk.get('image/VOTE') ?? 0);
  }

  get metadata(): Metadata | undefined {
    return this.#metadata;
  }

  /** `host:editLogPort` of the master as this front end sees it. */
  get master(): string | undefined {
    return this.#master;
  }

  get leading(): boolean {
    return this.#master === nameOf(this.me);
  }

  /** True while a majority of followers, this one included, is connected. Only the master can tell. */
  quorum(): boolean {
    const electable = this.#metadata === undefined ? [] : voters(this.#metadata);
    const connected = electable.filter((one) => nameOf(one) === nameOf(this.me) || this.#followers.has(nameOf(one)));
    return connected.length * 2 > electable.length;
  }

  /** Changes the metadata as the master: false without a majority. */
  commit(after: Metadata): boolean {
    if (!this.leading || !this.quorum()) return false;
    this.#publish({ ...after, journalId: after.journalId + 1 });
    // Whoever was dropped is told so by the end of its stream.
    for (const [name, line] of this.#followers) if (!isMember(after, name)) line[Symbol.dispose]();
    return true;
  }

  /** What the master sees of nodes: no journal entry, no majority needed. */
  observe(after: Metadata): void {
    if (this.leading) this.#publish(after);
  }

  /** The birth of a cluster. */
  begin(metadata: Metadata): void {
    this.#publish(metadata);
  }

  /** Begins to lead, elected in the epoch it voted for itself in. */
  lead(from: Metadata): void {
    const myName = nameOf(this.me);
    this.#master = myName;
    const frontends = from.frontends.map((one) => (nameOf(one) === myName ? { ...this.me, role: one.role, added: one.added } : { ...one, alive: false }));
    this.#publish({ ...from, epoch: this.#votedIn, frontends });
    this.#container.log(`INFO (stateListener|1) [Env.transferToMaster():1] finish to transfer to master, ${myName}`);
  }

  /** Leads no more: followers look for another master. */
  stepDown(): void {
    this.#master = undefined;
    for (const line of this.#followers.values()) line[Symbol.dispose]();
    this.#followers.clear();
  }

  /** Whether another front end leads with at least our right to. */
  async replaced(signal: AbortSignal): Promise<boolean> {
    const seen = await this.#others(signal);
    return seen.some((one) => one.master !== undefined && one.master !== nameOf(this.me) && one.epoch >= (this.#metadata?.epoch ?? 0));
  }

  /** Finds the master: itself, or another; `undefined` when stopped. */
  async elect(signal: AbortSignal): Promise<'me' | FrontendRecord | undefined> {
    const { clock } = this.#container;
    while (!signal.aborted) {
      const metadata = this.#metadata;
      const seen = await this.#others(signal);
      const current = metadata === undefined ? undefined : masterAmong(metadata, seen);
      if (current !== undefined) return current;
      if (metadata !== undefined && nameOf(candidate(metadata, this.me, seen) ?? { host: '', editLogPort: 0 }) === nameOf(this.me)) {
        if (await this.#win(metadata, signal)) return 'me';
      }
      // Not all at the same time again: two who ask for votes at once get none.
      await pause(clock, ELECTION_MS * (0.5 + clock.random()), signal);
    }
    return undefined;
  }

  /** Asks for votes in the next epoch: with a majority of followers, this one included, it may lead. Nobody votes twice in an epoch, so nobody else can. */
  async #win(metadata: Metadata, signal: AbortSignal): Promise<boolean> {
    const epoch = Math.max(metadata.epoch, this.#votedIn) + 1;
    this.#vote(epoch);
    const electable = voters(metadata);
    const peers = electable.filter((one) => nameOf(one) !== nameOf(this.me));
    const votes = await Promise.all(peers.map((one) => askVote(this.#container, one, { epoch, journalId: metadata.journalId }, signal)));
    return this.#votedIn === epoch && (1 + votes.filter((vote) => vote).length) * 2 > electable.length;
  }

  /** Follows a master until the stream ends. `refused`: we are no member. */
  async follow(leader: { readonly host: string; readonly editLogPort: number }, signal: AbortSignal): Promise<'lost' | 'refused'> {
    const added = this.#metadata?.frontends.find((one) => nameOf(one) === nameOf(this.me))?.added;
    using line = await openJournal(this.#container, leader, { me: this.me, added }, signal);
    if (line === undefined) {
      await pause(this.#container.clock, ELECTION_MS, signal);
      return 'lost';
    }
    let entries = 0;
    const hangUp = () => line[Symbol.dispose]();
    signal.addEventListener('abort', hangUp, { once: true });
    try {
      for await (const value of line) {
        const entry = value as Entry; // sound: the peer is this same program
        if ('refused' in entry) return 'refused';
        if (this.#master === undefined) this.#container.log(`INFO (replayer|1) [Env.transferToNonMaster():1] follow ${nameOf(leader)}`);
        this.#master = nameOf(leader);
        entries += 1;
        this.#publish(entry.metadata);
      }
    } finally {
      signal.removeEventListener('abort', hangUp);
      this.#master = undefined;
      this.changed.happened();
    }
    if (entries === 0) await pause(this.#container.clock, ELECTION_MS, signal); // it leads no more, and does not know yet who does
    return 'lost';
  }

  /** Answers a statement; one that changes something is passed on to the master. */
  async execute(user: string, sql: string, { forwards, signal }: { readonly forwards: boolean; readonly signal: AbortSignal }): Promise<Answer> {
    if (this.leading || (reads(sql) && !this.#passesOn(sql, forwards))) return this.#run(user, sql);
    const leader = this.#metadata?.frontends.find((one) => nameOf(one) === this.#master);
    const answer = leader === undefined ? undefined : await askExecute(this.#container, leader, user, sql, signal);
    return answer ?? refusal('there is no master to forward the statement to');
  }

  /** From 2.1 on settings that are the master's alone are set there, and all are shown as the master has them unless the session says otherwise. */
  #passesOn(sql: string, forwards: boolean): boolean {
    if (/^doris-(1\.|2\.0\.)/.test(this.me.version)) return false;
    const key = /^\s*ADMIN SET FRONTEND CONFIG ?\( ?["'](\w+)["']/i.exec(sql)?.[1];
    return key === undefined ? forwards && /^\s*ADMIN SHOW FRONTEND CONFIG\b/i.test(sql) : this.settings.get(key)?.masterOnly === true;
  }

  /** Accepts a connection on the edit log port. */
  accept(stream: Duplex, signal: AbortSignal): void {
    const line = lines(stream);
    const hangUp = () => line[Symbol.dispose]();
    signal.addEventListener('abort', hangUp, { once: true });
    this.#talk(line)
      .catch((error: unknown) => this.#container.log(`WARN edit log: ${String(error)}`))
      .finally(() => {
        signal.removeEventListener('abort', hangUp);
        line.end();
      });
  }

  /** One connection of another front end. */
  async #talk(line: Lines): Promise<void> {
    const incoming = line[Symbol.asyncIterator]();
    const hello = (await next(incoming)) as Hello | undefined; // sound: the peer is this same program
    if (hello === undefined) return;
    if (hello.want === 'status') {
      const { journalId = 0, epoch = 0, clusterId = '' } = this.#metadata ?? {};
      line.send({ host: this.me.host, ...(this.#master === undefined ? {} : { master: this.#master }), journalId, epoch, clusterId } satisfies PeerStatus);
    } else if (hello.want === 'vote') {
      const granted = hello.epoch > this.#votedIn && hello.journalId >= (this.#metadata?.journalId ?? 0) && this.#master === undefined;
      if (granted) this.#vote(hello.epoch);
      line.send(granted);
    } else if (hello.want === 'execute') {
      line.send(this.leading ? this.#run(hello.user, hello.sql) : refusal('not the master'));
    } else if (this.leading && this.#metadata !== undefined) {
      const name = nameOf(hello.me);
      const listed = this.#metadata.frontends.find((one) => nameOf(one) === name);
      if (listed === undefined) line.send({ refused: `${name} is no member` } satisfies Entry);
      else if (hello.added !== undefined && hello.added !== listed.added) line.send({ refused: `${name} was dropped and added again` } satisfies Entry);
      // Its role is what it was added as, whatever it takes itself for.
      else await this.#serve(name, { ...hello.me, role: listed.role, added: listed.added }, line, incoming);
    }
  }

  /** Keeps a follower up to date until its stream ends: as long as it is open the follower is alive. */
  async #serve(name: string, peer: Partial<FrontendRecord>, line: Lines, incoming: AsyncIterator<unknown>): Promise<void> {
    this.#followers.get(name)?.[Symbol.dispose]();
    this.#followers.set(name, line);
    this.#see(name, { ...peer, alive: true, joined: true });
    this.#container.log(`INFO (heartbeat-mgr|1) [HeartbeatMgr.runAfterCatalogReady():1] frontend ${name} is alive`);
    while ((await next(incoming)) !== undefined); // followers say no more; the stream ends with them
    if (this.#followers.get(name) !== line) return;
    this.#followers.delete(name);
    this.#see(name, { alive: false, heardAt: this.#container.clock.now() });
    this.changed.happened();
  }

  #see(name: string, facts: Partial<FrontendRecord>): void {
    const metadata = this.#metadata;
    if (metadata !== undefined) this.observe({ ...metadata, frontends: metadata.frontends.map((one) => (nameOf(one) === name ? { ...one, ...facts } : one)) });
  }

  #run(user: string, sql: string): Answer {
    if (this.#metadata === undefined) return refusal('this front end has no metadata yet');
    const asked = {
      user,
      master: this.#master ?? '',
      now: this.#container.clock.now(),
      version: this.me.version.replace('doris-', ''),
      settings: this.settings,
    };
    const { answer, after } = execute(this.#metadata, sql, asked);
    if (/^\s*ADMIN SET\b/i.test(sql)) this.changed.happened(); // what the leader does may be another thing now
    return after === undefined || this.commit(after) ? answer : refusal('no majority of followers is connected: nothing was changed');
  }

  #publish(after: Metadata): void {
    this.#metadata = after;
    store(this.#disk, this.me, after);
    for (const line of this.#followers.values()) line.send({ metadata: after } satisfies Entry);
    this.changed.happened();
  }

  #vote(epoch: number): void {
    this.#votedIn = epoch;
    this.#disk.set('image/VOTE', String(epoch));
  }

  async #others(signal: AbortSignal): Promise<readonly PeerStatus[]> {
    const clusterId = this.#metadata?.clusterId;
    const peers = this.#metadata?.frontends.filter((one) => nameOf(one) !== nameOf(this.me)) ?? [];
    const answers = await Promise.all(peers.map((one) => askStatus(this.#container, one, signal)));
    return answers.filter((one) => one !== undefined).filter((one) => one.clusterId === clusterId);
  }
}

const isMember = (metadata: Metadata, name: string): boolean => metadata.frontends.some((one) => nameOf(one) === name);

/** The front end that says of itself that it leads; what others say of it is hearsay. An epoch older than ours has been replaced. */
function masterAmong(metadata: Metadata, seen: readonly PeerStatus[]): FrontendRecord | undefined {
  const leading = seen.filter((one) => one.master?.startsWith(`${one.host}:`) === true && one.epoch >= metadata.epoch);
  const current = leading.toSorted((a, b) => b.epoch - a.epoch)[0];
  return metadata.frontends.find((one) => one.host === current?.host);
}

/** Who should ask for votes: with a majority in sight, whoever has the longest journal; it alone can have everything that was agreed. */
function candidate(metadata: Metadata, me: FrontendRecord, seen: readonly PeerStatus[]): FrontendRecord | undefined {
  const electable = voters(metadata);
  const journals = new Map(seen.map((one) => [one.host, one.journalId]));
  journals.set(me.host, metadata.journalId);
  const present = electable.filter((one) => journals.has(one.host));
  if (present.length * 2 <= electable.length) return undefined;
  return present.toSorted((a, b) => (journals.get(b.host) ?? 0) - (journals.get(a.host) ?? 0) || (a.host < b.host ? -1 : 1))[0];
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
