import type { Clock } from '@binnacle/client';

/** Something that changes: whoever waits sees the next change after it began to wait. */
export interface Change {
  happened(): void;
  /** Resolves at the next change, when the signal is aborted, or after `ms` if given. Never rejects. */
  wait(clock: Clock, signal: AbortSignal, ms?: number): Promise<void>;
}

export function change(): Change {
  let waiting = new Set<() => void>();
  return {
    happened() {
      const woken = waiting;
      waiting = new Set();
      for (const wake of woken) wake();
    },
    async wait(clock, signal, ms) {
      if (signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      const wake = () => resolve();
      waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
      using _timer = ms === undefined ? undefined : clock.timer(ms, wake);
      await promise;
      signal.removeEventListener('abort', wake);
      waiting.delete(wake);
    },
  };
}

/** Sleeps, and wakes up without complaint when told to stop. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await change().wait(clock, signal, ms);
}
