import { ConfigMap, StatefulSet } from '@binnacle/client/kinds';
import { done, doneFor, step, waitFor } from '@binnacle/runtime';
import { FORMED, hasFormed } from '../../api/check/update.ts';
import { Hazelcast } from '../../api/hazelcast.ts';
import type { Members } from '../../protocol/members.ts';
import { madePassiveName, passiveFor } from '../made-passive.ts';
import { keyOf, nextLook, see } from '../members/see.ts';
import { verdict } from '../members/verdict.ts';
import { Pod } from '../../pod.ts';

/** How long an activated cluster takes until its members say so; ms. */
const AGAIN_MS = 1_000;
/** Until a pass that knows what this one found out; ms. */
const AT_ONCE_MS = 10;

/**
 * Connects to every member and waits until they are one cluster. A restored cluster comes up PASSIVE, as it was backed up, and is activated once:
 * later somebody may have made it so on purpose.
 */
export const connection = (members: Members) =>
  step('connection', Hazelcast, { reads: [ConfigMap, Pod, StatefulSet] }, async (hz, cx) => {
    const { seen, statefulSet } = await see(hz, cx, members);
    const outcome = verdict(hz.spec.clusterSize, statefulSet, seen);
    if (outcome.type !== 'done') return outcome;
    const first = seen[0];
    if (first === undefined) return done;
    // Asked in the next pass, before all else: till then nobody knows whether it serves.
    if (passiveFor(await cx.get(ConfigMap, madePassiveName(hz.metadata.name))) !== undefined)
      return waitFor('Activating', 'a backup may have left the cluster PASSIVE', { afterMs: AGAIN_MS });
    if (hasFormed(hz)) return doneFor(nextLook(cx.clock).afterMs);
    const passive = seen.every(({ state }) => state?.clusterState === 'PASSIVE');
    if (hz.spec.persistence?.restore !== undefined && passive) {
      await members.changeState(keyOf(hz), first.pod.status?.podIP ?? '', 'ACTIVE', cx);
      cx.event('Normal', 'Activated', 'the restored cluster is active', 'Activate');
      return waitFor('Activating', 'the restored cluster becomes active', { afterMs: AGAIN_MS });
    }
    cx.condition(FORMED, true, 'AllMembersMet', 'all members have met at least once: what cannot change under data is fixed from now on');
    // Nothing else wakes a cluster that is Ready: the init container is to be told of no restore any more, before a member restarts for whatever reason.
    return hz.spec.persistence?.restore === undefined ? doneFor(nextLook(cx.clock).afterMs) : doneFor(AT_ONCE_MS);
  });
