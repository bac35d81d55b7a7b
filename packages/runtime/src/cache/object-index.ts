import type { AnyKind, Live } from '@binnacle/client';

/** What objects are found by. */
export type IndexKey = string | number | boolean;

/** Finds objects of a kind by what they say, in one look-up however many there are. `T`: the keys. Plain data: nothing is built before it is first asked. */
export interface Index<K extends AnyKind = AnyKind, T extends IndexKey = IndexKey> {
  readonly kind: K;
  readonly keys: (object: Live<K>) => readonly T[];
}

/**
 * An index of a kind, or of a `part()` of it, of which its function sees the part alone. Make it once, beside the controller: each one that is asked is kept as
 * long as the process lives. `keys` is pure, and total: objects may be of any shape that the API server takes, and one at which it throws is found by no key.
 */
export function index<K extends AnyKind, T extends IndexKey>(kind: K, keys: (object: Live<K>) => readonly T[]): Index<K, T> {
  return Object.freeze({ kind, keys });
}
