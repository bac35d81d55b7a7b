import { timestamp } from '@binnacle/client';
import { PersistentVolumeClaim, Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, doneFor, step } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { showBackends } from '../../sql/backends.ts';
import type { Doors } from '../../sql/front-end.ts';
import { KEEP, claimAs } from '../claim.ts';
import { asMaster } from '../doris.ts';
import { labelsOf, namesOf, ordinalOf } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';
import { retentionPlan } from './plan.ts';
import type { Volume } from './plan.ts';
import { WITH_VOLUMES, afterMs, policyOf, volumesOf } from './volumes.ts';
import { Pod } from '../../pod.ts';

/**
 * Volumes of nodes that left by scale-in: carries out retentionPlan(). None whose node Doris still lists is deleted, whatever is written on it. Where the policy is
 * Retain, as it is by default, nothing is written on a claim.
 */
export const retention = (doors: Doors) =>
  step('retention', DorisCluster, { owns: [PersistentVolumeClaim], reads: [Pod, Secret, StatefulSet] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    const due: { readonly name: 'fe' | 'be'; readonly volume: Volume }[] = [];
    let next: number | undefined;
    for (const name of WITH_VOLUMES) {
      const policy = policyOf(cluster.spec, name);
      const live = await cx.get(StatefulSet, namesOf(cluster.name, name).statefulSet);
      if (live === undefined) continue;
      const claims = await cx.list(PersistentVolumeClaim, { labels: labelsOf(cluster.name, name) });
      const volumes = volumesOf(cluster, name, claims, await cx.list(Pod, { labels: labelsOf(cluster.name, name) }));
      const wanted = Math.max(live.spec?.replicas ?? 0, cluster.spec[name]?.replicas ?? 0);
      const keptMs = policy?.whenScaled === 'Delete' ? afterMs(policy) : undefined;
      const { actions, nextMs } = retentionPlan({ wanted, afterMs: keptMs, nowMs: cx.clock.now(), volumes });
      if (nextMs !== undefined) next = Math.min(next ?? Infinity, nextMs);
      for (const action of actions) {
        const claim = claims.find(({ metadata }) => metadata.name === action.volume.claim)!;
        if (action.do === 'delete') due.push({ name, volume: action.volume });
        else if (action.do === 'takeBack') await cx.apply(PersistentVolumeClaim, claimAs(claim, { deleteAt: undefined }), { owner: 'none' });
        else {
          const at = timestamp(action.atMs);
          await cx.apply(PersistentVolumeClaim, claimAs(claim, { deleteAt: at }), { owner: 'none' });
          cx.event('Normal', 'VolumeToBeDeleted', `${action.volume.claim} is deleted at ${at}, unless it is annotated with ${KEEP}=true`, 'Retain');
          next = Math.min(next ?? Infinity, Math.max(1, action.atMs - cx.clock.now()));
        }
      }
    }
    if (due.length > 0) {
      const asked = await asMaster(doors, cluster, cx, async ({ fe, frontends }) => {
        const listed = { fe: frontends, be: due.some(({ name }) => name === 'be') ? await showBackends(fe, cx.signal) : [] };
        for (const { name, volume } of due) {
          if (listed[name].some(({ host }) => ordinalOf(cluster, name, host) === volume.ordinal)) continue;
          await cx.delete(PersistentVolumeClaim, volume.claim);
          cx.event('Normal', 'VolumeDeleted', `deleted ${volume.claim}: its node has left and its time was over`, 'Retain');
        }
        return done;
      });
      if (asked.type !== 'done') return asked;
    }
    return next === undefined ? done : doneFor(next);
  });
