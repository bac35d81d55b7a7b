import { done, doneFor, step, waitFor } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { scaledCluster } from '../../autoscaler/scaled.ts';
import type { Doors } from '../../sql/front-end.ts';
import { LOOK_AGAIN_MS, LOOK_LATER_MS, asMaster } from '../doris.ts';
import { LOOKED_AT, look, nextLook } from '../look.ts';

/**
 * The last step but for volumes: every member wanted is ready and, as Doris sees it, alive. Steps before it do not wait for single members, so that a node that is down
 * never keeps the others from being looked after. Looks again soon while something is missing, and once an interval when all is well.
 */
export const alive = (doors: Doors) =>
  step('alive', DorisCluster, { reads: LOOKED_AT }, async (object, cx) => {
    const cluster = await scaledCluster(object, cx);
    if (cluster.spec.fe === undefined) return done;
    return await asMaster(doors, cluster, cx, async (master) => {
      const { missing, rolling } = await look(object, cluster, cx, master);
      cx.condition('ScalingIn', false, 'AtSize', 'no member is leaving');
      if (missing.length > 0) return waitFor('MembersMissing', [...missing, ...rolling].join(', '), { afterMs: LOOK_AGAIN_MS });
      // Kubernetes tells of each step of a rollout; one that was paused may stay so for days.
      return rolling.length === 0 ? doneFor(nextLook(cx.clock).afterMs) : waitFor('RollingOut', rolling.join(', '), { afterMs: LOOK_LATER_MS });
    });
  });
