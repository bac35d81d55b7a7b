/**
 * What was made of keys lately, and is made anew when it is asked for later. Two generations: a full young one takes the place of the old, and what is asked for
 * meanwhile is in the young one again. `most`: what the values of one generation weigh together.
 */
export function recent<K, V>(most: number, weigh: (value: V) => number): (key: K, make: () => V) => V {
  let young = new Map<K, V>();
  let old: ReadonlyMap<K, V> = new Map();
  let weight = 0;
  return (key, make) => {
    const known = young.get(key);
    if (known !== undefined) return known;
    const value = old.get(key) ?? make();
    weight += weigh(value);
    if (weight > most) {
      old = young;
      young = new Map();
      weight = weigh(value);
    }
    young.set(key, value);
    return value;
  };
}
