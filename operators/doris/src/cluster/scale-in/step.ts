import { PersistentVolumeClaim, Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import type { Outcome } from '@binnacle/runtime';
import { AUTOSCALERS } from '../../api/doris-autoscaler.ts';
import { DorisCluster } from '../../api/doris-cluster.ts';
import { showBackends } from '../../sql/backends.ts';
import type { Backend } from '../../sql/backends.ts';
import type { Doors } from '../../sql/front-end.ts';
import { cancelDecommission, decommissionBackend, dropBackend } from '../../sql/statements.ts';
import { scaledCluster } from '../../autoscaler/scaled.ts';
import { LOOK_AGAIN_MS, LOOK_LATER_MS, asMaster } from '../doris.ts';
import { leavingOf } from '../leaving.ts';
import { namesOf, ordinalOf } from '../names.ts';
import { componentOf } from '../objects/cluster.ts';
import type { Cluster } from '../objects/cluster.ts';
import { statefulSet } from '../objects/stateful-set.ts';
import { markEmptied } from '../retention/volumes.ts';
import { observe } from './observe.ts';
import { plan } from './plan.ts';
import type { Action } from './plan.ts';
import { Pod } from '../../pod.ts';

/**
 * `beScaleIn` and `cnScaleIn`: carries out plan(), one action after the other. What it began to move away is written on the StatefulSet before the statement
 * is sent, so that after a crash it is still known whose decommission it was. `beGone` and `cnGone`, before an ordered restart, do no more than take away nodes that are not
 * there, or not yet: scale-in waits until all have restarted, and a pod that never becomes ready keeps Kubernetes from restarting those below it.
 */
export const backEndScaleIn = (doors: Doors, name: 'be' | 'cn', part: 'Gone' | 'ScaleIn' = 'ScaleIn') =>
  step(`${name}${part}`, DorisCluster, { owns: [StatefulSet, PersistentVolumeClaim], reads: [Pod, Secret, ...AUTOSCALERS] }, async (object, cx) => {
    const cluster = await scaledCluster(object, cx);
    if (cluster.spec[name] === undefined || cluster.spec.fe === undefined) return done;
    const live = await cx.get(StatefulSet, namesOf(cluster.name, name).statefulSet);
    const replicas = live?.spec?.replicas ?? 0;
    const leaving = leavingOf(live);
    // Nothing to take away and nothing to take back: Doris is not asked.
    if (replicas <= componentOf(cluster, name).replicas && (part === 'Gone' || leaving.length === 0)) return done;
    return await asMaster(doors, cluster, cx, async ({ fe }) => {
      const listed = await showBackends(fe, cx.signal);
      if (part === 'Gone' && !isGone(listed.find(({ host }) => ordinalOf(cluster, name, host) === replicas - 1))) return done;
      const actions = plan(await observe(cluster, name, { fe, listed, replicas, leaving }, cx.signal));
      const write = (kept: { readonly replicas: number; readonly leaving: readonly string[] }) =>
        cx.apply(StatefulSet, statefulSet(cluster, name, { ...kept, live }));
      let remembered = leaving;
      let outcome: Outcome = done;
      for (const action of actions) {
        switch (action.do) {
          case 'decommission':
            remembered = [...new Set([...remembered, action.backend.address])];
            await write({ replicas, leaving: remembered });
            await fe.query(decommissionBackend(action.backend.address), cx.signal);
            cx.event('Normal', 'Decommissioning', `moving the data of ${action.backend.address} away`, 'ScaleIn');
            break;
          case 'cancelDecommission':
            await fe.query(cancelDecommission(action.backend.address), cx.signal);
            cx.event('Normal', 'DecommissionCancelled', `${action.backend.address} is wanted again`, 'ScaleIn');
            remembered = remembered.filter((address) => address !== action.backend.address);
            await write({ replicas, leaving: remembered });
            break;
          case 'drop':
            await fe.query(dropBackend(action.backend.address), cx.signal);
            cx.event('Normal', 'BackEndLeft', `dropped ${action.backend.address}, which is empty`, 'ScaleIn');
            break;
          case 'shrink':
            // Only whose data we moved: what a DBA dropped may be all there is of something.
            if (name === 'be' && leftByUs(cluster, remembered, action.replicas)) await markEmptied(cluster, action.replicas, cx);
            remembered = [];
            await write({ replicas: action.replicas, leaving: remembered });
            break;
          case 'wait':
          case 'refuse':
            break;
          default:
            return action satisfies never;
        }
        outcome = waitAfter(action);
      }
      // Nothing left to do, and still something remembered: what was wanted back is back, by itself or by a DBA.
      if (actions.length === 0 && remembered.length > 0) await write({ replicas, leaving: [] });
      if (outcome.type === 'wait') cx.condition('ScalingIn', true, outcome.reason, outcome.message);
      return outcome;
    });
  });

/** Whether a node that is too many does nothing and holds nothing, if it is one at all. */
const isGone = (last: Pick<Backend, 'alive' | 'tablets'> | undefined): boolean => last === undefined || (!last.alive && last.tablets === 0);

const leftByUs = (cluster: Cluster, leaving: readonly string[], ordinal: number): boolean =>
  leaving.some((address) => ordinalOf(cluster, 'be', address.split(':')[0] ?? '') === ordinal);

function waitAfter(action: Action): Outcome {
  switch (action.do) {
    case 'wait':
      return waitFor(action.reason, action.message, { afterMs: LOOK_AGAIN_MS });
    case 'refuse':
      return waitFor(action.reason, action.message, { afterMs: LOOK_LATER_MS });
    case 'shrink':
      return waitFor('ScalingIn', `lowered to ${action.replicas} replicas`, { afterMs: LOOK_AGAIN_MS });
    default:
      return waitFor('ScalingIn', `${action.do}: ${action.backend.address}`, { afterMs: LOOK_AGAIN_MS });
  }
}
