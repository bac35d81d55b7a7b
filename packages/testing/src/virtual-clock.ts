import type { Clock } from '@binnacle/client';

/** A clock whose time stands still until everything that can happen now has happened. A seed replays its chance. */
export interface VirtualClock extends Clock {
  /**
   * Lets things happen until `condition` holds, moving time to the next timer whenever nothing else can happen.
   * @throws {Error} when `withinMs` of virtual time have passed, or no timer is left, and it still does not hold; `describe` says what is there instead.
   */
  until(condition: () => boolean | Promise<boolean>, options?: { readonly withinMs?: number; readonly describe?: () => string }): Promise<void>;
  /** Lets `ms` pass, and all that is due in them happen. */
  advance(ms: number): Promise<void>;
  /** Lets everything happen that can happen without time passing. */
  settle(): Promise<void>;
  /** Calls `look` at each instant, when all that can happen in it has happened; what it throws fails who let time pass. It must let no time pass itself. */
  watch(look: () => void | Promise<void>): Disposable;
}

interface Timer {
  readonly at: number;
  readonly task: () => void;
  /** Disposed of: left in its place for a while, since most are. */
  off: boolean;
}

/** Turns of the event loop without a timer being due, after which nothing more is on its way: streams and parsers in the process need a few each. */
const QUIET_TURNS = 12;
/** So many timers that have run or are no longer wanted may lie about before they are swept up. */
const MAX_UNWANTED = 1_000;
const DEFAULT_WITHIN_MS = 3_600_000;

/** Starts at 2026-01-01T00:00:00Z. `seed`: same seed, same `random()`. */
export function virtualClock(options: { readonly seed?: number } = {}): VirtualClock {
  const start = 1_767_225_600_000;
  let now = start;
  /** By time; those of one instant in the order in which they were set. From `first` on: the ones before have run. */
  let timers: Timer[] = [];
  let first = 0;
  let unwanted = 0;
  let awaited = 0;
  const random = mulberry32(options.seed ?? 1);
  const watchers = new Set<() => void | Promise<void>>();

  function timer(ms: number, task: () => void): Disposable {
    const entry: Timer = { at: now + Math.max(0, ms), task, off: false };
    let [low, high] = [first, timers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (timers[middle]!.at > entry.at) high = middle;
      else low = middle + 1;
    }
    timers.splice(low, 0, entry);
    return {
      [Symbol.dispose]() {
        entry.off = true;
        if (++unwanted > MAX_UNWANTED && unwanted * 2 > timers.length) tidy();
      },
    };
  }

  function tidy(): void {
    timers = timers.slice(first).filter(({ off }) => !off);
    first = 0;
    unwanted = 0;
  }

  /** The next one that is still wanted. */
  function next(): Timer | undefined {
    while (timers[first]?.off === true) first++;
    if (first > MAX_UNWANTED) tidy();
    return timers[first];
  }

  function sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const abort = () => {
        handle[Symbol.dispose]();
        reject(signal?.reason as Error);
      };
      const handle = timer(ms, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  /** Somebody waits for a turn: what he does then is still to happen, however many came before him. */
  async function turn(): Promise<void> {
    awaited++;
    await nextTurn();
    awaited--;
  }

  async function settle(): Promise<void> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
      await nextTurn();
      if (awaited > 0) quiet = 0;
    }
  }

  async function happened(): Promise<void> {
    await settle();
    for (const look of watchers) await look();
  }

  /** Runs the timers of the next instant, if there is one not after `limit`. */
  function tick(limit: number): boolean {
    let due = next();
    if (due === undefined || due.at > limit) return false;
    now = Math.max(now, due.at);
    for (; due !== undefined && due.at <= now; due = next()) {
      first++;
      due.task();
    }
    return true;
  }

  return {
    now: () => now,
    monotonic: () => now - start,
    random,
    turn,
    timer,
    sleep,
    settle,
    watch(look) {
      watchers.add(look);
      return { [Symbol.dispose]: () => void watchers.delete(look) };
    },
    async advance(ms) {
      const end = now + ms;
      await happened();
      while (tick(end)) await happened();
      now = end;
      await happened();
    },
    async until(condition, { withinMs = DEFAULT_WITHIN_MS, describe } = {}) {
      const end = now + withinMs;
      await happened();
      while (!(await condition())) {
        if (!tick(end)) throw new Error(`did not come true within ${withinMs / 1000} s of virtual time${describe === undefined ? '' : `: ${describe()}`}`);
        await happened();
      }
    },
  };
}

function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
