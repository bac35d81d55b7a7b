/**
 * Addresses of running members by cluster: what a real member reads from the Kubernetes API, where it finds pods before they are ready. A program has no such
 * API. Members still talk over the network alone; an address that leads nowhere there is of no use here.
 */
export interface Fleet {
  /** Adds an address; `changed` is called whenever another one comes or goes. Disposing takes it away. */
  enter(cluster: string, ip: string, changed: () => void): Disposable;
  /** All addresses of a cluster, sorted. */
  addresses(cluster: string): readonly string[];
}

/** A fleet without members. */
export function fleet(): Fleet {
  const clusters = new Map<string, Map<string, () => void>>();
  const tell = (cluster: string) => {
    for (const changed of clusters.get(cluster)?.values() ?? []) queueMicrotask(changed);
  };
  return {
    enter(cluster, ip, changed) {
      const there = clusters.get(cluster) ?? new Map<string, () => void>();
      clusters.set(cluster, there);
      there.set(ip, changed);
      tell(cluster);
      return {
        [Symbol.dispose]() {
          // A pod with the same address may have come meanwhile.
          if (there.get(ip) !== changed) return;
          there.delete(ip);
          if (there.size === 0) clusters.delete(cluster);
          tell(cluster);
        },
      };
    },
    addresses: (cluster) => [...(clusters.get(cluster)?.keys() ?? [])].toSorted(),
  };
}
