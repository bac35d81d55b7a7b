import type { Live } from '@binnacle/client';
import type { StatefulSet } from '@binnacle/client/kinds';
import { done, waitFor } from '@binnacle/runtime';
import type { Outcome } from '@binnacle/runtime';
import { faultOf, isReady, isTerminating } from './pods.ts';
import type { Seen } from './status.ts';

/** How long until members are asked again; ms. Nothing that is watched tells when one lets us in, or has made its copies. */
const AGAIN_MS = 5_000;
const COPYING_MS = 2_000;

/** Whether the cluster is what its spec wants. Pure. `wanted` 0: it is to be paused. */
export function verdict(wanted: number, statefulSet: Live<typeof StatefulSet> | undefined, seen: readonly Seen[]): Outcome {
  const failing = podsFailing(seen);
  if (failing !== undefined) return waitFor('PodsFailing', failing);
  if (wanted === 0) return seen.length === 0 ? done : waitFor('Pausing', `still stopping: ${namesOf(seen)}`);
  const starting = notSettled(wanted, statefulSet, seen);
  if (starting !== undefined) return waitFor('MembersStarting', starting);
  const away = seen.filter(({ state }) => state === undefined);
  if (away.length > 0) return waitFor('MembersUnreachable', `no answer from ${away.map(nameAndProblem).join(', ')}`, { afterMs: AGAIN_MS });
  // Each connected on its own proves nothing: members that did not find one another are ready as well (spec/hazelcast-members.md §3.4).
  const apart = seen.filter(({ state }) => state?.members.length !== wanted);
  if (apart.length > 0) {
    const views = apart.map(({ pod, state }) => `${pod.metadata.name} sees ${state?.members.length ?? 0}`);
    return waitFor('MembersApart', `not one cluster of ${wanted} members: ${views.join(', ')}`, { afterMs: AGAIN_MS });
  }
  // In any other state no copies are made, and it may have been chosen for good.
  const copying = seen.filter(({ state }) => state?.clusterState === 'ACTIVE' && !state.safe);
  if (copying.length > 0) return waitFor('Rebalancing', `copies are still being made by ${namesOf(copying)}`, { afterMs: COPYING_MS });
  return done;
}

/** Which pods cannot come up by waiting, and why; undefined: none. In the existing operator's words. */
export function podsFailing(seen: readonly Seen[]): string | undefined {
  const faults = seen.flatMap(({ pod }) => {
    const fault = faultOf(pod);
    return fault === undefined ? [] : [`pod ${pod.metadata.name} in namespace ${pod.metadata.namespace} failed for ${fault.message}: ${fault.reason}`];
  });
  return faults.length === 0 ? undefined : `multiple (${faults.length}) errors: ${faults.join(', ')}`;
}

/** What members that come or go still wait for; undefined: nothing. */
function notSettled(wanted: number, live: Live<typeof StatefulSet> | undefined, seen: readonly Seen[]): string | undefined {
  const status = live?.status;
  if ((status?.observedGeneration ?? 0) < (live?.metadata.generation ?? 1)) return 'Kubernetes has not taken up the last change of the StatefulSet';
  const going = seen.filter(({ pod }) => isTerminating(pod));
  const coming = seen.filter(({ pod }) => !isTerminating(pod) && !isReady(pod));
  const ready = seen.length - going.length - coming.length;
  const parts = [
    ...(going.length === 0 ? [] : [`stopping: ${namesOf(going)}`]),
    ...(coming.length === 0 ? [] : [`not ready: ${coming.map(nameAndWait).join(', ')}`]),
    ...(seen.length >= wanted ? [] : [`no pod yet for ${wanted - seen.length}`]),
  ];
  if (parts.length > 0) return `${ready} of ${wanted} members are ready; ${parts.join('; ')}`;
  if (seen.length > wanted) return `${seen.length - wanted} members more than wanted have not left`;
  // Pods are ahead of what their StatefulSet has counted.
  if (status?.readyReplicas !== wanted || status.replicas !== wanted) return `all ${wanted} members are ready; their StatefulSet has not counted them yet`;
  return status.updatedReplicas === wanted ? undefined : `${status.updatedReplicas ?? 0} of ${wanted} members run the newest template`;
}

function namesOf(seen: readonly Seen[]): string {
  return seen.map(({ pod }) => pod.metadata.name).join(', ');
}

/** A pod for which no node is found says so nowhere else: its containers have no state yet. */
function nameAndWait({ pod }: Seen): string {
  const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return scheduled?.status === 'False' ? `${pod.metadata.name} (${scheduled.reason ?? 'not scheduled'}: ${scheduled.message ?? ''})` : pod.metadata.name;
}

function nameAndProblem({ pod, problem }: Seen): string {
  return problem === undefined ? pod.metadata.name : `${pod.metadata.name} (${problem})`;
}
