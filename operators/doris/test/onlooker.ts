import assert from 'node:assert/strict';
import type { Subject } from '@binnacle/testing';
import { fullName } from '../src/simulator/container.ts';
import type { Container } from '../src/simulator/container.ts';
import { META_PATH } from '../src/simulator/fe-self.ts';
import { dorisImages } from '../src/simulator/index.ts';
import { voters, whole } from '../src/simulator/metadata.ts';
import type { Metadata } from '../src/simulator/metadata.ts';
import { misplaced } from './right-node.ts';
import type { Address } from './statement-door.ts';
import { doris } from './subject.ts';

/** What holds at every instant; each throws when it is broken. */
interface Rules {
  /** Of front ends that took part once a majority runs. Whoever was just added does not count yet, and is the only one: it has to catch up first. */
  quorumKept(): void;
  /** Every tablet has a replica with all its rows on a back end that runs and is listed. */
  everyTabletIsAlive(): void;
  /** All front ends that ever began are of one cluster. */
  bornOnce(): void;
  /** All that the operator ever sent was for whom it was sent to: see right-node.ts. */
  rightNodes(): void;
}

/** Sees the nodes' processes and the front ends' disks without asking anybody: for rules that hold at every instant. */
export interface Onlooker extends Rules {
  /** The operator, with images whose containers are seen. */
  readonly subject: Subject;
  /** Hears what the operator sends. */
  readonly hears: (call: string, to: Address) => void;
  /** What the front ends agreed on last; `undefined` before the first began. */
  metadata(): Metadata | undefined;
  /** Names of front ends' pods whose container runs. */
  frontEnds(): readonly string[];
  /** From now on nothing has to run: the cluster is deleted, or suspended. `false`: it has to again. */
  rests(yes: boolean): void;
}

/** How long one that led may still get what was on its way: the operator's limit of a statement; ms. */
const LED_MS = 15_000;

/** A fresh one for each telling of a story. */
export function onlooker(base: Subject['images'] = dorisImages): Onlooker {
  /** Full host names of nodes' containers that run. */
  const running = new Set<string>();
  /** Metadata by host; that of a front end whose claim was cleared is replaced by its next one's. */
  const disks = new Map<string, Map<string, string>>();
  /** Ids of all clusters that a front end was ever of. */
  const born = new Set<string>();
  const read = new Map<string, { readonly text: string; readonly metadata: Metadata }>();

  /** Until when a front end led; Infinity: it leads. */
  const ledUntil = new Map<string, number>();
  const misplacedCalls: string[] = [];
  let time = () => 0;
  let resting = false;

  const images = base.map((image) => ({
    ...image,
    async program(inner: Parameters<typeof image.program>[0]): Promise<number> {
      const host = fullName(inner);
      time = () => inner.clock.monotonic();
      const container = { ...inner, log: (line: string) => (leads(host, line), inner.log(line)) };
      const disk = container.volume(META_PATH);
      if (disk !== undefined) disks.set(host, disk);
      if (!isNode(container)) return await image.program(container);
      running.add(host);
      const leave = () => running.delete(host); // told to stop it serves nobody any more
      container.signal.addEventListener('abort', leave, { once: true });
      return await image.program(container).finally(leave);
    },
  }));

  const leads = (host: string, line: string) => {
    if (!line.includes('finish to transfer to master')) return;
    for (const [other, until] of ledUntil) if (until === Infinity) ledUntil.set(other, time());
    ledUntil.set(host, Infinity);
  };
  const hears = (call: string, to: Address) => {
    const leaders = new Set([...ledUntil].filter(([, until]) => time() - until < LED_MS).map(([host]) => host));
    const wrong = misplaced({ call, to, leaders, frontEnds: metadata()?.frontends.length ?? 0 });
    if (wrong !== undefined) misplacedCalls.push(wrong);
  };

  const metadata = (): Metadata | undefined => {
    let newest: Metadata | undefined;
    for (const [host, disk] of disks) {
      const text = disk.get('image/image.json');
      if (text === undefined) continue;
      const known = read.get(host);
      const now = known?.text === text ? known.metadata : (JSON.parse(text) as Metadata); // sound: the simulator's own
      if (known?.metadata !== now) read.set(host, { text, metadata: now });
      born.add(now.clusterId);
      if (newest === undefined || now.epoch > newest.epoch || (now.epoch === newest.epoch && now.journalId > newest.journalId)) newest = now;
    }
    return newest;
  };

  const rules: Rules = {
    quorumKept() {
      if (resting) return;
      const now = metadata();
      const all = now === undefined ? [] : voters(now);
      const members = all.filter((one) => one.joined);
      assert.ok(all.length - members.length <= 1, `${all.length - members.length} front ends were added that have not caught up`);
      const up = members.filter((one) => running.has(one.host));
      assert.ok(members.length === 0 || up.length * 2 > members.length, `${up.length} of ${members.length} front ends with a vote run`);
    },
    everyTabletIsAlive() {
      if (resting) return;
      const now = metadata();
      const alive = new Set(now?.backends.filter((one) => running.has(one.host)).map((one) => one.id));
      for (const table of now?.tables ?? []) {
        for (const tablet of table.tablets) {
          assert.ok(whole(tablet, alive).length > 0, `tablet ${tablet.id} of ${table.name} has no whole replica that runs: ${JSON.stringify(tablet)}`);
        }
      }
    },
    bornOnce() {
      metadata();
      assert.ok(born.size <= 1, `${born.size} clusters began: ${[...born].join(', ')}`);
    },
    rightNodes: () => assert.deepEqual(misplacedCalls, []),
  };
  return {
    ...rules,
    subject: { ...doris, images },
    hears,
    metadata,
    frontEnds: () => [...running].map((host) => host.split('.')[0]!).filter((pod) => /-fe-\d+$/.test(pod)),
    rests: (yes) => void (resting = yes),
  };
}

/** Whether it is a node's own container, and not one that prepares it. */
const isNode = ({ command, pod }: Container): boolean => pod.spec?.subdomain !== undefined && !/doris-born|sysctl/.test(command.join(' '));

/** `host:port` of a statement's node, the pod's name alone: `prod-be-2`. */
export const nodeIn = (sql: string): string | undefined => /"([\w-]+)\.[^"]*"/.exec(sql)?.[1];
