// oxlint-disable no-restricted-globals -- the one adapter to real time and chance
import type { Clock } from './clock.ts';

/** The machine's own time. Pending timers keep the process alive: whoever sets one disposes of it. */
export function systemClock(): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: () => Math.random(),
    turn: () => new Promise((resolve) => setImmediate(resolve)),
    timer(ms, task) {
      const handle = setTimeout(task, ms);
      return { [Symbol.dispose]: () => clearTimeout(handle) };
    },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason as Error);
        const abort = () => {
          clearTimeout(handle);
          reject(signal?.reason as Error);
        };
        const handle = setTimeout(() => {
          signal?.removeEventListener('abort', abort);
          resolve();
        }, ms);
        signal?.addEventListener('abort', abort, { once: true });
      });
    },
  };
}
