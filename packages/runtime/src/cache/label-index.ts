import type { AnyLive } from './id.ts';
import { index, unindex } from './index-sets.ts';

/**
 * Which objects carry a label of a given value, by key of the object. A label is indexed from when it is first asked for: most never are, and those that are
 * name one object's children, such as `app.kubernetes.io/instance`.
 */
export interface LabelIndex {
  /** Of the labels asked for the one that fewest objects carry: their keys. Undefined: no labels. */
  narrowest(labels: readonly (readonly [name: string, value: string])[]): ReadonlySet<string> | undefined;
  add(key: string, object: AnyLive): void;
  remove(key: string, object: AnyLive): void;
}

const NONE: ReadonlySet<string> = new Set();

/** An index of `objects`, which whoever changes them keeps up to date. */
export function labelIndex(objects: ReadonlyMap<string, AnyLive>): LabelIndex {
  const byName = new Map<string, Map<string, Set<string>>>();

  function valuesOf(name: string): Map<string, Set<string>> {
    const known = byName.get(name);
    if (known !== undefined) return known;
    const values = new Map<string, Set<string>>();
    byName.set(name, values);
    for (const [key, object] of objects) {
      const value = object.metadata.labels?.[name];
      if (value !== undefined) index(values, value, key);
    }
    return values;
  }

  return {
    narrowest(labels) {
      return labels
        .map(([name, value]) => valuesOf(name).get(value) ?? NONE)
        .reduce<ReadonlySet<string> | undefined>((least, keys) => (least === undefined || keys.size < least.size ? keys : least), undefined);
    },
    add(key, { metadata: { labels } }) {
      for (const [name, values] of byName) if (labels?.[name] !== undefined) index(values, labels[name], key);
    },
    remove(key, { metadata: { labels } }) {
      for (const [name, values] of byName) {
        const value = labels?.[name];
        if (value !== undefined) unindex(values, value, key);
      }
    },
  };
}
