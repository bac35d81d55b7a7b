import type { Live } from '@binnacle/client';
import type { StatefulSet } from '@binnacle/client/kinds';
import { done, waitFor } from '@binnacle/runtime';
import type { Outcome } from '@binnacle/runtime';
import { faultOf } from '../hazelcast/members/pods.ts';
import type { Pod } from '../pod.ts';

/** Whether the one pod there is to be is up, and with the newest template. Pure. */
export function running(statefulSet: Live<typeof StatefulSet> | undefined, pods: readonly Live<typeof Pod>[]): Outcome {
  const faults = pods.flatMap((pod) => {
    const fault = faultOf(pod);
    return fault === undefined ? [] : [`pod ${pod.metadata.name} in namespace ${pod.metadata.namespace} failed for ${fault.message}: ${fault.reason}`];
  });
  if (faults.length > 0) return waitFor('PodsFailing', faults.join(', '));
  const { metadata, spec, status } = statefulSet ?? {};
  if (spec?.replicas === 0) return waitFor('Paused', 'its StatefulSet was scaled to 0');
  const observed = (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 1);
  const up = observed && (status?.readyReplicas ?? 0) >= 1 && status?.updatedReplicas === status?.replicas;
  return up ? done : waitFor('Starting', 'the pod is not ready');
}
