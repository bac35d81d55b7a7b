import { PersistentVolumeClaim, StatefulSet } from '@binnacle/client/kinds';
import { done, step, stop } from '@binnacle/runtime';
import { AUTOSCALERS } from '../../api/doris-autoscaler.ts';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { scaledCluster } from '../../autoscaler/scaled.ts';
import { leavingOf } from '../leaving.ts';
import { isWatched } from '../look.ts';
import { labelsOf, namesOf } from '../names.ts';
import type { ComponentName } from '../names.ts';
import { componentOf } from '../objects/cluster.ts';
import { fixedVolumes, statefulSet as wanted, suspendedReplicas } from '../objects/stateful-set.ts';
import { takeBackEmptied } from '../retention/volumes.ts';
import { componentStatus, nodesOf } from '../report.ts';
import { replicasThere } from '../there.ts';
import { Pod } from '../../pod.ts';

/**
 * `beStatefulSet` and its like: the pods. Adds pods at once and takes none away: lowering replicas is the last move of scale-in, after the member has left.
 */
export const statefulSet = (name: Exclude<ComponentName, 'fe'>) =>
  step(`${name}StatefulSet`, DorisCluster, { owns: [StatefulSet, PersistentVolumeClaim], reads: [Pod, ...AUTOSCALERS] }, async (object, cx) => {
    const cluster = await scaledCluster(object, cx);
    const live = await cx.get(StatefulSet, namesOf(cluster.name, name).statefulSet);
    if (cluster.spec[name] === undefined) {
      if (live === undefined) cx.status({ [name]: undefined });
      return done;
    }
    const fixed = name === 'be' ? fixedVolumes(cluster, name, live) : [];
    const fatal = fixed.find((one) => one.fatal);
    if (fatal !== undefined) return stop('VolumesFixed', `spec.${name}: ${fatal.message}`);
    if (name === 'be') {
      const message = fixed.length === 0 ? 'volumes are as the spec wants them' : fixed.map((one) => one.message).join('; ');
      cx.condition('BackEndVolumesAsWanted', fixed.length === 0, fixed.length === 0 ? 'AsWanted' : 'VolumesFixed', message);
    }
    // Waits for the front ends after a suspension, its template too: see suspend/resume.ts.
    if (live !== undefined && suspendedReplicas(live) !== undefined) return cx.keep(StatefulSet, live.metadata.name);
    const pods = await cx.list(Pod, { labels: labelsOf(cluster.name, name) });
    const replicas = Math.max(replicasThere(live, pods), componentOf(cluster, name).replicas);
    if (name === 'be') await takeBackEmptied(cluster, replicas, cx);
    const applied = await cx.apply(StatefulSet, wanted(cluster, name, { replicas, leaving: leavingOf(live), live }));
    if (!isWatched(object)) cx.status({ [name]: componentStatus(cluster, name, { statefulSet: applied, pods, nodes: nodesOf(object, name) }) });
    return done;
  });
