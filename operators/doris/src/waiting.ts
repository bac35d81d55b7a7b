import type { Ref } from '@binnacle/client';

/** Who waits for which cluster. */
export interface Waiting {
  /** To be called before the cluster is looked at: a change after that look then finds who waits. */
  add(cluster: Ref, who: Ref): void;
  /** Everybody who waits for the cluster. They are forgotten: a pass that still has to wait says so again. */
  take(cluster: Ref): readonly Ref[];
}

/** In memory only: a new process passes over every object once, and so hears again who waits. */
export function waiting(): Waiting {
  const rows = new Map<string, Map<string, Ref>>();
  const key = ({ namespace, name }: Ref) => `${namespace ?? ''}/${name}`;
  return {
    add(cluster, who) {
      const row = rows.get(key(cluster)) ?? new Map<string, Ref>();
      row.set(key(who), who);
      rows.set(key(cluster), row);
    },
    take(cluster) {
      const row = rows.get(key(cluster));
      rows.delete(key(cluster));
      return [...(row?.values() ?? [])];
    },
  };
}
