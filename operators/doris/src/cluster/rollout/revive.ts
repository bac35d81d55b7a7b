import { StatefulSet } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { LOOK_AGAIN_MS } from '../doris.ts';
import { labelsOf, namesOf } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';
import { partitionOf } from '../objects/partition.ts';
import { statefulSet } from '../objects/stateful-set.ts';
import { isReady } from '../report.ts';
import { brokenBecause } from './act.ts';
import { isSeen, templateOf } from './observe.ts';
import { Pod } from '../../pod.ts';

/**
 * With no front end ready there is nobody to ask, and rollout() is never reached: a template that can not start, in a cluster with one front end or a new
 * one, could never be put right. So here, and only for a pod that its node cannot start and whose template has changed since, the next template goes ahead.
 */
export const feRevive = step('feRevive', DorisCluster, { owns: [StatefulSet, Pod] }, async (object, cx) => {
  const cluster = clusterFrom(object);
  const live = await cx.get(StatefulSet, namesOf(cluster.name, 'fe').statefulSet);
  if (cluster.spec.fe === undefined || live === undefined || partitionOf(live) === undefined || !isSeen(live)) return done;
  const pods = await cx.list(Pod, { labels: labelsOf(cluster.name, 'fe') });
  if (pods.some(isReady)) return done;
  const ordinal = (pod: string) => Number(pod.slice(pod.lastIndexOf('-') + 1));
  const last = pods
    .filter((pod) => templateOf(live, pod) === 'old' && brokenBecause(pod) !== undefined)
    .toSorted((a, b) => ordinal(b.metadata.name) - ordinal(a.metadata.name))[0];
  if (last === undefined) return done;
  const { name } = last.metadata;
  // The gate first: a pod behind it would come back as what it was.
  if (ordinal(name) < (partitionOf(live) ?? 0)) {
    await cx.apply(StatefulSet, statefulSet(cluster, 'fe', { replicas: live.spec?.replicas ?? 0, leaving: [], live, partition: ordinal(name) }));
    return waitFor('FrontEndBroken', `${name} cannot start and gets the template wanted now`, { afterMs: LOOK_AGAIN_MS });
  }
  await cx.delete(Pod, name);
  cx.event('Normal', 'Replaced', `${name} could not start and is made anew`, 'Upgrade');
  return waitFor('FrontEndBroken', `${name} could not start and is made anew`, { afterMs: LOOK_AGAIN_MS });
});
