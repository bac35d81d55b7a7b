import { pino, stdTimeFunctions } from 'pino';
import type { DestinationStream, Logger as Pino } from 'pino';
import type { Logger } from './log.ts';

/** Names of fields whose values never reach a log, at any depth that `scrub` goes to. */
const SECRET = /pass(word|wd|phrase)?$|secret$|token$|credential|private|licen[cs]ekey|^key$|apikey|accesskey|authorization/i;
const DEPTH = 6;

/**
 * A log of JSON lines, each with `level`, `time` (ISO 8601, UTC), `message` and the fields given. `level`: `trace`, `debug`, `info`, `warn`, `error` or `silent`. Values under names that mean a secret are replaced.
 * Default destination: standard error.
 */
export function logger(options: { readonly level: string; readonly destination?: { write(line: string): void } }): Logger {
  const settings = {
    level: options.level,
    base: null,
    messageKey: 'message',
    // Read by people at night, and compared with what Events and statuses say.
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return wrap(pino(settings, options.destination === undefined ? pino.destination(2) : (options.destination as DestinationStream)));
}

const nothing = (): void => undefined;

/** Says nothing. */
export const silentLogger: Logger = Object.freeze({ debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => silentLogger });

function wrap(inner: Pino): Logger {
  return {
    debug: (fields, message) => inner.debug(scrub(fields), message),
    info: (fields, message) => inner.info(scrub(fields), message),
    warn: (fields, message) => inner.warn(scrub(fields), message),
    error: (fields, message) => inner.error(scrub(fields), message),
    child: (fields) => wrap(inner.child(scrub(fields))),
  };
}

/** pino's own redaction knows fixed paths only, and a secret is where somebody did not expect it. */
function scrub(fields: Readonly<Record<string, unknown>>, depth = DEPTH): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, SECRET.test(name) && value !== undefined ? '[redacted]' : within(value, depth)]),
  );
}

function within(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  if (depth === 0) return '[deep]';
  if (Array.isArray(value)) return value.map((item) => within(item, depth - 1));
  return scrub(value as Record<string, unknown>, depth - 1);
}
