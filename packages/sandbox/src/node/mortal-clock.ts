import type { Clock } from '@binnacle/client';

/**
 * A process' clock: when the process is killed its sleeps reject and its timers are forgotten. A program that was killed cannot be stopped from
 * outside, but it gets no further than its next wait.
 */
export function mortalClock(clock: Clock, killed: AbortSignal): Clock {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    random: () => clock.random(),
    async turn() {
      await clock.turn();
      killed.throwIfAborted();
    },
    sleep: (ms, signal) => clock.sleep(ms, signal === undefined ? killed : AbortSignal.any([signal, killed])),
    timer(ms, task) {
      if (killed.aborted) return { [Symbol.dispose]: () => undefined };
      const end = () => {
        killed.removeEventListener('abort', end);
        timer[Symbol.dispose]();
      };
      const timer = clock.timer(ms, () => {
        killed.removeEventListener('abort', end);
        task();
      });
      killed.addEventListener('abort', end, { once: true });
      return { [Symbol.dispose]: end };
    },
  };
}
