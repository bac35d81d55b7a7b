/** A set of strings in order. */
export interface SortedKeys {
  add(key: string): void;
  delete(key: string): void;
  /** In order; all for `''`. */
  startingWith(prefix: string): readonly string[];
}

/** Keys in one part, at most: adding one moves what comes after it in its part alone. */
const PART = 512;

export function sortedKeys(): SortedKeys {
  /** One after the other they hold all keys in order; none is empty. */
  const parts: string[][] = [];
  /** Index of the first part whose last key is not below `key`. */
  const partOf = (key: string): number => first(parts.length, (at) => parts[at]!.at(-1)! >= key);
  return {
    add(key) {
      const index = Math.min(partOf(key), parts.length - 1);
      const part = parts[index];
      if (part === undefined) return void parts.push([key]);
      const at = position(part, key);
      if (part[at] === key) return;
      part.splice(at, 0, key);
      if (part.length > PART) parts.splice(index + 1, 0, part.splice(PART / 2));
    },
    delete(key) {
      const index = partOf(key);
      const part = parts[index];
      if (part === undefined) return;
      const at = position(part, key);
      if (part[at] !== key) return;
      part.splice(at, 1);
      if (part.length === 0) parts.splice(index, 1);
    },
    startingWith(prefix) {
      const found: string[] = [];
      for (let index = partOf(prefix); index < parts.length; index++) {
        const part = parts[index]!;
        for (let at = position(part, prefix); at < part.length; at++) {
          if (!part[at]!.startsWith(prefix)) return found;
          found.push(part[at]!);
        }
      }
      return found;
    },
  };
}

/** Index of the first key that is not below `key`. */
function position(keys: readonly string[], key: string): number {
  return first(keys.length, (at) => keys[at]! >= key);
}

/** The first of `0…length` from which on `holds` is true; `length` when it never is. */
function first(length: number, holds: (at: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
