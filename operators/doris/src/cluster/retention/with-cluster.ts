import { timestamp } from '@binnacle/client';
import { ConfigMap, PersistentVolumeClaim, StatefulSet } from '@binnacle/client/kinds';
import { done, finalizer, waitFor } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { KEEP, claimAs } from '../claim.ts';
import { bornName } from '../objects/born.ts';
import { labelsOf } from '../names.ts';
import { clusterFrom } from '../objects/cluster.ts';
import { partsOf, stopPods } from '../suspend/step.ts';
import { retentionPlan } from './plan.ts';
import { WITH_VOLUMES, afterMs, endsWithVolumes, policyOf, volumesOf } from './volumes.ts';
import { Pod } from '../../pod.ts';

/** Claims of a StatefulSet have no owner and wake nobody, and a namespace that goes takes them along. */
const LOOK_MS = 60_000;

/**
 * A cluster whose volumes are to end with it stays, without pods, until their time is over: so it can be taken back until then, by the policy or claim by claim.
 * With the last metadata goes the memory that the cluster was born, or none of its name could be made again. Other clusters have no finalizer.
 */
export const volumesWithCluster = finalizer(
  'al-assad.github.io/volumes',
  DorisCluster,
  { owns: [StatefulSet, PersistentVolumeClaim, ConfigMap], reads: [Pod] },
  async (object, cx) => {
    const cluster = clusterFrom(object);
    if (!endsWithVolumes(cluster.spec)) return done;
    const waitsFor = await stopPods(await partsOf(cluster, cx), cx);
    if (waitsFor !== undefined) return waitFor('Stopping', `stopping ${waitsFor}`);
    let next: number | undefined;
    let metadataStays = false;
    for (const name of WITH_VOLUMES) {
      const policy = policyOf(cluster.spec, name);
      const claims = await cx.list(PersistentVolumeClaim, { labels: labelsOf(cluster.name, name) });
      const all = volumesOf(cluster, name, claims, []).map((volume) => ({ ...volume, left: true }));
      const keptMs = policy?.whenDeleted === 'Delete' ? afterMs(policy) : undefined;
      const { actions, nextMs } = retentionPlan({ wanted: 0, afterMs: keptMs, nowMs: cx.clock.now(), volumes: all });
      if (nextMs !== undefined) next = Math.min(next ?? Infinity, nextMs);
      for (const action of actions) {
        const { claim } = action.volume;
        if (action.do === 'delete') {
          await cx.delete(PersistentVolumeClaim, claim);
          continue;
        }
        const deleteAt = action.do === 'announce' ? timestamp(action.atMs) : undefined;
        await cx.apply(
          PersistentVolumeClaim,
          claimAs(
            claims.find(({ metadata }) => metadata.name === claim)!,
            { deleteAt },
          ),
          { owner: 'none' },
        );
        if (action.do === 'announce') next = Math.min(next ?? Infinity, Math.max(1, action.atMs - cx.clock.now()));
      }
      if (name === 'fe') metadataStays = actions.filter((one) => one.do === 'delete').length < all.length;
    }
    if (next !== undefined) {
      const message = `its volumes are deleted at ${timestamp(cx.clock.now() + next)}; until then ${KEEP}=true on a claim keeps that, and whenDeleted: Retain all of them`;
      return waitFor('VolumesKept', message, { afterMs: Math.min(next, LOOK_MS) });
    }
    if (!metadataStays) await cx.delete(ConfigMap, bornName(cluster.name));
    return done;
  },
  { when: (object) => endsWithVolumes(clusterFrom(object).spec) },
);
