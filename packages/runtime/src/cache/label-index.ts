import type { AnyLive } from './id.ts';

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

  function put(values: Map<string, Set<string>>, value: string, key: string): void {
    const keys = values.get(value);
    if (keys === undefined) values.set(value, new Set([key]));
    else keys.add(key);
  }

  function valuesOf(name: string): Map<string, Set<string>> {
    const known = byName.get(name);
    if (known !== undefined) return known;
    const values = new Map<string, Set<string>>();
    byName.set(name, values);
    for (const [key, object] of objects) {
      const value = object.metadata.labels?.[name];
      if (value !== undefined) put(values, value, key);
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
      for (const [name, values] of byName) if (labels?.[name] !== undefined) put(values, labels[name], key);
    },
    remove(key, { metadata: { labels } }) {
      for (const [name, values] of byName) {
        const value = labels?.[name];
        const keys = value === undefined ? undefined : values.get(value);
        keys?.delete(key);
        if (keys?.size === 0) values.delete(value!);
      }
    },
  };
}
