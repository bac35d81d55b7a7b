import type { Live } from '@binnacle/client';
import type { DaemonSet, StatefulSet } from '@binnacle/client/kinds';

/** Whether the one pod is ready, and made from the newest template. */
export function isUp({ metadata, status }: Live<typeof StatefulSet>): boolean {
  return status?.observedGeneration === metadata.generation && (status?.readyReplicas ?? 0) >= 1 && status?.updateRevision === status?.currentRevision;
}

/** Whether there is a ready pod on every node that is to have one, made from the newest template. */
export function isEverywhere({ metadata, status }: Live<typeof DaemonSet>): boolean {
  if (status?.observedGeneration !== metadata.generation || status === undefined) return false;
  return status.numberReady === status.desiredNumberScheduled && (status.updatedNumberScheduled ?? 0) === status.desiredNumberScheduled;
}
