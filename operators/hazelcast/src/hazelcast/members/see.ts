import type { Clock, Live } from '@binnacle/client';
import { StatefulSet } from '@binnacle/client/kinds';
import type { Secret } from '@binnacle/client/kinds';
import type { Context } from '@binnacle/runtime';
import type { Cluster, Hazelcast } from '../../api/hazelcast.ts';
import { given } from '../../given.ts';
import { MemberError } from '../../protocol/error.ts';
import type { ClusterKey, Entry, Members } from '../../protocol/members.ts';
import { sectionsIn } from '../config/read.ts';
import { identityIn } from '../keystore.ts';
import { yamlOf } from '../objects/config.ts';
import { CONFIGURATION, namespaceOf, selectorOf, selectorText } from '../names.ts';
import { isReady, isTerminating } from './pods.ts';
import { restoreOf } from './restore.ts';
import { clusterState, degraded, memberStatuses } from './status.ts';
import type { Seen } from './status.ts';
import { Pod } from '../../pod.ts';

/** Between two looks at members of a cluster that is well; ms. Members may part, or hang in a ready pod, and nothing in Kubernetes tells. */
export const STATUS_INTERVAL_MS = 30_000;

/** Until the next look; ms. Never sooner, and up to a fifth later, so that clusters that started together are not asked together for ever. */
export function nextLook({ random }: Pick<Clock, 'random'>): { readonly afterMs: number } {
  return { afterMs: STATUS_INTERVAL_MS * (1 + 0.2 * random()) };
}

type Reading = Pick<Context<typeof Hazelcast, never, typeof Pod | typeof StatefulSet>, 'get' | 'list' | 'status' | 'condition' | 'signal' | 'log'>;

/** The cluster as the member client knows it. */
export function keyOf(hz: Cluster): ClusterKey {
  return { namespace: namespaceOf(hz), name: hz.metadata.name };
}

/** How members let us in, from the Secret that they start with: the spec may be edited into what none of them runs with. */
export function entryOf(hz: Cluster, secret: Live<typeof Secret> | undefined): Entry {
  const yaml = yamlOf(secret);
  const name = yaml === undefined ? undefined : sectionsIn(yaml)['cluster-name'];
  return given({ clusterName: typeof name === 'string' ? name : hz.spec.clusterName, identity: identityIn(secret) });
}

/**
 * Asks every ready member how it is, and writes the answers into the status. A member that does not answer is part of the answer. `heldUp`: what the spec says
 * now has not been taken to the StatefulSet.
 */
export async function see(
  hz: Cluster,
  cx: Reading,
  members: Members,
  { heldUp }: { readonly heldUp: boolean } = { heldUp: false },
): Promise<{ readonly seen: readonly Seen[]; readonly statefulSet: Live<typeof StatefulSet> | undefined }> {
  const statefulSet = await cx.get(StatefulSet, hz.metadata.name);
  const pods = await cx.list(Pod, { labels: selectorOf(hz) });
  const key = keyOf(hz);
  members.retain(
    key,
    pods.flatMap(({ status }) => status?.podIP ?? []),
  );
  const seen = await Promise.all(pods.map((pod) => ask(pod, key, members, cx)));
  const connected = seen.filter(({ state }) => state !== undefined).length;
  cx.status({
    clusterSize: statefulSet?.status?.replicas ?? 0,
    selector: selectorText(hz),
    hazelcastClusterStatus: given({ readyMembers: `${connected}/${hz.spec.clusterSize}`, state: clusterState(seen) }),
    members: memberStatuses(seen),
    restore: restoreOf(hz, seen),
  });
  tellConfiguration(cx, pods, statefulSet, heldUp);
  const { reason, message } = degraded(hz, seen);
  cx.condition('Degraded', message !== '', reason, message === '' ? 'no member is missing' : message);
  return { seen, statefulSet };
}

/** Says whether every member runs what is wanted: a changed configuration takes effect member by member. */
function tellConfiguration(cx: Reading, pods: readonly Live<typeof Pod>[], statefulSet: Live<typeof StatefulSet> | undefined, heldUp: boolean): void {
  const wanted = statefulSet?.spec?.template?.metadata?.annotations?.[CONFIGURATION];
  const behind = pods.filter(({ metadata }) => metadata.annotations?.[CONFIGURATION] !== wanted).map(({ metadata }) => metadata.name);
  if (behind.length === 0 && heldUp)
    cx.condition('ConfigurationCurrent', 'Unknown', 'SpecNotApplied', 'members run the configuration of before; what keeps the spec from them is in Ready');
  else if (behind.length === 0)
    cx.condition('ConfigurationCurrent', true, 'AllMembersCurrent', 'every member runs the configuration that follows from the spec');
  else cx.condition('ConfigurationCurrent', false, 'RestartPending', `still with an earlier configuration: ${behind.join(', ')}`);
}

async function ask(pod: Live<typeof Pod>, key: ClusterKey, members: Members, cx: Reading): Promise<Seen> {
  const ip = pod.status?.podIP;
  if (ip === undefined || ip === '' || !isReady(pod) || isTerminating(pod)) return { pod };
  try {
    return given({ pod, state: await members.state(key, ip, cx.signal) });
  } catch (error) {
    if (!(error instanceof MemberError)) throw error;
    cx.log.info({ pod: pod.metadata.name, code: error.code, error: error.message }, 'a member does not tell its state');
    // The code alone: the message holds addresses, and one that changes would write the status on every pass.
    return { pod, problem: error.code };
  }
}
