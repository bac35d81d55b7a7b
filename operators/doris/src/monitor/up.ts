import type { Live } from '@binnacle/client';
import type { DaemonSet, StatefulSet } from '@binnacle/client/kinds';

/** Whether the one pod is ready, and made from the newest template. */
export function isUp({ metadata, status }: Live<typeof StatefulSet>): boolean {
  return status?.observedGeneration === metadata.generation && (status?.readyReplicas ?? 0) >= 1 && status?.updateRevision === status?.currentRevision;
}

/** Whether there is a ready pod on every node that is to have one. */
export function isEverywhere({ metadata, status }: Live<typeof DaemonSet>): boolean {
  return status?.observedGeneration === metadata.generation && status?.numberReady === status?.desiredNumberScheduled;
}
