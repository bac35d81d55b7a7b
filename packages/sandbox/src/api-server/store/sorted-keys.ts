/** A set of strings in order. Adding moves what comes after, which is cheap for as many objects as a development cluster has. */
export interface SortedKeys {
  add(key: string): void;
  delete(key: string): void;
  /** In order; all for `''`. */
  startingWith(prefix: string): readonly string[];
}

export function sortedKeys(): SortedKeys {
  const keys: string[] = [];
  /** Index of the first key that is not below `key`. */
  const position = (key: string): number => {
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (keys[middle]! < key) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    add(key) {
      const at = position(key);
      if (keys[at] !== key) keys.splice(at, 0, key);
    },
    delete(key) {
      const at = position(key);
      if (keys[at] === key) keys.splice(at, 1);
    },
    startingWith(prefix) {
      const from = position(prefix);
      let to = from;
      while (to < keys.length && keys[to]!.startsWith(prefix)) to++;
      return keys.slice(from, to);
    },
  };
}
