import { timestamp } from '@binnacle/client';
import { Cron } from 'croner';

/** When a CronJob is due. All times in ms since the epoch. */
export interface Schedule {
  /** The first time after `ms`. Undefined: never again, e.g. on 31 February. */
  next(ms: number): number | undefined;
  /** The last times after `fromMs`, until and with `untilMs`: `most` of them, the latest first. */
  last(fromMs: number, untilMs: number, most: number): readonly number[];
}

export type Parsed = { readonly schedule: Schedule } | { readonly reason: 'UnparseableSchedule' | 'UnknownTimeZone'; readonly message: string };

/** What Kubernetes reads: five fields or a nickname. The library reads more (`L`, `W`, `#`, seconds, `@every`), and a real cluster would refuse it. */
const PLAIN = /^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|[0-9*?/,A-Za-z -]+)$/;
const NAMES = /JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT/gi;

/** Reads a schedule as the CronJob's field has it. `zone`: an IANA name; absent: UTC, as our controllers have no other. Never throws. */
export function parse(text: string, zone = 'UTC'): Parsed {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    return { reason: 'UnknownTimeZone', message: `invalid timeZone: "${zone}": unknown time zone ${zone}` };
  }
  const bad = (why: string): Parsed => ({ reason: 'UnparseableSchedule', message: `unparseable schedule: "${text}" : ${why}` });
  const letters = text.startsWith('@') ? '' : text.replaceAll(NAMES, '');
  if (!PLAIN.test(text.trim()) || /[A-Za-z]/.test(letters))
    return bad('expected five fields of numbers, names, lists, ranges and steps, or a nickname such as @daily');
  try {
    // To the library `?` is the present moment; here it is a `*`.
    const cron = new Cron(text.trim().replaceAll('?', '*'), { timezone: zone, mode: '5-part', paused: true });
    return { schedule: scheduleOf(cron) };
  } catch (error) {
    return bad(error instanceof Error ? error.message : String(error));
  }
}

function scheduleOf(cron: Cron): Schedule {
  return {
    next: (ms) => cron.nextRun(timestamp(ms))?.getTime(),
    // The library's end is exclusive, and it counts in seconds.
    last: (fromMs, untilMs, most) =>
      cron
        .previousRuns(most, timestamp(untilMs + 1000))
        .map((at) => at.getTime())
        .filter((at) => at > fromMs && at <= untilMs),
  };
}
