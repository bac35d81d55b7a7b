/**
 * All time and all chance. Nothing else in Binnacle may call `setTimeout`, `Date.now` or `Math.random`, so that a test
 * lets hours pass in milliseconds and a seed replays a run.
 */
export interface Clock {
  /** Wall clock, ms since the epoch. */
  now(): number;
  /** Ms that never go back: for deadlines and durations. */
  monotonic(): number;
  /** Resolves after `ms`. Rejects with the signal's reason when it is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Resolves at the next turn of the event loop, without time passing: what has arrived from sockets meanwhile is read before. */
  turn(): Promise<void>;
  /** Runs `task` once after `ms`, unless disposed of before. A task must not throw. */
  timer(ms: number, task: () => void): Disposable;
  /** A number in [0, 1). */
  random(): number;
}

/** A dead line that can be put off: `signal` aborts when `ms` have passed since the last `reset()`. */
export interface Alarm extends Disposable {
  readonly signal: AbortSignal;
  reset(): void;
}

/** An alarm on a clock. `signal` aborts with a TimeoutError. */
export function alarm(clock: Clock, ms: number): Alarm {
  const controller = new AbortController();
  const ring = () => controller.abort(new DOMException(`nothing happened for ${ms} ms`, 'TimeoutError'));
  let timer = clock.timer(ms, ring);
  return {
    signal: controller.signal,
    reset() {
      timer[Symbol.dispose]();
      timer = clock.timer(ms, ring);
    },
    [Symbol.dispose]() {
      timer[Symbol.dispose]();
    },
  };
}
