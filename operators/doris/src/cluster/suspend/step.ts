import type { Live } from '@binnacle/client';
import { StatefulSet } from '@binnacle/client/kinds';
import { done, step, stop, waitFor } from '@binnacle/runtime';
import type { Context } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import type { Status } from '../../api/status.ts';
import { given } from '../../given.ts';
import { leavingOf } from '../leaving.ts';
import { COMPONENTS, labelsOf, namesOf } from '../names.ts';
import type { ComponentName, Place } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';
import { stopped, suspendedReplicas } from '../objects/stateful-set.ts';
import { asleep, componentStatus, nodesOf } from '../report.ts';
import { isMoving, partsOf as ordered } from '../rollout/observe.ts';
import { waitsForRestart } from '../rollout/take-over.ts';
import { suspendPlan } from './plan.ts';
import { Pod } from '../../pod.ts';

interface Part {
  readonly name: ComponentName;
  readonly live: Live<typeof StatefulSet>;
  readonly pods: readonly Live<typeof Pod>[];
}

/**
 * Stops all pods of a cluster that is to be suspended: carries out suspendPlan(). Nothing is asked of Doris, dropped or decommissioned, and no later step runs, so
 * that all objects stay as they are. Begins when no ordered restart is under way: half of one could not be gone on with. How many there were is written on each
 * StatefulSet in the write that stops it.
 */
export const suspend = step('suspend', DorisCluster, { owns: [StatefulSet], reads: [Pod] }, async (object, cx) => {
  const cluster = clusterFrom(object);
  if (cluster.spec.suspend !== true) return done;
  const parts = await partsOf(cluster, cx);
  const begun = parts.some(({ live }) => suspendedReplicas(live) !== undefined);
  const restarting =
    (object.status as Status | undefined)?.schedulingBefore !== undefined ||
    (await ordered(cluster, cx)).some((part) => isMoving(part) && waitsForRestart(part.live, object.metadata.annotations) === undefined);
  if (!begun && restarting) {
    cx.condition(
      'Suspended',
      false,
      'Restarting',
      'pods are getting a new template; the cluster is suspended after that. To have it sooner take the edit back',
    );
    return done;
  }
  const leaving = parts.filter(({ name }) => cluster.spec[name] === undefined).map(({ name }) => name);
  if (!begun && leaving.length > 0) {
    cx.condition('Suspended', false, 'Leaving', `${leaving.join(', ')}: taken out of the spec and not gone yet; the cluster is suspended after that`);
    return done;
  }
  const waitsFor = await stopPods(parts, cx);
  for (const { name, live, pods } of parts) {
    if (cluster.spec[name] === undefined) continue;
    const nodes = nodesOf(object, name)?.map((node) => (waitsFor === undefined ? asleep(node) : node));
    cx.status({ [name]: componentStatus(cluster, name, { statefulSet: live, pods, nodes }) });
  }
  // Who is dead now is so on purpose; for whom a node was added is known still.
  cx.status({ lastCopies: undefined, failover: standIns((object.status as Status | undefined)?.failover) });
  cx.condition('Degraded', false, 'Suspended', 'pods are stopped on purpose');
  if (waitsFor !== undefined) {
    cx.condition('Suspended', false, 'Suspending', `stopping ${waitsFor}`);
    return waitFor('Suspending', `stopping ${waitsFor}`);
  }
  const message = suspendedMessage(parts);
  cx.condition('Suspended', true, 'Suspended', message);
  return stop('Suspended', message);
});

type Stopping = Pick<Context<typeof DorisCluster, typeof StatefulSet, typeof Pod>, 'get' | 'list' | 'apply'>;

/** The StatefulSets there are, with their pods. */
export async function partsOf(cluster: Place, cx: Pick<Stopping, 'get' | 'list'>): Promise<readonly Part[]> {
  const parts: Part[] = [];
  for (const name of COMPONENTS) {
    const live = await cx.get(StatefulSet, namesOf(cluster.name, name).statefulSet);
    if (live !== undefined) parts.push({ name, live, pods: await cx.list(Pod, { labels: labelsOf(cluster.name, name) }) });
  }
  return parts;
}

/** Stops whose turn it is; which pods are waited for, or `undefined` when none is left. */
export async function stopPods(parts: readonly Part[], cx: Pick<Stopping, 'apply'>): Promise<string | undefined> {
  const plan = suspendPlan(parts.map(({ name, live, pods }) => ({ name, replicas: live.spec?.replicas ?? 0, pods: pods.length })));
  for (const { name, live } of parts) if (plan?.stop.includes(name) === true) await cx.apply(StatefulSet, stopped(live));
  return plan?.waitFor;
}

function standIns(before: Status['failover']): Status['failover'] {
  const [be, cn] = [before?.be, before?.cn].map((all) => all?.filter((one) => one.addedAt !== undefined));
  return (be?.length ?? 0) + (cn?.length ?? 0) === 0 ? undefined : given({ be, cn });
}

function suspendedMessage(parts: readonly Part[]): string {
  const stoppedPods = parts.reduce((sum, { live }) => sum + (suspendedReplicas(live) ?? 0), 0);
  const leaving = parts.flatMap(({ live }) => leavingOf(live));
  const goesOn = leaving.length === 0 ? '' : `; ${leaving.join(', ')} will go on leaving`;
  return `${stoppedPods} pods are stopped, volumes and Services stay${goesOn}; spec.suspend: false starts them again`;
}
