import type { Live } from '@binnacle/client';
import { hasFormed } from '../../api/check/update.ts';
import type { Cluster } from '../../api/hazelcast.ts';
import type { MemberStatus } from '../../api/status.ts';
import { given } from '../../given.ts';
import type { MemberState } from '../../protocol/member-state.ts';
import { CONFIGURATION } from '../names.ts';
import { faultOf, isReady, ordinalOf, restartsOf } from './pods.ts';
import type { Pod } from '../../pod.ts';

/** A pod, and what its member said. `state` undefined: not connected, `problem` says why if we tried. */
export interface Seen {
  readonly pod: Live<typeof Pod>;
  readonly state?: MemberState;
  readonly problem?: string;
}

/** `status.members`, by ordinal: always in the same order, so that the same cluster gives the same status. */
export function memberStatuses(seen: readonly Seen[]): readonly MemberStatus[] {
  return seen.toSorted((a, b) => ordinalOf(a.pod) - ordinalOf(b.pod)).map(memberStatus);
}

const STATES = ['PASSIVE', 'ACTIVE', 'SHUT_DOWN', 'STARTING'] as const;

function memberStatus({ pod, state }: Seen): MemberStatus {
  const fault = faultOf(pod);
  const restarts = restartsOf(pod);
  return given({
    podName: pod.metadata.name,
    ip: pod.status?.podIP,
    uid: state?.uuid,
    version: state?.version,
    state: STATES.find((known) => known === state?.nodeState),
    master: state?.master,
    lite: state?.lite,
    ownedPartitions: state?.ownedPartitions,
    connected: state !== undefined,
    ready: isReady(pod),
    configuration: pod.metadata.annotations?.[CONFIGURATION],
    message: fault === undefined ? undefined : fault.message,
    reason: fault === undefined ? undefined : fault.reason,
    restartCount: restarts === 0 ? undefined : restarts,
  });
}

/** What members say that the state of their cluster is: the first that is not ACTIVE, since all are to be; undefined: none tells. */
export function clusterState(seen: readonly Seen[]): string | undefined {
  const states = seen.flatMap(({ state }) => state?.clusterState ?? []);
  return states.find((state) => state !== 'ACTIVE') ?? states[0];
}

/** What is missing of a cluster that had formed: members that do not answer, or that do not see all others. `message` empty: nothing. */
export function degraded(hz: Cluster, seen: readonly Seen[]): { readonly reason: string; readonly message: string } {
  const { clusterSize: wanted } = hz.spec;
  if (!hasFormed(hz) || wanted === 0) return { reason: wanted === 0 ? 'Paused' : 'Forming', message: '' };
  const names = Array.from({ length: wanted }, (_, ordinal) => `${hz.metadata.name}-${ordinal}`);
  const missing = names.flatMap((name) => {
    const found = seen.find(({ pod }) => pod.metadata.name === name);
    if (found?.state !== undefined) return [];
    return [`${name} (${found === undefined ? 'no pod' : (found.problem ?? faultOf(found.pod)?.reason ?? 'not ready')})`];
  });
  if (missing.length > 0) return { reason: 'MembersMissing', message: `not there: ${missing.join(', ')}` };
  const apart = seen.filter(({ state }) => state !== undefined && state.members.length < wanted);
  if (apart.length > 0) return { reason: 'MembersApart', message: `do not see all others: ${apart.map(({ pod }) => pod.metadata.name).join(', ')}` };
  return { reason: 'AllThere', message: '' };
}
