import { PersistentVolumeClaim, StatefulSet } from '@binnacle/client/kinds';
import { done, step, stop, waitFor } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { LOOK_AGAIN_MS } from '../doris.ts';
import { isDropped, metaClaimName } from '../claim.ts';
import { isWatched } from '../look.ts';
import { labelsOf, namesOf } from '../names.ts';
import { clusterFrom, componentOf } from '../objects/cluster.ts';
import { SUSPENDED, fixedVolumes, statefulSet as wanted } from '../objects/stateful-set.ts';
import { componentStatus, isReady, nodesOf } from '../report.ts';
import { replicasThere } from '../there.ts';
import { Pod } from '../../pod.ts';

/**
 * The front ends' pods. Takes none away: see feScaleIn. Before it adds one it clears what a front end that we dropped left at the same place: metadata of
 * a member that is none any more keeps the new one from joining (spec/doris-field-notes.md §3.7).
 */
export const feStatefulSet = step('feStatefulSet', DorisCluster, { owns: [StatefulSet, PersistentVolumeClaim], reads: [Pod] }, async (object, cx) => {
  const cluster = clusterFrom(object);
  if (cluster.spec.fe === undefined) return done;
  const live = await cx.get(StatefulSet, namesOf(cluster.name, 'fe').statefulSet);
  const fixed = fixedVolumes(cluster, 'fe', live);
  const fatal = fixed.find((one) => one.fatal);
  if (fatal !== undefined) return stop('VolumesFixed', `spec.fe: ${fatal.message}`);
  const asWanted = fixed.length === 0;
  cx.condition(
    'FrontEndVolumesAsWanted',
    asWanted,
    asWanted ? 'AsWanted' : 'VolumesFixed',
    asWanted ? 'volumes are as the spec wants them' : fixed.map((one) => one.message).join('; '),
  );
  const pods = await cx.list(Pod, { labels: labelsOf(cluster.name, 'fe') });
  // After a suspension as many as there were, with the volumes that they had: who is to leave leaves Doris first.
  const have = replicasThere(live, pods);
  const replicas = Math.max(have, componentOf(cluster, 'fe').replicas);
  if (live !== undefined) {
    const clearing: string[] = [];
    for (let ordinal = have; ordinal < replicas; ordinal += 1) {
      const claim = await cx.get(PersistentVolumeClaim, metaClaimName(cluster.name, ordinal));
      if (claim === undefined || !isDropped(claim)) continue;
      await cx.delete(PersistentVolumeClaim, claim.metadata.name);
      clearing.push(claim.metadata.name);
    }
    if (clearing.length > 0)
      return waitFor('ClearingMetadata', `claims of front ends that left are being deleted: ${clearing.join(', ')}`, { afterMs: LOOK_AGAIN_MS });
  }
  // With none ready there is nobody to ask what could be changed without a restart, and none that a restart takes away.
  const applied = await cx.apply(
    StatefulSet,
    wanted(cluster, 'fe', { replicas, leaving: [], live, restart: !pods.some(isReady), notes: { [SUSPENDED]: undefined } }),
  );
  if (!isWatched(object)) cx.status({ fe: componentStatus(cluster, 'fe', { statefulSet: applied, pods, nodes: nodesOf(object, 'fe') }) });
  return done;
});
