import type { AnyKind, Api, Clock, Live, Ref } from '@binnacle/client';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { keepOf, seenAs } from '../part.ts';
import type { Cache } from '../reconciler.ts';
import { kindId } from './id.ts';
import type { AnyLive } from './id.ts';
import type { Index, IndexKey } from './object-index.ts';
import { ownWrites } from './own-writes.ts';
import type { OwnWrites, Seen } from './own-writes.ts';
import { reflector } from './reflector.ts';
import type { Reflector } from './reflector.ts';
import { store } from './store.ts';
import type { Change, Store } from './store.ts';

/** Told of each change after the cache has it. `initial`: part of the first read. */
export type ChangeHandler = (change: Change, initial: boolean) => void;

/** One watch a kind, shared by all who read it, and the cache that it fills. */
export interface SharedCache extends OwnWrites {
  readonly cache: Cache;
  /** Follows a kind, before `run`. */
  follow(kind: AnyKind, handler?: ChangeHandler): void;
  /** Reads and follows until `signal`. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when each of these kinds was read once. Rejects with the signal's reason. */
  synced(kinds: readonly AnyKind[], signal: AbortSignal): Promise<void>;
  /** Whether these kinds were read once. */
  has(kinds: readonly AnyKind[]): boolean;
  /** Whether every kind was read once. */
  readonly complete: boolean;
}

interface Followed {
  readonly kind: AnyKind;
  /** What is kept of its objects; `undefined`: all. Settled before the first is read. */
  keep: ReturnType<typeof keepOf>;
  readonly store: Store;
  /** One for all namespaces (under `''`), or one for each. */
  readonly reflectors: ReadonlyMap<string, Reflector>;
  readonly handlers: ChangeHandler[];
  readonly waiting: Set<() => void>;
}

/** What a shared cache works with. `namespaces` narrows namespaced kinds; cluster-scoped ones are read whole. */
export interface SharedCacheParts {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly namespaces: 'all' | readonly string[];
}

/** A cache that follows nothing yet. */
export function sharedCache(parts: SharedCacheParts): SharedCache {
  const kinds = new Map<string, Followed>();

  function followed(kind: AnyKind): Followed {
    const entry = kinds.get(kindId(kind));
    if (entry === undefined) throw new Error(`${kindId(kind)} is not cached: name it in what the controller owns, reads or watches`);
    return entry;
  }

  function covering(entry: Followed | undefined, namespace: string | undefined): Reflector | undefined {
    return entry?.reflectors.get('') ?? entry?.reflectors.get(namespace ?? '');
  }

  const seen: Seen = {
    follows: (kind, namespace) => covering(kinds.get(kindId(kind)), namespace) !== undefined,
    hasSeen: (kind, namespace, version) => covering(kinds.get(kindId(kind)), namespace)?.hasSeen(version) ?? true,
    peek: (kind, ref) => kinds.get(kindId(kind))?.store.get(ref),
    peekAll: (kind, namespace) => kinds.get(kindId(kind))?.store.list(namespace) ?? [],
    next: (kind, signal) => nextChange(followed(kind).waiting, signal),
  };

  return {
    ...ownWrites({ ...parts, cache: seen }),
    cache: reader(followed),
    follow(kind, handler) {
      const id = kindId(kind);
      const entry = kinds.get(id) ?? newFollowed(parts, kind);
      kinds.set(id, entry);
      if (entry.keep !== keepOf(kind)) entry.keep = undefined; // of two parts, all
      if (handler !== undefined) entry.handlers.push(seeing(entry, kind, handler));
    },
    async run(signal) {
      await Promise.all([...kinds.values()].flatMap((entry) => [...entry.reflectors.values()].map((one) => one.run(signal))));
    },
    async synced(wanted, signal) {
      for (const kind of wanted) {
        const entry = followed(kind);
        while (!isSynced(entry)) await nextChange(entry.waiting, signal);
      }
    },
    has: (wanted) => wanted.every((kind) => isSynced(followed(kind))),
    get complete() {
      return [...kinds.values()].every(isSynced);
    },
  };
}

function isSynced(entry: Followed): boolean {
  return [...entry.reflectors.values()].every((one) => one.synced);
}

function newFollowed(parts: SharedCacheParts, kind: AnyKind): Followed {
  const { log, metrics, namespaces } = parts;
  const handlers: ChangeHandler[] = [];
  const waiting = new Set<() => void>();
  const threw = (what: string, object: AnyLive, error: unknown): void => {
    metrics.watch(kindId(kind), 'handler');
    log.error({ kind: kindId(kind), name: object.metadata.name, err: error }, `${what} threw`);
  };
  const objects = store(
    () => followed.keep,
    (object, error) => threw('an index', object, error),
  );
  const changed = (changes: readonly Change[], initial: boolean): void => {
    for (const change of changes) {
      for (const handler of handlers) {
        try {
          handler(change, initial);
        } catch (error) {
          // A map that throws on one odd object must not end the watch for all others.
          threw('a watch map', change.now, error);
        }
      }
    }
  };
  const advanced = (): void => {
    const woken = [...waiting];
    waiting.clear();
    for (const wake of woken) wake();
  };
  const where = kind.scope === 'Cluster' || namespaces === 'all' ? [undefined] : namespaces;
  const reflectors = new Map(where.map((namespace) => [namespace ?? '', reflector({ ...parts, kind, namespace, store: objects, changed, advanced })] as const));
  const followed: Followed = { kind, keep: keepOf(kind), store: objects, reflectors, handlers, waiting };
  return followed;
}

/** A handler that is told of what a reader of the kind sees. */
function seeing(entry: Followed, kind: AnyKind, handler: ChangeHandler): ChangeHandler {
  if (keepOf(kind) === undefined) return handler;
  return (change, initial) => {
    const seen = (object: AnyLive): AnyLive => seenAs(kind, object, entry.keep);
    const now = seen(change.now);
    handler(change.type === 'modified' ? { ...change, now, before: seen(change.before) } : { ...change, now }, initial);
  };
}

function nextChange(waiting: Set<() => void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const abort = (): void => {
      waiting.delete(wake);
      reject(signal.reason as Error);
    };
    const wake = (): void => {
      signal.removeEventListener('abort', abort);
      resolve();
    };
    waiting.add(wake);
    signal.addEventListener('abort', abort, { once: true });
  });
}

/** The one place where a stored object gets the type of the kind that it was read as: a store holds one kind. */
function reader(followed: (kind: AnyKind) => Followed): Cache {
  /** Of whom a part is enough sees that part, also where all is kept for others. */
  const seen = <K extends AnyKind>(kind: K, { keep }: Followed, objects: readonly AnyLive[]): readonly Live<K>[] =>
    (keep === keepOf(kind) ? objects : objects.map((object) => seenAs(kind, object, keep))) as readonly Live<K>[];
  return {
    get<K extends AnyKind>(kind: K, ref: Ref) {
      const entry = followed(kind);
      const object = entry.store.get(ref);
      return object === undefined ? undefined : seen(kind, entry, [object])[0];
    },
    list<K extends AnyKind>(kind: K, options?: { readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> }) {
      const entry = followed(kind);
      return seen(kind, entry, entry.store.list(options?.namespace, options?.labels));
    },
    ownedBy<K extends AnyKind>(kind: K, uid: string) {
      const entry = followed(kind);
      return seen(kind, entry, entry.store.ownedBy(uid));
    },
    find<K extends AnyKind, T extends IndexKey>(index: Index<K, T>, key: NoInfer<T>, options?: { readonly namespace?: string }) {
      const entry = followed(index.kind);
      return seen(index.kind, entry, entry.store.find(index, key, options?.namespace));
    },
  };
}
