import { conditionOf } from '@binnacle/client';
import { PersistentVolumeClaim, StatefulSet } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import { AUTOSCALERS } from '../../api/doris-autoscaler.ts';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { scaledCluster } from '../../autoscaler/scaled.ts';
import { leavingOf } from '../leaving.ts';
import { labelsOf, namesOf } from '../names.ts';
import { componentOf } from '../objects/cluster.ts';
import { SUSPENDED, statefulSet, suspendedReplicas } from '../objects/stateful-set.ts';
import { isReady } from '../report.ts';
import { takeBackEmptied } from '../retention/volumes.ts';
import { Pod } from '../../pod.ts';

/**
 * Starts again what suspend() stopped: front ends are there already when this runs (feStatefulSet) and answer; then back ends; compute nodes and brokers when a
 * back end is ready. As many pods as there were, with the template that they had: what was edited meanwhile comes after that, in its own order.
 */
export const resume = step('resume', DorisCluster, { owns: [StatefulSet, PersistentVolumeClaim], reads: [Pod, ...AUTOSCALERS] }, async (object, cx) => {
  const cluster = await scaledCluster(object, cx);
  if (cluster.spec.suspend === true) return done; // not suspended yet: see suspend()
  for (const names of [['be'], ['cn', 'broker']] as const) {
    for (const name of names) {
      const live = await cx.get(StatefulSet, namesOf(cluster.name, name).statefulSet);
      const before = suspendedReplicas(live);
      if (before === undefined || cluster.spec[name] === undefined) continue;
      if (name !== 'be' && (cluster.spec.be?.replicas ?? 0) > 0 && !(await cx.list(Pod, { labels: labelsOf(cluster.name, 'be') })).some(isReady)) {
        return waitFor('Resuming', `${name} starts when a back end is ready`);
      }
      const replicas = Math.max(before, componentOf(cluster, name).replicas);
      if (name === 'be') await takeBackEmptied(cluster, replicas, cx);
      await cx.apply(StatefulSet, statefulSet(cluster, name, { replicas, leaving: leavingOf(live), live, notes: { [SUSPENDED]: undefined } }));
    }
  }
  if (conditionOf(object, 'Suspended') !== undefined) cx.condition('Suspended', false, 'Resumed', 'all pods may run');
  return done;
});
