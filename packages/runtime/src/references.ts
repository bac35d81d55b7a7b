import type { Ref } from '@binnacle/client';

/**
 * Which objects name which others of their users, such as Secrets, so that a change of one wakes them. In memory alone: every object has a pass after a start, in
 * which it says again what it names.
 */
export interface References {
  /** What an object names now, in place of what it named before. */
  note(object: Required<Ref>, named: readonly Named[]): void;
  /** Who names an object of that kind. */
  naming(kind: Named['kind'], object: { readonly metadata: { readonly name?: string; readonly namespace?: string } }): readonly Ref[];
}

export interface Named {
  readonly kind: string;
  readonly name: string;
}

/** Nothing is named yet. */
export function references(): References {
  const byObject = new Map<string, { readonly ref: Required<Ref>; readonly named: readonly Named[] }>();
  return {
    note(ref, named) {
      const key = `${ref.namespace}/${ref.name}`;
      if (named.length === 0) byObject.delete(key);
      else byObject.set(key, { ref, named });
    },
    naming(kind, { metadata }) {
      const all = [...byObject.values()].filter(({ ref }) => ref.namespace === metadata.namespace);
      return all.filter(({ named }) => named.some((one) => one.kind === kind && one.name === metadata.name)).map(({ ref }) => ref);
    },
  };
}
