import type { ApiObject } from '../object.ts';
import { withMetadata } from '../object.ts';
import { sortedKeys } from './sorted-keys.ts';
import type { SortedKeys } from './sorted-keys.ts';

/** One stored state of an object. Never changes; a write makes another one. */
export interface Entry {
  readonly key: string;
  readonly object: ApiObject;
  readonly revision: number;
  /** Whether nobody has written it since it was made, as far as is known: what was loaded counts as written. */
  readonly isNew: boolean;
}

/** One write. */
export interface Change {
  /** `<plural>.<group>` of the object's kind. */
  readonly bucket: string;
  readonly key: string;
  /** Absent: the object is new. */
  readonly before: Entry | undefined;
  /** For a removal the last state, under the removal's own revision. */
  readonly now: Entry;
  readonly removed: boolean;
}

/** The revision asked for is no longer (or not yet) in the history that is kept. */
export class HistoryGone extends Error {
  override readonly name = 'HistoryGone';
  /** The oldest revision that can still be read. */
  readonly oldest: number;
  constructor(wanted: number, oldest: number) {
    super(`too old resource version: ${wanted} (${oldest})`);
    this.oldest = oldest;
  }
}

/** Somebody wrote between reading an entry and writing it: read again. */
export class WriteRace extends Error {
  override readonly name = 'WriteRace';
}

/** Objects by kind and key, with one revision counter for all and a bounded history of changes. All methods are synchronous: nothing comes between. */
export interface Store {
  /** Of the last write. */
  readonly revision: number;
  get(bucket: string, key: string): Entry | undefined;
  /** Entries whose key starts with `prefix`, sorted by key. */
  list(bucket: string, prefix: string): readonly Entry[];
  /**
   * As `list` would have answered at `revision`.
   * @throws {HistoryGone}
   */
  listAt(bucket: string, prefix: string, revision: number): readonly Entry[];
  /**
   * Changes of a kind after `revision`, oldest first.
   * @throws {HistoryGone}
   */
  changesSince(bucket: string, revision: number): readonly Change[];
  /**
   * Stores `object` under the next revision, which becomes its `metadata.resourceVersion`. `expected`: the entry the caller has read, `undefined` for none.
   * @throws {WriteRace}
   */
  put(bucket: string, key: string, object: ApiObject, expected: Entry | undefined): Entry;
  /**
   * Removes an object; answers its last state under the removal's revision.
   * @throws {WriteRace}
   */
  remove(bucket: string, key: string, last: ApiObject, expected: Entry): Entry;
  /** Calls `listener` for each change of a kind, in the order of revisions, within the write. */
  subscribe(bucket: string, listener: (change: Change) => void): Disposable;
  buckets(): readonly string[];
}

/** What a store goes on from after a restart. */
export interface Contents {
  readonly revision: number;
  readonly objects: readonly { readonly bucket: string; readonly key: string; readonly object: ApiObject }[];
}

/** Changes kept for watches that resume and for later pages of a list. A real server keeps five minutes; in virtual time those are no bound. */
const HISTORY_CHANGES = 10_000;

interface Bucket {
  readonly entries: Map<string, Entry>;
  readonly keys: SortedKeys;
  readonly listeners: Set<(change: Change) => void>;
}

/** `journal` is told of each write before anybody sees it: when it throws, the write has not happened. */
export function createStore(options: { readonly from?: Contents; readonly history?: number; readonly journal?: (change: Change) => void } = {}): Store {
  const history: Change[] = [];
  const bound = options.history ?? HISTORY_CHANGES;
  const buckets = new Map<string, Bucket>();
  let revision = options.from?.revision ?? 1;
  let oldest = revision;

  const bucketOf = (name: string): Bucket => {
    const known = buckets.get(name);
    if (known !== undefined) return known;
    const made: Bucket = { entries: new Map(), keys: sortedKeys(), listeners: new Set() };
    buckets.set(name, made);
    return made;
  };
  for (const { bucket, key, object } of options.from?.objects ?? []) {
    bucketOf(bucket).entries.set(key, { key, object, revision: Number(object.metadata.resourceVersion), isNew: false });
    bucketOf(bucket).keys.add(key);
  }

  function commit(name: string, key: string, object: ApiObject, expected: Entry | undefined, removed: boolean): Entry {
    const bucket = bucketOf(name);
    const before = bucket.entries.get(key);
    if (before !== expected) throw new WriteRace(`${name} ${key} was written in between`);
    const stored = withMetadata(object, { resourceVersion: String(revision + 1) });
    const now: Entry = { key, object: stored, revision: revision + 1, isNew: before === undefined };
    const change: Change = { bucket: name, key, before, now, removed };
    options.journal?.(change);
    revision += 1;
    if (removed) {
      bucket.entries.delete(key);
      bucket.keys.delete(key);
    } else {
      bucket.entries.set(key, now);
      if (before === undefined) bucket.keys.add(key);
    }
    history.push(change);
    // Trimmed in large steps: shifting one by one would move the whole history at each write.
    if (history.length > bound * 2) oldest = history.splice(0, history.length - bound).at(-1)!.now.revision;
    // Those who were there before the write: a listener may subscribe others.
    const listeners = Array.from(bucket.listeners);
    for (const listener of listeners) listener(change);
    return now;
  }

  const since = (wanted: number): readonly Change[] => {
    if (wanted < oldest) throw new HistoryGone(wanted, oldest);
    return history.slice(firstAfter(history, wanted));
  };

  return {
    get revision() {
      return revision;
    },
    get: (bucket, key) => buckets.get(bucket)?.entries.get(key),
    list(bucket, prefix) {
      const { entries, keys } = bucketOf(bucket);
      return keys.startingWith(prefix).map((key) => entries.get(key)!);
    },
    listAt(bucket, prefix, wanted) {
      const undo = since(wanted).filter((change) => change.bucket === bucket && change.key.startsWith(prefix));
      const found = new Map(this.list(bucket, prefix).map((present) => [present.key, present]));
      for (const change of undo.toReversed()) {
        if (change.before === undefined) found.delete(change.key);
        else found.set(change.key, change.before);
      }
      return [...found.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
    },
    changesSince: (bucket, wanted) => since(wanted).filter((change) => change.bucket === bucket),
    put: (bucket, key, object, expected) => commit(bucket, key, object, expected, false),
    remove: (bucket, key, last, expected) => commit(bucket, key, last, expected, true),
    subscribe(name, listener) {
      const { listeners } = bucketOf(name);
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    buckets: () => [...buckets.keys()].filter((name) => buckets.get(name)!.entries.size > 0).toSorted(),
  };
}

/** Index of the first change after a revision; revisions in the history have no gaps, but are searched all the same. */
function firstAfter(history: readonly Change[], revision: number): number {
  let low = 0;
  let high = history.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (history[middle]!.now.revision > revision) high = middle;
    else low = middle + 1;
  }
  return low;
}
