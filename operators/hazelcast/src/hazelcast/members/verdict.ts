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
  const faults = seen.flatMap(({ pod }) => {
    const fault = faultOf(pod);
    return fault === undefined ? [] : [`pod ${pod.metadata.name} in namespace ${pod.metadata.namespace} failed for ${fault.message}: ${fault.reason}`];
  });
  if (faults.length > 0) return waitFor('PodsFailing', `multiple (${faults.length}) errors: ${faults.join(', ')}`);
  if (wanted === 0) return seen.length === 0 ? done : waitFor('Pausing', `${seen.length} members are stopping`);
  const starting = notSettled(wanted, statefulSet, seen);
  if (starting !== undefined) return waitFor('MembersStarting', starting);
  const away = seen.filter(({ state }) => state === undefined);
  if (away.length > 0) return waitFor('MembersUnreachable', `not connected to ${away.map(nameAndProblem).join(', ')}`, { afterMs: AGAIN_MS });
  // Each connected on its own proves nothing: members that did not find one another are ready as well (spec/hazelcast-members.md §3.4).
  const apart = seen.filter(({ state }) => state?.members.length !== wanted);
  if (apart.length > 0) {
    const views = apart.map(({ pod, state }) => `${pod.metadata.name} sees ${state?.members.length ?? 0}`);
    return waitFor('MembersApart', `not one cluster of ${wanted} members: ${views.join(', ')}`, { afterMs: AGAIN_MS });
  }
  // In any other state no copies are made, and it may have been chosen for good.
  const copying = seen.filter(({ state }) => state?.clusterState === 'ACTIVE' && !state.safe);
  if (copying.length > 0)
    return waitFor('Rebalancing', `copies are being made by ${copying.map(({ pod }) => pod.metadata.name).join(', ')}`, { afterMs: COPYING_MS });
  return done;
}

function notSettled(wanted: number, live: Live<typeof StatefulSet> | undefined, seen: readonly Seen[]): string | undefined {
  const ready = seen.filter(({ pod }) => isReady(pod) && !isTerminating(pod)).length;
  const status = live?.status;
  const settled =
    (status?.observedGeneration ?? 0) >= (live?.metadata.generation ?? 1) &&
    status?.updatedReplicas === wanted &&
    status.readyReplicas === wanted &&
    status.replicas === wanted &&
    seen.length === wanted;
  return settled && ready === wanted ? undefined : `${ready} of ${wanted} members are ready`;
}

function nameAndProblem({ pod, problem }: Seen): string {
  return problem === undefined ? pod.metadata.name : `${pod.metadata.name} (${problem})`;
}
