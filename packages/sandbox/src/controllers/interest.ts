import type { AnyKind, Live, Ref } from '@binnacle/client';
import type { Watch } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';

type Who = Ref & { readonly namespace: string };

/** What somebody wants to know of. */
export interface Wanted<K extends AnyKind> {
  /** Whether an object concerns it. */
  readonly wants: (object: Live<K>) => boolean;
  /** Labels that every object has that concerns it, so that others need not be asked about; absent: unknown. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Objects that concerned it last: one that stops to concern it still wakes it. */
  readonly uids: readonly string[];
}

/**
 * Who wants to know of which objects, when only the wanting side knows: a Service selects pods by label, a pod does not name its Services.
 * Filled by each reconcile, before it reads; read by the watch.
 */
export interface Interest<K extends AnyKind> {
  readonly watch: Watch;
  set(who: Who, wanted: Wanted<K>): void;
  drop(who: Who): void;
}

/** An empty table of interests in namespaced objects of `kind`. */
export function interest<K extends AnyKind>(kind: K): Interest<K> {
  const all = new Map<string, { readonly who: Who; readonly wanted: Wanted<K>; readonly at: string }>();
  /** Keys of `all` by a label that they ask for, or by namespace alone; and by UID of what concerned them last. */
  const byPlace = new Map<string, Set<string>>();
  const byUid = new Map<string, Set<string>>();

  function drop(who: Who): void {
    const key = keyOf(who);
    const known = all.get(key);
    if (known === undefined) return;
    all.delete(key);
    take(byPlace, known.at, key);
    for (const uid of known.wanted.uids) take(byUid, uid, key);
  }

  return {
    watch: watch(kind, (object) => {
      const { namespace, uid, labels = {} } = object.metadata as { readonly namespace: string; readonly uid: string; readonly labels?: Record<string, string> };
      const places = [namespace, ...Object.entries(labels).map(([name, value]) => placeOf(namespace, name, value))];
      const asked = places.flatMap((place) => [...(byPlace.get(place) ?? [])]).filter((key) => all.get(key)!.wanted.wants(object));
      return [...new Set([...asked, ...(byUid.get(uid) ?? [])])].map((key) => all.get(key)!.who);
    }),
    set(who, wanted) {
      drop(who);
      const key = keyOf(who);
      const places = Object.entries(wanted.labels ?? {}).map(([name, value]) => placeOf(who.namespace, name, value));
      // The label that fewest others ask for: most of them name a product, one names an object.
      const at = places.reduce(
        (least, place) => ((byPlace.get(place)?.size ?? 0) < (byPlace.get(least)?.size ?? 0) ? place : least),
        places[0] ?? who.namespace,
      );
      all.set(key, { who: { namespace: who.namespace, name: who.name }, wanted, at });
      put(byPlace, at, key);
      for (const uid of wanted.uids) put(byUid, uid, key);
    },
    drop,
  };
}

const keyOf = ({ namespace, name }: Who): string => `${namespace}/${name}`;
const placeOf = (namespace: string, label: string, value: string): string => `${namespace} ${label}=${value}`;

function put(map: Map<string, Set<string>>, at: string, key: string): void {
  const keys = map.get(at);
  if (keys === undefined) map.set(at, new Set([key]));
  else keys.add(key);
}

function take(map: Map<string, Set<string>>, at: string, key: string): void {
  const keys = map.get(at);
  keys?.delete(key);
  if (keys?.size === 0) map.delete(at);
}
