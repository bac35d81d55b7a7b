import type { Clock } from '@binnacle/client';
import type { QueueMetrics } from '../metrics/metrics.ts';
import { equalJitterMs } from './backoff.ts';
import { delays } from './delays.ts';

/** Who is served first: `user` changed what an object asks for, something else of it or a `child` of it changed, or it was only listed (`resync`). */
export const LANES = ['user', 'child', 'resync'] as const;
export type Lane = (typeof LANES)[number];

/** 5 ms to 5 min per key (spec/runtime.md §2). */
export const RETRY = { firstMs: 5, mostMs: 300_000 } as const;

/** Of so many takes each lane below the first has one in which it is served first: what waits in it is never starved by what is more urgent. */
const FAIR_TURN = 16;
const TURNS: ReadonlyMap<number, Lane> = new Map([
  [0, 'resync'],
  [FAIR_TURN / 2, 'child'],
]);

/**
 * Keys that wait for work. A key waits once however often it is added; one that is added while it is worked on waits again afterwards, and is
 * never worked on twice at the same time. Holds one entry a key, so it is bounded by the number of objects.
 */
export interface Queue {
  /** Nothing once closed. A more urgent lane moves a key that waits already. */
  add(key: string, lane: Lane): void;
  /** Adds later, at the earliest of all wishes. Forgotten when work on the key starts before: whoever works decides anew. */
  addAfter(key: string, ms: number): void;
  /** Adds after a back-off that doubles with each retry in a row, jittered, and not before `retryAfterMs`. */
  retry(key: string, retryAfterMs?: number): void;
  /** The row of retries is over. */
  forget(key: string): void;
  /** The next key, for this caller alone until `finish`; `undefined` once the queue is closed. */
  take(): Promise<string | undefined>;
  /** Work on a key that was taken reads only from now on: what was added since it was taken is in what it reads, and asks for no more work. */
  reads(key: string): void;
  /** Ends the work on a key that was taken. */
  finish(key: string): void;
  /** Takers get `undefined` from now on, what waits is dropped; keys that are worked on may be finished. */
  close(): void;
  readonly closed: boolean;
  /** Keys that wait now, delayed ones not counted. */
  readonly depth: number;
  /** Keys that are worked on. */
  readonly working: number;
}

/** A queue; `name` labels its metrics. */
export function queue(clock: Clock, name: string, metrics: QueueMetrics): Queue {
  const lanes: Readonly<Record<Lane, Set<string>>> = { user: new Set(), child: new Set(), resync: new Set() };
  const waitingSince = new Map<string, number>();
  const workingSince = new Map<string, number>();
  const again = new Map<string, Lane>();
  const failures = new Map<string, number>();
  const takers: ((key: string | undefined) => void)[] = [];
  let takes = 0;
  let closed = false;
  const later = delays(clock, (key) => add(key, 'child'));

  function laneOf(key: string): Lane | undefined {
    return LANES.find((lane) => lanes[lane].has(key));
  }

  function add(key: string, lane: Lane): void {
    if (closed) return;
    if (workingSince.has(key)) {
      again.set(key, moreUrgent(again.get(key), lane));
      return;
    }
    const present = laneOf(key);
    if (present === undefined) {
      waitingSince.set(key, clock.monotonic());
      metrics.added(name);
    }
    const wanted = moreUrgent(present, lane);
    if (wanted === present) return;
    if (present !== undefined) lanes[present].delete(key);
    lanes[wanted].add(key);
    takers.shift()?.(begin());
    metrics.depth(name, waitingSince.size);
  }

  /** Takes the first key of the most urgent lane; its caller has seen that there is one. */
  function begin(): string {
    takes++;
    const favoured = TURNS.get(takes % FAIR_TURN);
    const lane = favoured !== undefined && lanes[favoured].size > 0 ? favoured : LANES.find((candidate) => lanes[candidate].size > 0)!;
    const key = lanes[lane].values().next().value!;
    lanes[lane].delete(key);
    later.cancel(key);
    const now = clock.monotonic();
    metrics.waited(name, (now - waitingSince.get(key)!) / 1000);
    waitingSince.delete(key);
    workingSince.set(key, now);
    metrics.depth(name, waitingSince.size);
    return key;
  }

  return {
    add,
    addAfter(key, ms) {
      if (!closed) later.set(key, ms);
    },
    retry(key, retryAfterMs = 0) {
      if (closed) return;
      const row = (failures.get(key) ?? 0) + 1;
      failures.set(key, row);
      metrics.retried(name);
      later.set(key, Math.max(retryAfterMs, equalJitterMs(clock, RETRY, row)));
    },
    forget(key) {
      failures.delete(key);
    },
    take() {
      if (closed) return Promise.resolve(undefined);
      if (waitingSince.size > 0) return Promise.resolve(begin());
      return new Promise((resolve) => takers.push(resolve));
    },
    reads(key) {
      again.delete(key);
    },
    finish(key) {
      const since = workingSince.get(key);
      if (since === undefined) return;
      workingSince.delete(key);
      metrics.worked(name, (clock.monotonic() - since) / 1000);
      const lane = again.get(key);
      again.delete(key);
      if (lane !== undefined) add(key, lane);
    },
    close() {
      closed = true;
      later[Symbol.dispose]();
      for (const lane of LANES) lanes[lane].clear();
      waitingSince.clear();
      again.clear();
      metrics.depth(name, 0);
      for (const taker of takers.splice(0)) taker(undefined);
    },
    get closed() {
      return closed;
    },
    get depth() {
      return waitingSince.size;
    },
    get working() {
      return workingSince.size;
    },
  };
}

function moreUrgent(a: Lane | undefined, b: Lane): Lane {
  return a === undefined || LANES.indexOf(b) < LANES.indexOf(a) ? b : a;
}
