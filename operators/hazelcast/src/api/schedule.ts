import { parseTimestamp, timestamp } from '@binnacle/client';
import { Cron } from 'croner';

/** Times by a pattern. All times are ms since the epoch, at whole seconds. */
export interface Schedule {
  /** The first time after this one; undefined: never again. */
  after(ms: number): number | undefined;
}

const UNITS = { h: 3_600_000, m: 60_000, s: 1_000 } as const;
const EVERY = /^@every\s+((?:\d+(?:\.\d+)?[hms])+)$/;
const ZONE = /^(?:CRON_)?TZ=(\S+)\s+/;

/** Two times of the same text in different zones are two schedules: the zone becomes part of the text. */
export function zoned(text: string, timeZone: string | undefined): string {
  return timeZone === undefined ? text : `CRON_TZ=${timeZone} ${text}`;
}

/** Whether the text names its zone itself. */
export function namesZone(text: string): boolean {
  return ZONE.test(text);
}

/**
 * A schedule as users of the existing operator write it: cron with or without seconds, `@hourly` …, `@every 1h30m`, all in UTC unless `TZ=` or `CRON_TZ=`
 * stands before it. `@every` counts from `anchorMs`, so that a restart shifts nothing.
 * @throws {Error} what is wrong with it
 */
export function schedule(text: string, anchorMs: number): Schedule {
  const zone = ZONE.exec(text);
  const pattern = zone === null ? text.trim() : text.slice(zone[0].length).trim();
  const every = EVERY.exec(pattern)?.[1];
  if (every !== undefined) return interval(every, anchorMs);
  if (pattern.startsWith('@every')) throw new Error('@every takes hours, minutes and seconds: @every 1h30m');
  const cron = new Cron(pattern, { timezone: zone?.[1] ?? 'UTC', paused: true });
  // A zone that does not exist is noticed only when it is used.
  cron.nextRun(timestamp(anchorMs));
  return { after: (ms) => cron.nextRun(timestamp(ms))?.getTime() };
}

function interval(text: string, anchorMs: number): Schedule {
  let ms = 0;
  for (const [, count = '', unit = ''] of text.matchAll(/([\d.]+)([hms])/g)) ms += Number(count) * UNITS[unit as keyof typeof UNITS]; // sound: the pattern has no other
  const every = Math.max(1_000, Math.floor(ms / 1_000) * 1_000);
  const anchor = Math.floor(anchorMs / 1_000) * 1_000;
  return { after: (after) => anchor + (Math.floor((after - anchor) / every) + 1) * every };
}

/** What is wrong with it; undefined: nothing. */
export function scheduleProblem(text: string): string | undefined {
  try {
    schedule(text, parseTimestamp('2026-01-01T00:00:00Z'));
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
