import type { AnyKind, Kind, KubernetesObject, Live, Scope } from '@binnacle/client';

/** A kind of which a part is kept. It stands in the place of the kind in `reads`, `watches` and hooks; owned, its objects may be deleted and not applied. */
export interface PartKind<T extends KubernetesObject, S extends Scope> extends Kind<T, S> {
  /** What is kept besides the metadata. */
  readonly keep: (object: any) => object;
}

type ScopeOf<K extends AnyKind> = K extends Kind<any, infer S> ? S : never;

/**
 * A kind of whose objects the cache keeps the metadata, without `managedFields`, and what `keep` returns: readers see no more, and changes of the rest wake
 * nobody. `keep` is pure, and total: objects may be of any shape that the API server takes. Where the same kind is followed whole as well, or in another
 * part, it is kept whole: one watch a kind.
 */
export function part<K extends AnyKind, P extends object>(kind: K, keep: (object: Live<K>) => P): PartKind<P & Pick<KubernetesObject, 'metadata'>, ScopeOf<K>> {
  const { group, version, plural, scope } = kind;
  return Object.freeze({ group, version, kind: kind.kind, plural, scope: scope as ScopeOf<K>, keep });
}

const parts = new WeakMap<object, WeakMap<object, Live<AnyKind>>>();

/** What a reader of `kind` sees of an object of which `kept` is kept, which may be more: all, for others. The same object each time. */
export function seenAs(kind: AnyKind, object: Live<AnyKind>, kept: ReturnType<typeof keepOf>): Live<AnyKind> {
  const keep = keepOf(kind);
  if (keep === undefined || keep === kept) return object;
  let known = parts.get(keep);
  if (known === undefined) parts.set(keep, (known = new WeakMap()));
  let part = known.get(object);
  if (part === undefined) {
    const { apiVersion, kind: name, metadata } = object;
    part = { ...keep(object), apiVersion, kind: name, metadata } as Live<AnyKind>; // sound: its readers know the part alone
    known.set(object, part);
  }
  return part;
}

/** What is kept of a kind's objects; `undefined`: all. */
export function keepOf(kind: AnyKind): ((object: Live<AnyKind>) => object) | undefined {
  return 'keep' in kind ? (kind as PartKind<KubernetesObject, Scope>).keep : undefined;
}
