import { ConfigMap } from '@binnacle/client/kinds';
import { conditionOf } from '@binnacle/client';
import { done, doneFor, step, waitFor } from '@binnacle/runtime';
import { Hazelcast } from '../../api/hazelcast.ts';
import { HotBackup } from '../../api/hot-backup.ts';
import type { Backup } from '../../api/hot-backup.ts';
import { clusterOf, isOf } from '../../backup-state.ts';
import { MemberError } from '../../protocol/error.ts';
import type { Members } from '../../protocol/members.ts';
import { madePassiveName, passiveFor } from '../made-passive.ts';
import { isReady, isTerminating } from '../members/pods.ts';
import { keyOf } from '../members/see.ts';
import { selectorOf } from '../names.ts';
import { Pod } from '../../pod.ts';

/** How long an activated cluster takes until its members say so; ms. */
const AGAIN_MS = 1_000;
/** How long until members that are not there, or do not answer, are asked again; ms. */
const LOOK_MS = 5_000;

/**
 * Makes a cluster ACTIVE that came back PASSIVE from its volumes, if a backup may have made it so that cannot undo it any more: it was deleted, or its Hazelcast
 * was. The note of that (`made-passive.ts`) is what tells it from a PASSIVE that somebody chose, which stays; and it goes as soon as most members say anything
 * else, so that one that is chosen later stays as well. Before all that could hold a pass up: whatever is wrong with the spec, clients wait meanwhile.
 */
export const reactivation = (members: Members) =>
  step(
    'reactivation',
    Hazelcast,
    { owns: [ConfigMap], reads: [HotBackup, Pod] },
    async (hz, cx) => {
      const name = madePassiveName(hz.metadata.name);
      const backup = passiveFor(await cx.get(ConfigMap, name));
      if (backup === undefined) {
        if (conditionOf(hz, 'ClusterPassive') !== undefined) cx.condition('ClusterPassive', false, 'Activated', 'no backup keeps the cluster PASSIVE');
        return done;
      }
      cx.condition(
        'ClusterPassive',
        'Unknown',
        'MadePassive',
        `HotBackup ${backup} may have left the cluster PASSIVE: it is made ACTIVE as soon as members answer`,
      );
      // One that is being taken sees to it itself, and may be about to tell members of it.
      const taken = (hb: Backup) => hb.status?.run?.activate === true && clusterOf(hb) === hz.metadata.name && isOf(hb, hz);
      if ((await cx.list(HotBackup)).some(taken)) return doneFor(LOOK_MS);
      const ready = (await cx.list(Pod, { labels: selectorOf(hz) })).filter((pod) => isReady(pod) && !isTerminating(pod));
      if (ready.length === 0) return done; // the next that is wakes us
      let others = 0;
      for (const pod of ready) {
        const ip = pod.status?.podIP ?? '';
        try {
          const { clusterState } = await members.health(ip, cx.signal);
          if (clusterState === 'IN_TRANSITION') return doneFor(AGAIN_MS);
          if (clusterState !== 'PASSIVE') {
            others += 1;
            continue;
          }
          await members.changeState(keyOf(hz), ip, 'ACTIVE', cx);
          cx.event('Normal', 'Activated', `the cluster is ACTIVE again: it was PASSIVE for HotBackup ${backup}`, 'Activate');
          return waitFor('Activating', 'the cluster becomes ACTIVE again after a backup', { afterMs: AGAIN_MS });
        } catch (error) {
          if (!(error instanceof MemberError)) throw error;
          cx.log.info({ pod: pod.metadata.name, code: error.code, error: error.message }, 'a member does not let its cluster be made ACTIVE');
        }
      }
      if (2 * others <= hz.spec.clusterSize) return doneFor(LOOK_MS);
      await cx.delete(ConfigMap, name);
      cx.condition('ClusterPassive', false, 'Activated', 'no backup keeps the cluster PASSIVE');
      return done;
    },
    { whileInvalid: true },
  );
