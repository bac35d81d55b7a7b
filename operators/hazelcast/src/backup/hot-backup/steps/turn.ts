import { StatefulSet } from '@binnacle/client/kinds';
import { done, step, waitFor } from '@binnacle/runtime';
import type { Context } from '@binnacle/runtime';
import { Hazelcast } from '../../../api/hazelcast.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import { clusterOf, isFinished } from '../../../backup-state.ts';
import { moves } from '../../../hazelcast/rollout/observe.ts';
import { selectorOf } from '../../../hazelcast/names.ts';
import { before } from '../../../turns.ts';
import type { Turns } from '../../../turns.ts';
import { Pod } from '../../../pod.ts';

/** How long until the others are looked at again; ms. */
const AGAIN_MS = 2_000;

/**
 * One backup of a cluster at a time, the oldest first: each makes the cluster PASSIVE and ACTIVE again, and members take one at a time. And none while members
 * restart or leave, which would take their part of it along.
 */
export const turn = (turns: Turns) =>
  step('turn', HotBackup, { reads: [Hazelcast, HotBackup, Pod, StatefulSet] }, async (hb, cx) => {
    if (isFinished(hb)) return done;
    const all = await cx.list(HotBackup);
    const first = before(hb, all);
    if (first !== undefined) return waitFor('Queued', `HotBackup '${first.metadata.name}' comes first`, { afterMs: AGAIN_MS });
    if (!turns.take(hb, all)) return waitFor('Queued', 'another HotBackup of the cluster is being taken, or a member is told to stop', { afterMs: AGAIN_MS });
    if (hb.status?.run !== undefined) return done;
    // Asked while it has the turn: from here on no member is told to stop.
    const why = await restless(clusterOf(hb), cx);
    if (why === undefined) return done;
    turns.give(hb);
    return waitFor('ClusterNotRunning', why, { afterMs: AGAIN_MS });
  });

type Cx = Context<typeof HotBackup, never, typeof Hazelcast | typeof Pod | typeof StatefulSet>;

/** What the phase of the cluster does not tell yet; undefined: nothing is about to happen to its members. */
async function restless(name: string, cx: Pick<Cx, 'get' | 'list'>): Promise<string | undefined> {
  const hz = await cx.get(Hazelcast, name);
  if (hz === undefined) return undefined;
  if ((hz.status?.observedGeneration ?? 0) < (hz.metadata.generation ?? 0)) return `Hazelcast '${name}' was edited, and it is not known yet what follows`;
  const live = await cx.get(StatefulSet, name);
  const settled = (live?.status?.observedGeneration ?? 0) >= (live?.metadata.generation ?? 0);
  const moving = moves(hz, live, await cx.list(Pod, { labels: selectorOf(hz) }));
  return settled && !moving ? undefined : `members of Hazelcast '${name}' are about to restart or to leave`;
}
