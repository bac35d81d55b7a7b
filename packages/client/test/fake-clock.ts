import type { Clock } from '../src/index.ts';

/** A clock that stands still until it is told to go on. `pending`: timers that are set. */
export interface FakeClock extends Clock {
  readonly pending: number;
  advance(ms: number): void;
}

/** Starts at 2026-01-01T00:00:00Z. */
export function fakeClock(): FakeClock {
  let now = Date.UTC(2026, 0, 1); // oxlint-disable-line no-restricted-globals -- a constant
  const timers = new Set<{ readonly at: number; readonly task: () => void }>();
  const timer = (ms: number, task: () => void): Disposable => {
    const entry = { at: now + ms, task };
    timers.add(entry);
    return { [Symbol.dispose]: () => void timers.delete(entry) };
  };
  return {
    now: () => now,
    monotonic: () => now,
    random: () => 0.5,
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    timer,
    sleep: (ms) => new Promise((resolve) => void timer(ms, resolve)),
    get pending() {
      return timers.size;
    },
    advance(ms) {
      now += ms;
      for (const entry of [...timers].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at)) {
        if (timers.delete(entry)) entry.task();
      }
    },
  };
}
