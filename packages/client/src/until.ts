import type { Reader, Ref, WatchEvent } from './api.ts';
import { ApiError, isExpired } from './error.ts';
import type { AnyKind, Live } from './kind.ts';

/** How often in a row a watch may end or expire without a word before we say so: without a bound it would be a storm of requests. */
const EMPTY_ROUNDS = 5;

/**
 * Waits until one object is as wanted: reads it, then follows it, as often as the server ends the watch or forgets its version.
 * `predicate` gets `undefined` while there is none, and what it accepted is what comes back.
 * @throws {ApiError} any other failure of a call, `Unreachable` too, or the signal's reason: it does not wait out an API server that is down.
 */
export async function until<K extends AnyKind>(
  api: Pick<Reader, 'list' | 'watch'>,
  kind: K,
  ref: Ref,
  predicate: (object: Live<K> | undefined) => boolean,
  signal: AbortSignal,
): Promise<Live<K> | undefined> {
  const where = { ...(ref.namespace === undefined ? {} : { namespace: ref.namespace }), fieldSelector: `metadata.name=${ref.name}`, signal };
  for (let empty = 0; empty < EMPTY_ROUNDS; empty += 1) {
    const { items, resourceVersion } = await api.list(kind, where);
    if (predicate(items[0])) return items[0];
    try {
      for (let from = resourceVersion; empty < EMPTY_ROUNDS; empty += 1) {
        for await (const event of api.watch(kind, { ...where, resourceVersion: from })) {
          empty = 0;
          from = versionOf(event);
          if (event.type === 'BOOKMARK') continue;
          const object = event.type === 'DELETED' ? undefined : event.object;
          if (predicate(object)) return object;
        }
      }
    } catch (error) {
      if (!isExpired(error)) throw error;
    }
  }
  throw new ApiError({
    code: 0,
    reason: 'Unreachable',
    message: `${kind.kind} ${ref.name}: the server ended ${EMPTY_ROUNDS} watches in a row without an event`,
  });
}

function versionOf(event: WatchEvent<AnyKind>): string {
  return event.type === 'BOOKMARK' ? event.resourceVersion : event.object.metadata.resourceVersion;
}
