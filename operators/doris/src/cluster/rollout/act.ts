import type { Live } from '@binnacle/client';
import type { StatefulSet } from '@binnacle/client/kinds';
import { jsonEqual } from '@binnacle/schema';
import { DorisError } from '../../sql/error.ts';
import { frontEnd } from '../../sql/front-end.ts';
import type { Doors, FrontEnd } from '../../sql/front-end.ts';
import type { Master } from '../../sql/master.ts';
import { SCHEDULING_KEYS, setScheduling, showScheduling } from '../../sql/scheduling.ts';
import type { Scheduling } from '../../sql/scheduling.ts';
import { operatorAccount } from '../doris.ts';
import type { Asking } from '../doris.ts';
import { leavingOf } from '../leaving.ts';
import { labelsOf, ordinalOf, podName } from '../names.ts';
import type { Cluster } from '../objects/cluster.ts';
import { MASTER_MOVES, RESTARTED, TAKEN_OVER, statefulSet } from '../objects/stateful-set.ts';
import type { Kept } from '../objects/stateful-set.ts';
import { isReady } from '../report.ts';
import type { ObservedRollout, Part, RolloutAction } from './plan.ts';
import { Pod } from '../../pod.ts';

/** Everything switched off. */
export const ALL_OFF: Scheduling = { disable_balance: true, disable_colocate_balance: true, disable_tablet_scheduler: true };

/** Everything but repair switched off; that is as it was before. */
export const repairOn = (before: Scheduling): Scheduling => ({ ...ALL_OFF, disable_tablet_scheduler: before.disable_tablet_scheduler });

/** What the master's settings are `now` to a rollout that remembered what was `before`, if it has. */
export function schedulingOf(before: Scheduling | undefined, now: Scheduling): ObservedRollout['scheduling'] {
  if (before === undefined) return 'asWas';
  if (SCHEDULING_KEYS.every((key) => now[key])) return 'off';
  return now.disable_balance && now.disable_colocate_balance ? 'repairing' : 'on';
}

/**
 * Sets the scheduling on every front end that is alive, the master last, where it is not so already. Not on the master alone: who led before has the settings in its
 * memory still, and would lead with them again (spec/doris-field-notes.md §3.6). One that is not alive forgets them by itself, unless it only cannot be heard: see silent().
 * @throws {DorisError} also when one of them does not answer: then nothing is known to be set.
 */
export async function everywhere(doors: Doors, cluster: Cluster, cx: Asking, { fe, frontends }: Master, wanted: Scheduling): Promise<void> {
  const account = await operatorAccount(cluster, cx);
  if ('type' in account) throw new DorisError('lost', 'the Secret with the account has just gone');
  const set = async (one: FrontEnd) => {
    if (!jsonEqual(await showScheduling(one, cx.signal), wanted)) await setScheduling(one, wanted, cx.signal);
  };
  for (const { host, queryPort, alive, master } of frontends) {
    if (!alive || master) continue;
    await using other = await frontEnd(doors, { host, port: queryPort, account }, cx);
    await set(other);
  }
  await set(fe);
}

/** Front ends that are not alive in Doris while Kubernetes finds their pods ready: cut off, or at a standstill, and with all that they were told in their memory. */
export async function silent(cluster: Cluster, cx: Pick<Asking, 'list'>, { frontends }: Master): Promise<readonly string[]> {
  const ready = (await cx.list(Pod, { labels: labelsOf(cluster.name, 'fe') })).filter(isReady).map(({ metadata }) => metadata.name);
  return frontends.flatMap(({ alive, host }) => {
    const ordinal = ordinalOf(cluster, 'fe', host);
    const pod = ordinal === undefined ? host : podName(cluster.name, 'fe', ordinal);
    return !alive && ready.includes(pod) ? [pod] : [];
  });
}

/** What a StatefulSet becomes by an action, if the action changes one: the gate and what has to be remembered go in one write. */
export function kept(part: Part, live: Live<typeof StatefulSet>, action: RolloutAction): Kept {
  const same = { replicas: part.replicas, leaving: leavingOf(live), live };
  switch (action.do) {
    case 'restart':
      return { ...same, partition: action.member.ordinal, notes: { [RESTARTED]: `${action.member.pod} at ${action.member.started}` } };
    case 'moveMaster':
      return { ...same, notes: { [RESTARTED]: `${action.member.pod} at ${action.member.started}`, [MASTER_MOVES]: String(part.masterMoves + 1) } };
    case 'hold':
      return { ...same, partition: part.replicas, notes: { [RESTARTED]: undefined, [MASTER_MOVES]: undefined, [TAKEN_OVER]: undefined } };
    default:
      return same;
  }
}

/** A StatefulSet as kept() has it. */
export const withGate = (cluster: Cluster, part: Part, live: Live<typeof StatefulSet>, action: RolloutAction) =>
  statefulSet(cluster, part.name, kept(part, live, action));

/** Why a pod does not come back, in the container runtime's words; `undefined`: it may still. */
export function brokenBecause(pod: Live<typeof Pod> | undefined): string | undefined {
  const states = [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])].map((one) => one.state?.waiting);
  const bad = states.find((one) => one?.reason !== undefined && BROKEN.has(one.reason));
  if (bad !== undefined) return `${pod?.metadata.name}: ${bad.reason}${bad.message === undefined ? '' : `, ${bad.message}`}`;
  const unscheduled = pod?.status?.conditions?.find((one) => one.type === 'PodScheduled' && one.status === 'False');
  return unscheduled === undefined ? undefined : `${pod?.metadata.name}: ${unscheduled.reason ?? 'not scheduled'}, ${unscheduled.message ?? ''}`;
}

const BROKEN = new Set(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'CrashLoopBackOff', 'CreateContainerConfigError', 'CreateContainerError']);
