import { parseTimestamp } from '@binnacle/client';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The time since a timestamp as kubectl prints ages; `<unknown>` when there is no timestamp, `<invalid>` when it is in the future. */
export function ageOf(since: unknown, nowMs: number): string {
  const at = typeof since === 'string' ? parseTimestamp(since) : Number.NaN;
  return Number.isNaN(at) ? '<unknown>' : humanDuration(nowMs - at);
}

/** `27s`, `5m30s`, `3h2m`, `2d`: two units while they say something, one when they do not. Ms. */
export function humanDuration(ms: number): string {
  // A clock may be a little behind; two seconds or more are a mistake.
  if (ms <= -2 * SECOND) return '<invalid>';
  const seconds = Math.max(0, Math.floor(ms / SECOND));
  if (ms < 2 * MINUTE) return `${seconds}s`;
  const minutes = Math.floor(ms / MINUTE);
  if (ms < 10 * MINUTE) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`;
  if (ms < 3 * HOUR) return `${minutes}m`;
  const hours = Math.floor(ms / HOUR);
  if (ms < 8 * HOUR) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`;
  if (ms < 2 * DAY) return `${hours}h`;
  const days = Math.floor(ms / DAY);
  if (ms < 8 * DAY) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`;
  if (ms < 2 * 365 * DAY) return `${days}d`;
  const years = Math.floor(days / 365);
  if (ms < 8 * 365 * DAY) return days % 365 === 0 ? `${years}y` : `${years}y${days % 365}d`;
  return `${years}y`;
}
