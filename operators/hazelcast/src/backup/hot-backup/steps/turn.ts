import { done, step, waitFor } from '@binnacle/runtime';
import { HotBackup } from '../../../api/hot-backup.ts';
import { isFinished } from '../../../backup-state.ts';
import { before } from '../../../turns.ts';
import type { Turns } from '../../../turns.ts';

/** How long until the others are looked at again; ms. */
const AGAIN_MS = 2_000;

/** One backup of a cluster at a time, the oldest first: each makes the cluster PASSIVE and ACTIVE again, and members take one at a time. */
export const turn = (turns: Turns) =>
  step('turn', HotBackup, { reads: [HotBackup] }, async (hb, cx) => {
    if (isFinished(hb)) return done;
    const first = before(hb, await cx.list(HotBackup));
    if (first !== undefined) return waitFor('Queued', `HotBackup '${first.metadata.name}' comes first`, { afterMs: AGAIN_MS });
    if (!turns.take(hb)) return waitFor('Queued', 'another HotBackup of the cluster is being taken', { afterMs: AGAIN_MS });
    return done;
  });
