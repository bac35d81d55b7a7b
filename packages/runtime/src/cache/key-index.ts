import type { AnyKind } from '@binnacle/client';
import type { AnyLive } from './id.ts';
import { index as add, unindex } from './index-sets.ts';
import type { Index, IndexKey } from './object-index.ts';

/** Which objects an index finds by a key, by key of the object. An index is built when it is first asked. */
export interface KeyIndex {
  find(index: Index<any, any>, key: IndexKey): ReadonlySet<string>;
  add(key: string, object: AnyLive): void;
  remove(key: string): void;
}

/** Told of an object at which an index threw. */
export type Odd = (object: AnyLive, error: unknown) => void;

/** Indexes of one kind, at most: whoever makes a new one at each look leaks memory, and is told so. */
const MAX_INDEXES = 64;
const NONE: ReadonlySet<string> = new Set();

/** Indexes of `objects`, which whoever changes them keeps up to date. `seen`: what a reader of a kind sees of one. */
export function keyIndex(objects: ReadonlyMap<string, AnyLive>, seen: (kind: AnyKind, object: AnyLive) => AnyLive, odd: Odd): KeyIndex {
  /** By index: the objects under each of its keys, and the keys that each object was put under. */
  const built = new Map<Index, { readonly found: Map<IndexKey, Set<string>>; readonly under: Map<string, readonly IndexKey[]> }>();

  function keysOf(index: Index, object: AnyLive): readonly IndexKey[] {
    try {
      return index.keys(seen(index.kind, object));
    } catch (error) {
      odd(object, error);
      return [];
    }
  }

  function put(
    index: Index,
    { found, under }: { found: Map<IndexKey, Set<string>>; under: Map<string, readonly IndexKey[]> },
    key: string,
    object: AnyLive,
  ): void {
    const keys = keysOf(index, object);
    if (keys.length === 0) return;
    under.set(key, keys);
    for (const at of keys) add(found, at, key);
  }

  return {
    find(index, key) {
      let known = built.get(index);
      if (known === undefined) {
        if (built.size >= MAX_INDEXES) throw new Error(`${index.kind.kind} has ${MAX_INDEXES} indexes: make each once, outside of what uses it`);
        built.set(index, (known = { found: new Map(), under: new Map() }));
        for (const [at, object] of objects) put(index, known, at, object);
      }
      return known.found.get(key) ?? NONE;
    },
    add(key, object) {
      for (const [index, known] of built) put(index, known, key, object);
    },
    remove(key) {
      for (const { found, under } of built.values()) {
        for (const at of under.get(key) ?? []) unindex(found, at, key);
        under.delete(key);
      }
    },
  };
}
