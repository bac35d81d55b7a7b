import type { AnyKind, Api, Clock, ListOptions, Live } from '@binnacle/client';
import { ApiError, isExpired } from '@binnacle/client';
import type { Logger } from '@binnacle/runtime';

const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 30_000;

/** What a follower has seen of one kind, kept up to date. Closing it ends its watch. */
export interface Follower<K extends AnyKind> extends AsyncDisposable {
  /** Resolves after the first list: to true; to false when the server does not serve the kind, or the follower was closed before. */
  readonly synced: Promise<boolean>;
  get(key: string): Live<K> | undefined;
  values(): readonly Live<K>[];
}

export interface FollowOptions<K extends AnyKind> {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Logger;
  readonly kind: K;
  readonly select?: Pick<ListOptions, 'namespace' | 'labelSelector' | 'fieldSelector'>;
  /** Called for each change, in the server's order; `now` is undefined when the object has gone. Must not throw. */
  readonly changed?: (now: Live<K> | undefined, before: Live<K> | undefined) => void;
  /** Stop for good when the server says 404 to the first list: for kinds that it need not know. Default false: ask again later. */
  readonly optional?: boolean;
}

/** The key of an object in a follower: `namespace/name`, or the name alone in cluster scope. */
export function keyOf(ref: { readonly namespace?: string; readonly name: string }): string {
  return ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
}

/**
 * Lists a kind, then watches it from there; lists again when the server has forgotten the version. Never gives up on a server that fails:
 * it asks again after 0.5 s, doubling to 30 s.
 */
export function follow<K extends AnyKind>(options: FollowOptions<K>): Follower<K> {
  const { clock, log, kind } = options;
  const store = new Map<string, Live<K>>();
  const stopped = new AbortController();
  const synced = Promise.withResolvers<boolean>();
  const run = async () => {
    let retryMs = RETRY_FIRST_MS;
    while (!stopped.signal.aborted) {
      try {
        let from = await relist(options, store, stopped.signal);
        synced.resolve(true);
        retryMs = RETRY_FIRST_MS;
        for (;;) from = await watchFrom(options, store, from, stopped.signal);
      } catch (error) {
        if (stopped.signal.aborted) return;
        if (options.optional === true && error instanceof ApiError && error.code === 404) return;
        if (isExpired(error)) continue;
        log.debug({ kind: kind.kind, error: String(error) }, 'watch interrupted');
        await clock.sleep(retryMs, stopped.signal).catch(() => undefined);
        retryMs = Math.min(retryMs * 2, RETRY_MOST_MS);
      }
    }
  };
  const running = run().finally(() => synced.resolve(false));
  return {
    synced: synced.promise,
    get: (key) => store.get(key),
    values: () => [...store.values()],
    async [Symbol.asyncDispose]() {
      stopped.abort();
      await running;
    },
  };
}

async function relist<K extends AnyKind>(options: FollowOptions<K>, store: Map<string, Live<K>>, signal: AbortSignal): Promise<string> {
  const list = await options.api.list(options.kind, { ...options.select, signal });
  const gone = new Map(store);
  for (const item of list.items) {
    const key = keyOf(item.metadata);
    const before = gone.get(key);
    gone.delete(key);
    if (before?.metadata.resourceVersion === item.metadata.resourceVersion) continue;
    // Another UID under the same name: the one we knew has gone, whether or not the list shows it.
    if (before !== undefined && before.metadata.uid !== item.metadata.uid) remove(options, store, key, before);
    put(options, store, key, item);
  }
  for (const [key, before] of gone) remove(options, store, key, before);
  return list.resourceVersion;
}

async function watchFrom<K extends AnyKind>(options: FollowOptions<K>, store: Map<string, Live<K>>, from: string, signal: AbortSignal): Promise<string> {
  let seen = from;
  let events = 0;
  for await (const event of options.api.watch(options.kind, { ...options.select, resourceVersion: from, signal })) {
    events += 1;
    if (event.type === 'BOOKMARK') {
      seen = event.resourceVersion;
      continue;
    }
    const key = keyOf(event.object.metadata);
    seen = event.object.metadata.resourceVersion;
    if (event.type === 'DELETED') remove(options, store, key, event.object);
    else put(options, store, key, event.object);
  }
  signal.throwIfAborted();
  // A server that ends streams at once must not be asked in a tight loop.
  if (events === 0) await options.clock.sleep(RETRY_FIRST_MS, signal);
  return seen;
}

function put<K extends AnyKind>(options: FollowOptions<K>, store: Map<string, Live<K>>, key: string, now: Live<K>): void {
  const before = store.get(key);
  store.set(key, now);
  options.changed?.(now, before);
}

function remove<K extends AnyKind>(options: FollowOptions<K>, store: Map<string, Live<K>>, key: string, last: Live<K>): void {
  store.delete(key);
  options.changed?.(undefined, last);
}
