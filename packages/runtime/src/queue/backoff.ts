import type { Clock } from '@binnacle/client';

/** How long to stay away from something that failed: doubles from `firstMs` to `mostMs`. */
export interface BackoffLimits {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** The longest wait after the `failures`-th failure in a row (1 is the first); ms, without jitter. */
export function ceilingMs(limits: BackoffLimits, failures: number): number {
  // 2 ** 40 is beyond every limit in use: without the cap a long row of failures would reach Infinity * 0.
  return Math.min(limits.mostMs, limits.firstMs * 2 ** Math.min(40, Math.max(0, failures - 1)));
}

/** Between half of the ceiling and all of it: objects that failed together do not come back together, and none comes back at once. */
export function equalJitterMs(clock: Clock, limits: BackoffLimits, failures: number): number {
  const ceiling = ceilingMs(limits, failures);
  return ceiling / 2 + (clock.random() * ceiling) / 2;
}

/** Between nothing and the ceiling: spreads many clients of one server best (spec/runtime.md §2, reflectors). */
export function fullJitterMs(clock: Clock, limits: BackoffLimits, failures: number): number {
  return clock.random() * ceilingMs(limits, failures);
}
