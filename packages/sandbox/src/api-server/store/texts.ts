import type { ApiObject } from '../object.ts';

/** Characters of JSON, and bytes of lines of one sort, that are surely kept; twice as much at most. */
const KEPT = 2_000_000;

/**
 * What objects look like as text, made once for all who want it about the same time: the answer to a write, its events, the first events of several watches.
 * Kept only so long: the text of an object weighs as much as the object.
 */
export interface Texts {
  json(object: ApiObject): string;
  /** The bytes of a sort of line about an object; `sort` is one of a few, and `make` gives the same for the same sort and object. */
  line(sort: string, object: ApiObject, make: () => Uint8Array): Uint8Array;
}

/** Of one server. */
export function texts(): Texts {
  const jsons = recent((text: string) => text.length);
  const lines = new Map<string, Recent<Uint8Array>>();
  return {
    json: (object) => jsons(object, () => JSON.stringify(object)),
    line(sort, object, make) {
      let known = lines.get(sort);
      if (known === undefined) lines.set(sort, (known = recent((line) => line.byteLength)));
      return known(object, make);
    },
  };
}

type Recent<V> = (object: ApiObject, make: () => V) => V;

/** Remembers what was asked for lately, in two generations: a full young one takes the place of the old, and what was asked for meanwhile is in the young one again. */
function recent<V>(weigh: (value: V) => number): Recent<V> {
  let young = new Map<ApiObject, V>();
  let old: ReadonlyMap<ApiObject, V> = new Map();
  let weight = 0;
  return (object, make) => {
    const known = young.get(object);
    if (known !== undefined) return known;
    const value = old.get(object) ?? make();
    weight += weigh(value);
    if (weight > KEPT) {
      old = young;
      young = new Map();
      weight = weigh(value);
    }
    young.set(object, value);
    return value;
  };
}
