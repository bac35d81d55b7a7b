import { isNotFound, isUnreachable } from '@binnacle/client';
import type { AnyKind, Api, Clock, DeleteOptions, ListOptions, Ref } from '@binnacle/client';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { keyOf, kindId, refTo } from './id.ts';
import type { AnyLive } from './id.ts';
import { versionOf } from './version.ts';

/** After which a read goes on without having seen our own write; ms (spec/runtime.md §2, "RYW"). */
export const FRESH_WITHIN_MS = 5_000;

/** What the cache must know before it may be read. */
interface Owed {
  /** By namespace (`''`: none): the newest version that we wrote. */
  readonly versions: Map<string, bigint>;
  /** By place: the UID that we deleted. */
  readonly deleted: Map<string, { readonly ref: Ref; readonly uid: string }>;
  /** By place: a write whose answer was lost, which may have been done. */
  readonly doubtful: Map<string, Ref>;
}

/** What the bookkeeping of own writes asks of the cache. */
export interface Seen {
  /** Whether that kind is cached, in that namespace. */
  follows(kind: AnyKind, namespace: string | undefined): boolean;
  hasSeen(kind: AnyKind, namespace: string, version: bigint): boolean;
  peek(kind: AnyKind, ref: Ref): AnyLive | undefined;
  /** All that is cached of the kind, in the namespace. */
  peekAll(kind: AnyKind, namespace: string | undefined): readonly AnyLive[];
  /** Resolves the next time anything was seen of the kind. Rejects with the signal's reason. */
  next(kind: AnyKind, signal: AbortSignal): Promise<void>;
}

/** Read your own writes: an `api` that remembers what it wrote, and a wait for the cache to have seen it. */
export interface OwnWrites {
  readonly api: Api;
  /**
   * Waits until the cache has seen every write of these kinds made so far, at most 5 s.
   * @throws {ApiError} when the answer to a write was lost and the server cannot be asked what became of it.
   */
  seen(kinds: readonly AnyKind[], signal: AbortSignal): Promise<void>;
}

/** Wraps an api. Kinds that are not cached are written without bookkeeping. */
export function ownWrites(parts: {
  readonly api: Api;
  readonly cache: Seen;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
}): OwnWrites {
  const { api, cache } = parts;
  const owed = new Map<string, Owed>();

  function owedOf(kind: AnyKind): Owed {
    const id = kindId(kind);
    let entry = owed.get(id);
    if (entry === undefined) owed.set(id, (entry = { versions: new Map(), deleted: new Map(), doubtful: new Map() }));
    return entry;
  }

  function wrote(kind: AnyKind, object: AnyLive): void {
    const namespace = object.metadata.namespace ?? '';
    const version = versionOf(object.metadata.resourceVersion);
    if (version === undefined || !cache.follows(kind, object.metadata.namespace)) return;
    if (cache.hasSeen(kind, namespace, version)) return;
    const { versions } = owedOf(kind);
    if (version > (versions.get(namespace) ?? -1n)) versions.set(namespace, version);
  }

  function deleted(kind: AnyKind, object: AnyLive | undefined): void {
    if (object === undefined || !cache.follows(kind, object.metadata.namespace)) return;
    owedOf(kind).deleted.set(keyOf(refTo(object)), { ref: refTo(object), uid: object.metadata.uid });
  }

  /** Runs a write; when its answer is lost, what became of it is asked before the next read. */
  async function write<T>(kind: AnyKind, ref: Ref | undefined, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      if (ref !== undefined && isUnreachable(error) && cache.follows(kind, ref.namespace)) owedOf(kind).doubtful.set(keyOf(ref), ref);
      throw error;
    }
  }

  async function settleDoubts(kind: AnyKind, doubtful: Map<string, Ref>, signal: AbortSignal): Promise<void> {
    for (const [key, ref] of doubtful) {
      try {
        wrote(kind, await api.get(kind, ref, { signal }));
      } catch (error) {
        if (!isNotFound(error)) throw error;
        deleted(kind, cache.peek(kind, ref));
      }
      doubtful.delete(key);
    }
  }

  return {
    api: wrap(),
    async seen(kinds, signal) {
      for (const kind of kinds) {
        const entry = owed.get(kindId(kind));
        if (entry === undefined) continue;
        if (entry.doubtful.size > 0) await settleDoubts(kind, entry.doubtful, signal);
        if (outstanding(cache, kind, entry)) await waitFor(parts, kind, entry, signal);
      }
    },
  };

  function wrap(): Api {
    return {
      ...reading(api),
      async create(kind, object, options) {
        const { name, namespace } = object.metadata;
        const ref = name === undefined ? undefined : { name, ...(namespace === undefined ? {} : { namespace }) };
        const made = await write(kind, ref, () => api.create(kind, object, options));
        if (options?.dryRun !== true) wrote(kind, made);
        return made;
      },
      async replace(kind, object, options) {
        const made = await write(kind, placeOf(object), () => api.replace(kind, object, options));
        if (options?.dryRun !== true) wrote(kind, made);
        return made;
      },
      async patch(kind, ref, patch, options) {
        const made = await write(kind, ref, () => api.patch(kind, ref, patch, options));
        if (options?.dryRun !== true) wrote(kind, made);
        return made;
      },
      async apply(kind, object, options) {
        const made = await write(kind, placeOf(object), () => api.apply(kind, object, options));
        if (options.dryRun !== true) wrote(kind, made);
        return made;
      },
      async delete(kind, ref, options) {
        // Only when the cache has seen our writes does it know the UID that goes.
        const entry = owed.get(kindId(kind));
        const { signal } = options ?? {};
        if (entry !== undefined && outstanding(cache, kind, entry)) await waitFor(parts, kind, entry, signal ?? new AbortController().signal);
        const before = cache.follows(kind, ref.namespace) ? cache.peek(kind, ref) : undefined;
        const left = await write(kind, ref, () => api.delete(kind, ref, options));
        if (left === undefined) deleted(kind, before);
        else wrote(kind, left);
        return left;
      },
      async deleteCollection(kind, options) {
        const going = await goingWith(parts, kind, options);
        await api.deleteCollection(kind, options);
        for (const object of going) deleted(kind, object);
      },
    };
  }
}

function reading(api: Api): Pick<Api, 'get' | 'list' | 'watch' | 'logs' | 'raw' | typeof Symbol.asyncDispose> {
  return {
    get: (kind, ref, options) => api.get(kind, ref, options),
    list: (kind, options) => api.list(kind, options),
    watch: (kind, options) => api.watch(kind, options),
    logs: (ref, options) => api.logs(ref, options),
    raw: (request) => api.raw(request),
    // Whoever opened the api closes it.
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** What a deletion by selector will hit: the cache cannot evaluate selectors, so the server is asked when there is one. */
async function goingWith(
  { api, cache }: { readonly api: Api; readonly cache: Seen },
  kind: AnyKind,
  options: ListOptions & DeleteOptions,
): Promise<readonly AnyLive[]> {
  if (!cache.follows(kind, options.namespace)) return [];
  if (options.labelSelector === undefined && options.fieldSelector === undefined) return cache.peekAll(kind, options.namespace);
  const { propagation: _p, gracePeriodSeconds: _g, preconditions: _c, ...list } = options;
  return (await api.list(kind, list)).items;
}

function placeOf(object: { readonly metadata: { readonly name?: string; readonly namespace?: string } }): Ref | undefined {
  const { name, namespace } = object.metadata;
  return name === undefined ? undefined : { name, ...(namespace === undefined ? {} : { namespace }) };
}

/** Whether something is still to be seen; what was seen meanwhile is crossed off. */
function outstanding(cache: Seen, kind: AnyKind, entry: Owed): boolean {
  for (const [namespace, version] of entry.versions) if (cache.hasSeen(kind, namespace, version)) entry.versions.delete(namespace);
  for (const [key, { ref, uid }] of entry.deleted) {
    const there = cache.peek(kind, ref);
    // Finalizers may keep it for long: that it is going was seen, and is enough.
    if (there === undefined || there.metadata.uid !== uid || there.metadata.deletionTimestamp !== undefined) entry.deleted.delete(key);
  }
  return entry.versions.size > 0 || entry.deleted.size > 0;
}

/** Waits for what was owed at the call, not for what other passes write meanwhile. */
async function waitFor(
  parts: { readonly cache: Seen; readonly clock: Clock; readonly log: Logger; readonly metrics: Metrics },
  kind: AnyKind,
  entry: Owed,
  signal: AbortSignal,
): Promise<void> {
  const { cache, clock, log, metrics } = parts;
  const now: Owed = { versions: new Map(entry.versions), deleted: new Map(entry.deleted), doubtful: new Map() };
  const late = new AbortController();
  using _ = clock.timer(FRESH_WITHIN_MS, () => late.abort(new DOMException('own write not seen', 'TimeoutError')));
  const either = AbortSignal.any([signal, late.signal]);
  while (outstanding(cache, kind, now)) {
    try {
      await cache.next(kind, either);
    } catch (error) {
      if (signal.aborted) throw error;
      metrics.staleRead(kindId(kind));
      log.warn({ kind: kindId(kind), afterMs: FRESH_WITHIN_MS }, 'the watch has not shown our own write: going on without');
      // Not waited for again: one lost event must not slow every pass.
      for (const [namespace, version] of now.versions) if (entry.versions.get(namespace) === version) entry.versions.delete(namespace);
      for (const [key, gone] of now.deleted) if (entry.deleted.get(key) === gone) entry.deleted.delete(key);
      return;
    }
  }
}
