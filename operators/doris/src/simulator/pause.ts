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
      waiting.add(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
      using _timer = ms === undefined ? undefined : clock.timer(ms, resolve);
      await promise;
      waiting.delete(resolve);
    },
  };
}

/** Sleeps, and wakes up without complaint when told to stop. */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  await change().wait(clock, signal, ms);
}
