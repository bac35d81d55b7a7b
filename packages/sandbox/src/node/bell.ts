/** Tells those who wait that something has changed. What it was they look up themselves. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, or when the signal is aborted. */
  next(signal: AbortSignal): Promise<void>;
}

/** A bell that nobody waits for yet. */
export function bell(): Bell {
  let waiting = new Set<() => void>();
  return {
    ring() {
      const all = waiting;
      waiting = new Set();
      for (const wake of all) wake();
    },
    next(signal) {
      return new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const wake = () => {
          waiting.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        waiting.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    },
  };
}
