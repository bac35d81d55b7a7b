import { ApiError, isExpired, isForbidden, isNotFound } from '@binnacle/client';
import type { AnyKind, Clock, Reader, WatchEvent } from '@binnacle/client';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { fullJitterMs } from '../queue/backoff.ts';
import type { Change, Store } from './store.ts';
import type { AnyLive } from './id.ts';
import { kindId } from './id.ts';
import { told } from '../reconcile/failure.ts';
import { versionOf } from './version.ts';

/** Own back-off of each reflector, full jitter: one failing kind slows no other (spec/runtime.md §2). */
export const RECONNECT = { firstMs: 800, mostMs: 30_000 } as const;
/** A stream that lived this long ends a row of failures. */
const STABLE_MS = 120_000;
/** A stream that the server ended earlier counts as a failure: without this a server that closes at once is stormed. */
const SHORT_MS = 5_000;
/** After so many failures in a row it is told: ten seconds or so. */
const LASTING = 5;
/** What stays wrong is said again after so long; ms. */
const REMIND_MS = 1_800_000;
/** A list older than what was seen comes from a server that lags behind; after so many in a row the server was restored from a backup. */
const STALE_LISTS = 5;

/** Keeps a store like the server: reads all, follows changes, goes on where it was after whatever breaks. */
export interface Reflector {
  /** Until `signal`. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  readonly synced: boolean;
  /** Whether everything up to this version was seen. */
  hasSeen(version: bigint): boolean;
}

/** What a reflector works with. `changed` is told after the store has changed; `advanced` when a version was seen or the first read is complete. */
export interface ReflectorParts {
  readonly kind: AnyKind;
  /** Absent: all namespaces, or a kind that lives in none. */
  readonly namespace: string | undefined;
  readonly api: Reader;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly store: Store;
  readonly changed: (changes: readonly Change[], initial: boolean) => void;
  readonly advanced: () => void;
}

interface Position {
  /** Where to go on from; `undefined`: read all again. */
  from: string | undefined;
  seen: bigint | undefined;
  synced: boolean;
  /** Cleared for good when the server refuses to stream the first read. */
  watchList: boolean;
  staleLists: number;
  /** The trouble that was warned of last, and when; `undefined`: none since the kind was read. */
  told: { readonly trouble: string; readonly atMs: number } | undefined;
}

/** A reflector of one kind in one namespace or all. */
export function reflector(parts: ReflectorParts): Reflector {
  const at: Position = { from: undefined, seen: undefined, synced: false, watchList: true, staleLists: 0, told: undefined };
  return {
    run: (signal) => run(parts, at, signal),
    get synced() {
      return at.synced;
    },
    hasSeen: (version) => at.seen !== undefined && at.seen >= version,
  };
}

async function run(parts: ReflectorParts, at: Position, signal: AbortSignal): Promise<void> {
  const { clock } = parts;
  let failures = 0;
  while (!signal.aborted) {
    const started = clock.monotonic();
    let waitMs = 0;
    try {
      await connection(parts, at, signal);
      if (clock.monotonic() - started < SHORT_MS) waitMs = fullJitterMs(clock, RECONNECT, ++failures);
    } catch (error) {
      if (signal.aborted) return;
      if (clock.monotonic() - started >= STABLE_MS) failures = 0;
      waitMs = Math.max(fullJitterMs(clock, RECONNECT, ++failures), error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0);
      tellOf(parts, at, error, { isTrouble: learn(parts, at, error), failures });
    }
    if (clock.monotonic() - started >= STABLE_MS) failures = 0;
    if (waitMs > 0) await clock.sleep(waitMs, signal).catch(() => undefined); // rejects only when aborted, which the loop sees
  }
}

/** What an error says about how to go on. False: it was only that the server wants to be asked differently. */
function learn(parts: ReflectorParts, at: Position, error: unknown): boolean {
  const { metrics, kind } = parts;
  metrics.watch(kindId(kind), 'error');
  const differently = isExpired(error) || isTooNew(error);
  if (differently) at.from = undefined;
  if (at.from === undefined && at.watchList && refusesStreaming(error)) {
    at.watchList = false;
    return false;
  }
  if (isNotFound(error)) {
    // The CRD is gone, and all of its objects with it; it may come back.
    at.from = undefined;
    if (at.synced) tell(parts, parts.store.replace([], parts.namespace), false);
  }
  return !differently;
}

/**
 * What only a person heals is said at once, the rest when it keeps the process from getting ready or lasts: whoever is not told looks for the reason of a
 * process that does nothing. The same trouble is said again when it is half an hour old, not at each try.
 */
function tellOf(
  { log, kind, clock }: ReflectorParts,
  at: Position,
  error: unknown,
  { isTrouble, failures }: { readonly isTrouble: boolean; readonly failures: number },
): void {
  const said = { kind: kindId(kind), error: told(error).message };
  const trouble = isTrouble && (isForbidden(error) || isNotFound(error) || !at.synced || failures >= LASTING) ? troubleOf(error) : undefined;
  const nowMs = clock.monotonic();
  if (trouble === undefined || (at.told?.trouble === trouble && nowMs - at.told.atMs < REMIND_MS)) return log.debug(said, 'watch broke');
  at.told = { trouble, atMs: nowMs };
  log.warn(said, trouble);
}

function troubleOf(error: unknown): string {
  if (isForbidden(error)) return 'may not be read';
  if (isNotFound(error)) return 'the server does not know this kind: its CustomResourceDefinition has to be installed';
  return 'cannot be read now, will be tried again';
}

/** Ends what `tellOf` began. */
function tellRead({ log, kind }: ReflectorParts, at: Position): void {
  if (at.told === undefined) return;
  log.info({ kind: kindId(kind), was: at.told.trouble }, 'the kind is served and can be read again');
  at.told = undefined;
}

/** The server has not come to that version yet: another replica, or a restored backup. */
function isTooNew(error: unknown): boolean {
  return (
    error instanceof ApiError && error.code === 504 && (error.reason === 'Timeout' || error.causes.some((cause) => cause.reason === 'ResourceVersionTooLarge'))
  );
}

function refusesStreaming(error: unknown): boolean {
  return error instanceof ApiError && [400, 405, 406, 422, 501].includes(error.code);
}

/** One connection: reads all if it must, then follows until the server ends the stream. That a line is dead, `api.watch` tells (150 s of silence). */
async function connection(parts: ReflectorParts, at: Position, signal: AbortSignal): Promise<void> {
  const { api, clock, kind, namespace } = parts;
  const scope = { ...(namespace === undefined ? {} : { namespace }), signal };
  const streamed = at.from === undefined && at.watchList;
  if (at.from === undefined && !streamed) {
    const list = await api.list(kind, scope);
    complete(parts, at, list.items, list.resourceVersion);
  }
  const timeoutSeconds = Math.round(240 + clock.random() * 240);
  const start = at.from === undefined ? { sendInitialEvents: true } : { resourceVersion: at.from };
  const initial: AnyLive[] | undefined = streamed ? [] : undefined;
  let reading = initial;
  for await (const event of api.watch(kind, { ...scope, ...start, timeoutSeconds })) {
    if (reading === undefined) follow(parts, at, event);
    else if (event.type === 'BOOKMARK' && event.initialEventsEnd) {
      complete(parts, at, reading, event.resourceVersion);
      reading = undefined;
    } else if (event.type === 'BOOKMARK') {
      // A server that knows streaming sends no other bookmark before the one that ends the first read: this one ignored our wish.
      at.watchList = false;
      return;
    } else collect(reading, event.type, event.object);
  }
}

/** The first part of a stream may hold changes of what it already sent. */
function collect(reading: AnyLive[], type: 'ADDED' | 'MODIFIED' | 'DELETED', object: AnyLive): void {
  const index = type === 'ADDED' ? -1 : reading.findIndex((other) => other.metadata.uid === object.metadata.uid);
  if (index !== -1) reading.splice(index, 1);
  if (type !== 'DELETED') reading.push(object);
}

function complete(parts: ReflectorParts, at: Position, items: readonly AnyLive[], resourceVersion: string): void {
  const version = versionOf(resourceVersion);
  if (at.seen !== undefined && version !== undefined && version < at.seen && ++at.staleLists < STALE_LISTS) {
    throw new ApiError({ code: 504, reason: 'Timeout', message: `the server listed version ${version}, and ${at.seen} was seen before` });
  }
  at.staleLists = 0;
  at.from = resourceVersion;
  at.seen = version;
  const initial = !at.synced;
  at.synced = true;
  if (!initial) parts.metrics.watch(kindId(parts.kind), 'relist');
  tellRead(parts, at);
  tell(parts, parts.store.replace(items, parts.namespace), initial);
}

function follow(parts: ReflectorParts, at: Position, event: WatchEvent<AnyKind>): void {
  const { store } = parts;
  tellRead(parts, at);
  const resourceVersion = event.type === 'BOOKMARK' ? event.resourceVersion : (event.object as AnyLive).metadata.resourceVersion;
  const version = versionOf(resourceVersion);
  // A repeated event must not turn the position back.
  if (version === undefined || at.seen === undefined || version >= at.seen) {
    at.from = resourceVersion;
    at.seen = version;
  }
  const changes = event.type === 'BOOKMARK' ? [] : event.type === 'DELETED' ? store.remove(event.object) : store.put(event.object);
  tell(parts, changes, false);
}

function tell(parts: ReflectorParts, changes: readonly Change[], initial: boolean): void {
  if (changes.length > 0) {
    parts.metrics.cached(kindId(parts.kind), parts.store.size);
    parts.changed(changes, initial);
  }
  parts.advanced();
}
