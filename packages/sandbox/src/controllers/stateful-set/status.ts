import type { StatefulSetStatus } from '@binnacle/client/kinds';
import { isRunningAndReady, isTerminating, untilAvailable } from '../pod.ts';
import type { Observed } from './plan.ts';
import { revisionOf } from './plan.ts';

/**
 * The status that follows from what is there. `currentRevision` moves to `updateRevision` only when every wanted pod is at it and ready,
 * and with OnDelete never: so it is in Kubernetes.
 */
export function statusOf({ set, pods, currentRevision, updateRevision, nowMs }: Observed): StatefulSetStatus {
  const minReady = set.spec?.minReadySeconds ?? 0;
  const wanted = set.spec?.replicas ?? 1;
  const ready = pods.filter(isRunningAndReady);
  const staying = pods.filter((pod) => !isTerminating(pod));
  const at = (revision: string) => staying.filter((pod) => revisionOf(pod) === revision).length;
  const updated = at(updateRevision);
  const complete =
    set.spec?.updateStrategy?.type !== 'OnDelete' &&
    updated === wanted &&
    ready.length === wanted &&
    pods.length === wanted &&
    currentRevision !== updateRevision;
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => untilAvailable(pod, minReady, nowMs) === 0).length,
    currentReplicas: complete ? updated : at(currentRevision),
    updatedReplicas: updated,
    currentRevision: complete ? updateRevision : currentRevision,
    updateRevision,
    collisionCount: set.status?.collisionCount ?? 0,
  };
}
