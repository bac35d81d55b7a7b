import { PersistentVolumeClaim, Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, step, stop, waitFor } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import type { Doors } from '../../sql/front-end.ts';
import { dropFollower, dropObserver } from '../../sql/statements.ts';
import { LOOK_AGAIN_MS, asMaster } from '../doris.ts';
import { claimAs, metaClaimName } from '../claim.ts';
import { namesOf, ordinalOf, podName } from '../names.ts';
import { clusterFrom, componentOf } from '../objects/cluster.ts';
import { statefulSet } from '../objects/stateful-set.ts';
import { frontendPlan } from './fe-plan.ts';
import type { FrontendAction } from './fe-plan.ts';
import { Pod } from '../../pod.ts';

/**
 * Takes front ends out of the group, then their pods, one at a time: carries out frontendPlan(). A front end's claim is marked before it is dropped; the
 * claim stays until a front end is wanted at that place again (see feStatefulSet). `feGone` does no more than take away front ends that are not there: see beGone.
 */
export const feScaleIn = (doors: Doors, part: 'Gone' | 'ScaleIn' = 'ScaleIn') =>
  step(`fe${part}`, DorisCluster, { owns: [StatefulSet, PersistentVolumeClaim, Pod], reads: [Secret] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    if (cluster.spec.fe === undefined) return done;
    const live = await cx.get(StatefulSet, namesOf(cluster.name, 'fe').statefulSet);
    const replicas = live?.spec?.replicas ?? 0;
    const wanted = componentOf(cluster, 'fe').replicas;
    if (replicas <= wanted) return done;
    // A front end that was dropped is not ready any more, and of two such pods the StatefulSet (OrderedReady) takes down neither.
    const before = podName(cluster.name, 'fe', replicas);
    if ((await cx.get(Pod, before)) !== undefined) {
      cx.condition('ScalingIn', true, 'PodLeaving', `pod ${before} is still there`);
      return waitFor('PodLeaving', `pod ${before} goes before the next front end leaves`, { afterMs: LOOK_AGAIN_MS });
    }
    const mark = async (ordinal: number) => {
      const claim = await cx.get(PersistentVolumeClaim, metaClaimName(cluster.name, ordinal));
      if (claim !== undefined) await cx.apply(PersistentVolumeClaim, claimAs(claim, { dropped: true }), { owner: 'none' });
    };
    return await asMaster(doors, cluster, cx, async ({ fe, frontends }) => {
      const members = frontends.map((one) => ({ ...one, ordinal: ordinalOf(cluster, 'fe', one.host) }));
      const [action] = frontendPlan({ wanted, replicas, frontends: members });
      if (action === undefined || (part === 'Gone' && !isGone(action))) return done;
      cx.condition(
        'ScalingIn',
        true,
        'reason' in action ? action.reason : 'ScalingIn',
        'message' in action ? action.message : `${action.do} on the way to ${wanted} front ends`,
      );
      switch (action.do) {
        case 'drop': {
          const { address, ordinal, role } = action.frontend;
          await mark(ordinal ?? replicas - 1);
          await fe.query(role === 'OBSERVER' ? dropObserver(address) : dropFollower(address), cx.signal);
          cx.event('Normal', 'FrontEndLeft', `dropped ${address}`, 'ScaleIn');
          return waitFor('ScalingIn', `${address} has left the group`, { afterMs: LOOK_AGAIN_MS });
        }
        case 'moveMaster':
          await cx.delete(Pod, podName(cluster.name, 'fe', action.ordinal));
          cx.event('Normal', 'MasterMoved', `restarted ${podName(cluster.name, 'fe', action.ordinal)}: the master cannot leave`, 'ScaleIn');
          return waitFor('MovingMaster', 'another front end becomes the master', { afterMs: LOOK_AGAIN_MS });
        case 'shrink':
          await mark(action.replicas);
          await cx.apply(StatefulSet, statefulSet(cluster, 'fe', { replicas: action.replicas, leaving: [], live }));
          return waitFor('ScalingIn', `lowered to ${action.replicas} front ends`, { afterMs: LOOK_AGAIN_MS });
        case 'wait':
          return waitFor(action.reason, action.message, { afterMs: LOOK_AGAIN_MS });
        case 'refuse':
          return stop(action.reason, action.message);
        default:
          return action satisfies never;
      }
    });
  });

/** Whether a move takes away nobody who is there. */
const isGone = (action: FrontendAction): boolean => action.do === 'shrink' || (action.do === 'drop' && !action.frontend.alive);
