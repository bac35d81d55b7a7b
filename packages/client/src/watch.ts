import { expectStream, isStatus, parse, statusError } from './answer.ts';
import type { WatchEvent, WatchOptions } from './api.ts';
import { send } from './caller.ts';
import type { Wire } from './caller.ts';
import type { Clock } from './clock.ts';
import { ApiError } from './error.ts';
import type { AnyKind } from './kind.ts';
import { lines } from './lines.ts';
import { isObject, live } from './objects.ts';
import { scope } from './scope.ts';
import type { Scope } from './scope.ts';
import { collectionPath, query } from './urls.ts';

/**
 * How long a watch may say nothing; ms. A healthy server bookmarks every 60 s, so two missed ones are a dead line and not a quiet kind:
 * load balancers drop idle connections without a word to either side (spec/runtime.md §0).
 */
export const SILENCE_MS = 150_000;

/** Ends the initial events of a watch with `sendInitialEvents`. */
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

/**
 * Follows a collection. Ends when the server ends it between two events; nothing that goes wrong looks like that end.
 * @throws {ApiError} `Expired` (list again), `Unreachable` (cut off or silent), or what the server refused; or the signal's reason.
 */
export async function* watch<K extends AnyKind>(wire: Wire, kind: K, options: WatchOptions): AsyncGenerator<WatchEvent<K>> {
  const path = `${collectionPath(kind, options)}${query({
    watch: true,
    allowWatchBookmarks: true,
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    resourceVersion: options.resourceVersion,
    sendInitialEvents: options.sendInitialEvents === true ? true : undefined,
    // The server refuses one without the other (spec/sandbox.md §2.4).
    resourceVersionMatch: options.sendInitialEvents === true ? 'NotOlderThan' : undefined,
    timeoutSeconds: options.timeoutSeconds,
  })}`;
  using open = scope(options.signal);
  open.signal.throwIfAborted();
  try {
    const response = await within(wire.clock, open, () => send(wire, { method: 'GET', path }, open.signal));
    await expectStream(response, wire.clock);
    if (response.spoken !== undefined && 'values' in response.spoken) {
      // Within a process no line is ever dead.
      for await (const value of response.spoken.values) yield event(kind, value);
    } else {
      for await (const line of lines(audible(wire.clock, open, response.body), 'lost')) {
        if (line !== '') yield event(kind, parse(line, response.status));
      }
    }
  } catch (error) {
    // Which of us ended it is known here; what a half-closed body throws is a matter of luck.
    open.signal.throwIfAborted();
    throw error;
  }
  open.signal.throwIfAborted();
}

/** Passes a body on and aborts `open` when a chunk takes too long. The time that the reader takes is not the server's silence. */
async function* audible(clock: Clock, open: Scope, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await within(clock, open, () => chunks.next());
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}

async function within<T>(clock: Clock, open: Scope, waited: () => Promise<T>): Promise<T> {
  using _silence = clock.timer(SILENCE_MS, () =>
    open.abort(new ApiError({ code: 0, reason: 'Unreachable', message: `the watch was silent for ${SILENCE_MS / 1000} s` })),
  );
  return await waited();
}

function event<K extends AnyKind>(kind: K, value: unknown): WatchEvent<K> {
  const { type, object } = (value ?? {}) as { type?: unknown; object?: unknown };
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type, object: live(kind, object) };
    case 'BOOKMARK': {
      if (!isObject(object)) break;
      const { resourceVersion, annotations } = object.metadata ?? {};
      if (resourceVersion === undefined) break;
      return { type, resourceVersion, initialEventsEnd: annotations?.[INITIAL_EVENTS_END] === 'true' };
    }
    case 'ERROR':
      if (isStatus(object)) throw statusError(object, object.code ?? 500);
  }
  throw new ApiError({ code: 200, reason: 'Unreadable', message: `watching ${kind.plural}: no event: ${JSON.stringify(value)?.slice(0, 200)}` });
}
