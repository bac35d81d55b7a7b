import type { Live } from '@binnacle/client';
import type { StatefulSet } from '@binnacle/client/kinds';
import { suspendedReplicas } from './objects/stateful-set.ts';
import type { Pod } from '../pod.ts';

/**
 * How many pods of a component there are to be at least, whatever the spec says: members leave before their pods do. Without a StatefulSet as many as there are
 * pods: one that was deleted and left them (`--cascade=orphan`), made anew with fewer, would end at once those beyond, and with them data and votes.
 */
export function replicasThere(live: Live<typeof StatefulSet> | undefined, pods: readonly Live<typeof Pod>[]): number {
  if (live !== undefined) return suspendedReplicas(live) ?? live.spec?.replicas ?? 0;
  return Math.max(0, ...pods.map(({ metadata: { name } }) => Number(name.slice(name.lastIndexOf('-') + 1)) + 1));
}
