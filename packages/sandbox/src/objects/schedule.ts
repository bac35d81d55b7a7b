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

/** What Kubernetes reads: five fields or a nickname. The library reads more (`L`, `W`, `#`, seconds), and a real cluster would refuse it. */
const PLAIN = /^(@(yearly|annually|monthly|weekly|daily|midnight|hourly)|[0-9*?/,A-Za-z -]+)$/;
const NAMES = /JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC|SUN|MON|TUE|WED|THU|FRI|SAT/gi;

/** `@every 1h30m`: a duration as Go writes it. */
const EVERY = /^@every\s+((?:\d+(?:\.\d+)?(?:h|m|s|ms))+)$/;
const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/**
 * Reads a schedule as the CronJob's field has it. `zone`: an IANA name; absent: UTC, as our controllers have no other. `anchorMs`: from when on `@every` is
 * counted: the last start, or the CronJob's creation. Never throws.
 */
export function parse(text: string, zone = 'UTC', anchorMs = 0): Parsed {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
  } catch {
    return { reason: 'UnknownTimeZone', message: `invalid timeZone: "${zone}": unknown time zone ${zone}` };
  }
  const bad = (why: string): Parsed => ({ reason: 'UnparseableSchedule', message: `unparseable schedule: "${text}" : ${why}` });
  const every = EVERY.exec(text.trim())?.[1];
  if (every !== undefined) return { schedule: everySchedule(durationMs(every), anchorMs) };
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

function durationMs(text: string): number {
  const parts = Array.from(text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g), ([, number, unit]) => Number(number) * UNIT_MS[unit!]!);
  const total = parts.reduce((sum, ms) => sum + ms, 0);
  // Whole seconds, one at the least. Source: robfig/cron, Every().
  return Math.max(1000, Math.floor(total / 1000) * 1000);
}

function everySchedule(stepMs: number, anchorMs: number): Schedule {
  const stepsUntil = (ms: number) => Math.floor((ms - anchorMs) / stepMs);
  return {
    next: (ms) => anchorMs + Math.max(1, stepsUntil(ms) + 1) * stepMs,
    last(fromMs, untilMs, most) {
      const latest = stepsUntil(untilMs);
      return Array.from({ length: Math.max(0, Math.min(most, latest)) }, (_, back) => anchorMs + (latest - back) * stepMs).filter((at) => at > fromMs);
    },
  };
}
