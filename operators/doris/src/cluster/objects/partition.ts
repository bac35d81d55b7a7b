import type { Live } from '@binnacle/client';
import type { StatefulSet } from '@binnacle/client/kinds';

/** On a StatefulSet: a hash of the pod template that was applied last, so that a new template is told from one that is being rolled out. */
export const TEMPLATE = 'al-assad.github.io/template';

/**
 * From which ordinal on the StatefulSet controller may restart pods: at rest from none, so that a new template waits for its turn (see rollout/plan.ts) and a pod
 * that is lost meanwhile comes back as it was. A template that changes while another is being rolled out waits again.
 */
export function partition(
  kept: { readonly replicas: number; readonly live: Live<typeof StatefulSet> | undefined; readonly partition?: number },
  hash: string,
): number {
  if (kept.partition !== undefined) return Math.min(kept.partition, kept.replicas);
  const { live } = kept;
  const before = partitionOf(live);
  // Nothing was ever rolled out here, or not by us: held until it is looked at.
  if (live === undefined || before === undefined || live.metadata.annotations?.[TEMPLATE] !== hash) return kept.replicas;
  return before >= (live.spec?.replicas ?? 0) ? kept.replicas : Math.min(before, kept.replicas);
}

/** The partition of a StatefulSet that has one; `undefined`: OnDelete, or no object. */
export function partitionOf(live: Live<typeof StatefulSet> | undefined): number | undefined {
  return live?.spec?.updateStrategy?.type === 'RollingUpdate' ? (live.spec.updateStrategy.rollingUpdate?.partition ?? 0) : undefined;
}
