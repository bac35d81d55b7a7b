import { conditionOf } from '@binnacle/client';
import { Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, step, stop, waitFor } from '@binnacle/runtime';
import type { Outcome } from '@binnacle/runtime';
import { DorisCluster } from '../../api/doris-cluster.ts';
import type { Status } from '../../api/status.ts';
import type { Doors } from '../../sql/front-end.ts';
import { showScheduling } from '../../sql/scheduling.ts';
import { tabletsBehind } from '../../sql/tablet-health.ts';
import { LOOK_AGAIN_MS, LOOK_LATER_MS, asMaster } from '../doris.ts';
import { clusterFrom } from '../objects/cluster.ts';
import { ALL_OFF, brokenBecause, everywhere, repairOn, schedulingOf, silent, withGate } from './act.ts';
import { ALLOW_DOWNGRADE, isMoving, observe, partsOf } from './observe.ts';
import { rolloutPlan } from './plan.ts';
import type { Part } from './plan.ts';
import { RESTART_TAKEN_OVER, waitsForRestart } from './take-over.ts';
import { Pod } from '../../pod.ts';

/** On the DorisCluster: `true` keeps a new template from going on to the next pod. What is half-way stays half-way. */
export const PAUSE = 'al-assad.github.io/pause-upgrade';

/**
 * Restarts pods whose template has changed, one at a time and in Doris' order: carries out rolloutPlan(), one action a pass. The gate is each StatefulSet's
 * partition; what the scheduling was before is in the status before it is changed.
 */
export const rollout = (doors: Doors) =>
  step('rollout', DorisCluster, { owns: [StatefulSet, Pod], reads: [Secret] }, async (object, cx) => {
    const cluster = clusterFrom(object);
    const before = (object.status as Status | undefined)?.schedulingBefore; // sound: a Live status is the declared one
    const all = cluster.spec.fe === undefined ? [] : await partsOf(cluster, cx);
    const moving = all.filter(isMoving);
    const waiting = moving.flatMap(({ name, live }) => {
      const what = waitsForRestart(live, object.metadata.annotations);
      return what === undefined ? [] : [`${name}: ${what}`];
    });
    if (before === undefined && waiting.length > 0 && waiting.length === moving.length) {
      const message = `the cluster was taken over, and each pod restarts once, in order, when something else restarts pods or the DorisCluster is annotated with ${RESTART_TAKEN_OVER}=true. New are ${waiting.join('; ')}`;
      if (conditionOf(object, 'RestartPending')?.status !== 'True') cx.event('Normal', 'TakenOver', message, 'TakeOver');
      cx.condition('RestartPending', true, 'TakenOver', message);
      return done;
    }
    if (conditionOf(object, 'RestartPending') !== undefined) cx.condition('RestartPending', false, 'NotPending', 'no restart waits for anybody');
    if (before === undefined && moving.length === 0) {
      cx.condition('Upgrading', false, 'AsWanted', 'every pod runs what the spec wants');
      cx.condition('Stuck', false, 'NotUpgrading', 'no pod is being restarted');
      return done;
    }
    const { annotations } = object.metadata;
    return await asMaster(doors, cluster, cx, async (master): Promise<Outcome> => {
      const parts = await observe(cluster, all, master, annotations?.[ALLOW_DOWNGRADE], cx);
      const now = await showScheduling(master.fe, cx.signal);
      // Where somebody had switched repair off, nothing would ever be repaired.
      const repairable = before?.disable_tablet_scheduler === false && all.some((one) => one.name === 'be' && isMoving(one));
      const behind = repairable ? await tabletsBehind(master.fe, cx.signal) : 0;
      const action = rolloutPlan({ parts, scheduling: schedulingOf(before, now), behind, paused: annotations?.[PAUSE] === 'true' });
      const live = (part: Part) => all.find((one) => one.name === part.name)!.live;
      const apply = (part: Part) => cx.apply(StatefulSet, withGate(cluster, part, live(part), action!));
      const on = (what: string) => waitFor('Upgrading', what, { afterMs: LOOK_AGAIN_MS });
      if (action === undefined) {
        cx.condition('Upgrading', false, 'AsWanted', 'every pod runs what the spec wants');
        return done;
      }
      cx.condition('Upgrading', action.do !== 'refuse', 'reason' in action ? action.reason : 'Upgrading', progress(parts));
      const broken = all.flatMap(({ pods }) => pods.map(brokenBecause)).find((why) => why !== undefined);
      cx.condition('Stuck', broken !== undefined, broken === undefined ? 'GoingOn' : 'PodBroken', broken ?? 'nodes come back');
      switch (action.do) {
        case 'remember':
          cx.status({ schedulingBefore: now });
          return on('scheduling of tablets will be switched off');
        case 'switchOff':
          await everywhere(doors, cluster, cx, master, ALL_OFF);
          cx.event('Normal', 'SchedulingOff', 'switched off balancing and scheduling of tablets while nodes restart', 'Upgrade');
          return on('scheduling of tablets is off');
        case 'repair':
          await everywhere(doors, cluster, cx, master, repairOn(before ?? now));
          cx.event('Normal', 'RepairOn', `repairing ${behind} tablets of which a replica missed a load before the next node restarts`, 'Upgrade');
          return on('replicas that missed a load are repaired');
        case 'restore': {
          if (before !== undefined) await everywhere(doors, cluster, cx, master, before);
          const untold = await silent(cluster, cx, master);
          if (untold.length > 0) {
            const message = `${untold.join(', ')} does not answer and may have balancing and scheduling of tablets switched off: it is told when it does, and forgets it when its pod is deleted`;
            cx.condition('Upgrading', true, 'SchedulingNotRestored', message);
            return done; // those that lead now have them as they were: nothing else has to wait
          }
          cx.status({ schedulingBefore: undefined });
          cx.event('Normal', 'SchedulingRestored', 'balancing and scheduling of tablets are as they were', 'Upgrade');
          return on('scheduling of tablets is as it was');
        }
        case 'hold':
          await apply(action.part);
          return on(`${action.part.name} restarts no more pods`);
        case 'restart':
          await apply(action.part);
          cx.event('Normal', 'Restarting', `${action.member.pod} restarts with its new template`, 'Upgrade');
          return on(`${action.member.pod} restarts`);
        case 'replace':
          await cx.delete(Pod, action.member.pod);
          return on(`${action.member.pod} was broken and is made anew`);
        case 'moveMaster':
          await apply(action.part);
          await cx.delete(Pod, action.member.pod);
          cx.event('Normal', 'MasterMoved', `restarted ${action.member.pod}: the master is upgraded last, and that is the first front end`, 'Upgrade');
          return on(`another front end than ${action.member.pod} becomes the master`);
        case 'wait':
          if (action.reason === 'MasterNotMoved') cx.condition('Stuck', true, action.reason, action.message);
          // A broken pod tells when it is well again; only Doris does not.
          return waitFor(action.reason, action.message, { afterMs: broken === undefined ? LOOK_AGAIN_MS : LOOK_LATER_MS });
        case 'paused':
          return done; // the rest of the cluster is looked after as ever
        case 'refuse':
          return stop(action.reason, `${action.message}; to do it all the same annotate the DorisCluster with ${ALLOW_DOWNGRADE}: <image tag>`);
        default:
          return action satisfies never;
      }
    });
  });

/** `be 2 of 3, fe 0 of 3` */
function progress(parts: readonly Part[]): string {
  return parts.map(({ name, members }) => `${name} ${members.filter((one) => one.template === 'new').length} of ${members.length}`).join(', ');
}
