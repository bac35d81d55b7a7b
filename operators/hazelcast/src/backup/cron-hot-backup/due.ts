import type { Schedule } from '../../api/schedule.ts';

/** Longer sleeps are cut: timers of the machine count ms in 31 bits. */
export const SLEEP_MOST_MS = 24 * 3_600_000;
/** More times than this are not gone through; the last of them then stands for the newest. */
const TIMES_MOST = 10_000;

/** What a schedule asks for now; ms. */
export interface Due {
  /** The newest time that has come; undefined: none since the last. */
  readonly at: number | undefined;
  /** How many before it have passed without a backup. */
  readonly missed: number;
  /** The next time that is still to come; undefined: never. */
  readonly next: number | undefined;
}

/** What has come due after `last`, up to `now`. Only the newest counts: ten backups one after the other are no better than one. Pure; ms. */
export function due(schedule: Schedule, last: number, now: number): Due {
  let at: number | undefined;
  let missed = 0;
  let next = schedule.after(last);
  while (next !== undefined && next <= now) {
    if (at !== undefined) missed += 1;
    at = next;
    next = schedule.after(missed < TIMES_MOST ? next : now);
  }
  return { at, missed, next };
}
