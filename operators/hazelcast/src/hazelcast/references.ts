import type { Ref } from '@binnacle/client';

/**
 * Which clusters name which ConfigMaps, Secrets and HotBackups of their users, so that a change of one wakes them. In memory alone: every cluster has a pass after a
 * start, in which it says again what it names.
 */
export interface References {
  /** What a cluster names now, in place of what it named before. */
  note(cluster: Required<Ref>, named: readonly Named[]): void;
  /** The clusters that name an object. */
  naming(kind: Named['kind'], object: { readonly metadata: { readonly name?: string; readonly namespace?: string } }): readonly Ref[];
}

export interface Named {
  readonly kind: 'ConfigMap' | 'Secret' | 'HotBackup';
  readonly name: string;
}

/** Nothing is named yet. */
export function references(): References {
  const byCluster = new Map<string, { readonly ref: Required<Ref>; readonly named: readonly Named[] }>();
  return {
    note(ref, named) {
      const key = `${ref.namespace}/${ref.name}`;
      if (named.length === 0) byCluster.delete(key);
      else byCluster.set(key, { ref, named });
    },
    naming(kind, { metadata }) {
      const all = [...byCluster.values()].filter(({ ref }) => ref.namespace === metadata.namespace);
      return all.filter(({ named }) => named.some((one) => one.kind === kind && one.name === metadata.name)).map(({ ref }) => ref);
    },
  };
}
