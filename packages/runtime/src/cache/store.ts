import type { Ref } from '@binnacle/client';
import { jsonEqual } from '@binnacle/schema';
import { seenAs } from '../part.ts';
import { keyOf, refTo } from './id.ts';
import type { AnyLive } from './id.ts';
import { index, unindex } from './index-sets.ts';
import { keyIndex } from './key-index.ts';
import type { Odd } from './key-index.ts';
import { labelIndex } from './label-index.ts';
import type { Index, IndexKey } from './object-index.ts';
import { versionOf } from './version.ts';

/** What became of one object. `before` is what the store held; on a deletion `now` is the last that was seen of it. */
export type Change =
  | { readonly type: 'added'; readonly now: AnyLive }
  | { readonly type: 'modified'; readonly now: AnyLive; readonly before: AnyLive }
  | { readonly type: 'deleted'; readonly now: AnyLive };

/** What is kept of an object besides its metadata. */
type Keep = (object: AnyLive) => object;

/** The objects of one kind. Every method that changes it returns what changed, in order; one name with a new UID is a deletion and an addition. */
export interface Store {
  get(ref: Ref): AnyLive | undefined;
  /** Sorted by namespace and name. `labels`: all of them must match. */
  list(namespace?: string, labels?: Readonly<Record<string, string>>): readonly AnyLive[];
  ownedBy(uid: string): readonly AnyLive[];
  /** Those that an index finds by a key, in the order of `list`. */
  find(index: Index<any, any>, key: IndexKey, namespace?: string): readonly AnyLive[];
  /** Nothing when the store holds the same or a newer version. */
  put(object: AnyLive): readonly Change[];
  /** Nothing when the store holds another object under that name. */
  remove(object: AnyLive): readonly Change[];
  /** All there is in `namespace` (absent: anywhere): what the store holds beside it was deleted while nobody looked. */
  replace(objects: readonly AnyLive[], namespace: string | undefined): readonly Change[];
  readonly size: number;
}

/**
 * An empty store. Keeps objects without `managedFields`, half of their weight (spec/runtime.md §4.2), and of the rest what `keep` returns, asked anew for each
 * object; `undefined`: all. A change of nothing that is kept is none. `odd`: told of objects at which an index threw.
 */
export function store(keep: () => Keep | undefined = () => undefined, odd: Odd = () => {}): Store {
  const objects = new Map<string, AnyLive>();
  const owned = new Map<string, Set<string>>();
  const housed = new Map<string, Set<string>>();
  const sorted = new Map<string, readonly AnyLive[]>();
  const labelled = labelIndex(objects);
  const keyed = keyIndex(objects, (kind, object) => seenAs(kind, object, keep()), odd);

  function set(key: string, object: AnyLive): void {
    drop(key);
    objects.set(key, object);
    for (const uid of ownersOf(object)) index(owned, uid, key);
    index(housed, object.metadata.namespace ?? '', key);
    labelled.add(key, object);
    keyed.add(key, object);
    forgetOrder(object);
  }

  function drop(key: string): void {
    const object = objects.get(key);
    if (object === undefined) return;
    objects.delete(key);
    for (const uid of ownersOf(object)) unindex(owned, uid, key);
    unindex(housed, object.metadata.namespace ?? '', key);
    labelled.remove(key, object);
    keyed.remove(key);
    forgetOrder(object);
  }

  function forgetOrder(object: AnyLive): void {
    sorted.delete(ALL);
    sorted.delete(object.metadata.namespace ?? '');
  }

  function put(incoming: AnyLive, isNews: (now: AnyLive, before: AnyLive) => boolean): readonly Change[] {
    const now = kept(incoming, keep());
    const key = keyOf(refTo(now));
    const before = objects.get(key);
    if (before !== undefined && !isNews(now, before)) return [];
    set(key, now);
    if (before === undefined) return [{ type: 'added', now }];
    if (before.metadata.uid === now.metadata.uid) return keep() !== undefined && sameButVersion(now, before) ? [] : [{ type: 'modified', now, before }];
    return [
      { type: 'deleted', now: before },
      { type: 'added', now },
    ];
  }

  return {
    get: (ref) => objects.get(keyOf(ref)),
    list(namespace = ALL, labels = {}) {
      const wanted = Object.entries(labels);
      const narrowed = labelled.narrowest(wanted);
      if (narrowed !== undefined) {
        const found = [...narrowed].map((key) => objects.get(key)!);
        return found.filter((object) => isIn(namespace, object) && matches(object, wanted)).sort(byPlace);
      }
      const known = sorted.get(namespace);
      if (known !== undefined) return known;
      const keys = namespace === ALL ? objects.keys() : (housed.get(namespace) ?? []);
      const answer = Object.freeze([...keys].map((key) => objects.get(key)!).sort(byPlace));
      sorted.set(namespace, answer);
      return answer;
    },
    ownedBy: (uid) => [...(owned.get(uid) ?? [])].map((key) => objects.get(key)!).sort(byPlace),
    find(wanted, key, namespace = ALL) {
      const found = [...keyed.find(wanted, key)].map((at) => objects.get(at)!);
      return found.filter((object) => isIn(namespace, object)).sort(byPlace);
    },
    put: (object) => put(object, newer),
    remove(object) {
      const key = keyOf(refTo(object));
      const before = objects.get(key);
      if (before === undefined || before.metadata.uid !== object.metadata.uid) return [];
      drop(key);
      return [{ type: 'deleted', now: kept(object, keep()) }];
    },
    replace(all, namespace) {
      const changes: Change[] = [];
      const present = new Set(all.map((object) => keyOf(refTo(object))));
      for (const [key, now] of objects) {
        if (present.has(key) || (namespace !== undefined && now.metadata.namespace !== namespace)) continue;
        drop(key);
        changes.push({ type: 'deleted', now });
      }
      // The server's word on all there is wins over what was seen before: it may have been restored from a backup, whose versions are older.
      for (const object of all) changes.push(...put(object, (now, before) => now.metadata.resourceVersion !== before.metadata.resourceVersion));
      return changes;
    },
    get size() {
      return objects.size;
    },
  };
}

/** Of all namespaces; no namespace has such a name. */
const ALL = '*';

const isIn = (namespace: string, { metadata }: AnyLive): boolean => namespace === ALL || metadata.namespace === namespace;

function matches({ metadata }: AnyLive, labels: readonly (readonly [string, string])[]): boolean {
  return labels.every(([name, value]) => metadata.labels?.[name] === value);
}

/** Events may come twice, and the first ones after a reconnect may be older than what the store holds. */
function newer(now: AnyLive, before: AnyLive): boolean {
  const [a, b] = [versionOf(now.metadata.resourceVersion), versionOf(before.metadata.resourceVersion)];
  if (a === undefined || b === undefined) return now.metadata.resourceVersion !== before.metadata.resourceVersion;
  return a > b;
}

function ownersOf(object: AnyLive): readonly string[] {
  return object.metadata.ownerReferences?.map((owner) => owner.uid) ?? [];
}

function byPlace(a: AnyLive, b: AnyLive): number {
  return compare(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || compare(a.metadata.name, b.metadata.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function kept(object: AnyLive, keep: Keep | undefined): AnyLive {
  const { apiVersion, kind } = object;
  if (keep !== undefined) return { ...keep(object), apiVersion, kind, metadata: stripped(object) } as AnyLive; // sound: its readers know the part alone
  return object.metadata.managedFields === undefined ? object : { ...object, metadata: stripped(object) };
}

function stripped({ metadata }: AnyLive): AnyLive['metadata'] {
  const { managedFields: _, ...rest } = metadata;
  return rest;
}

function sameButVersion(now: AnyLive, before: AnyLive): boolean {
  const { resourceVersion } = before.metadata;
  return jsonEqual({ ...now, metadata: { ...now.metadata, resourceVersion } }, before);
}
