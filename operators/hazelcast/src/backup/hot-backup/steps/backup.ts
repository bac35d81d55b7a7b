import { conditionOf, parseTimestamp } from '@binnacle/client';
import { Pod, Secret } from '@binnacle/client/kinds';
import { done, step, stop, waitFor } from '@binnacle/runtime';
import { Hazelcast } from '../../../api/hazelcast.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import type { Backup } from '../../../api/hot-backup.ts';
import { act } from '../act.ts';
import type { Result } from '../act.ts';
import { observe, waysTo } from '../observe.ts';
import type { Doors, Reading } from '../observe.ts';
import { plan } from '../plan.ts';
import { isFinished } from '../turns.ts';
import type { Turns } from '../turns.ts';

/** How long until members and agents are asked again; ms. They tell nobody by themselves. */
const AGAIN_MS = 1_000;
/** What is remembered must be written before it is acted on: hence another pass, at once. */
const AT_ONCE_MS = 10;
/** A backup that takes longer raises the condition `Stalled`; ms. It is never given up for that. */
const LONG_MS = 3_600_000;

/** Takes the backup: asks everybody, decides with `plan`, does it, remembers it in the status. */
export const backup = (doors: Doors, turns: Turns) =>
  step('backup', HotBackup, { reads: [Hazelcast, Pod, Secret] }, async (hb, cx) => {
    if (hb.status?.state === 'Success') return done;
    if (isFinished(hb)) return stop(failedFor(hb), hb.status?.message ?? '');
    const startedAt = hb.status?.run?.startedAt;
    const stalled = startedAt !== undefined && cx.clock.now() - parseTimestamp(startedAt) > LONG_MS;
    cx.condition('Stalled', stalled, stalled ? 'TakesLong' : 'Moving', stalled ? 'taken for more than an hour' : 'nothing takes long');
    const result = await attempt(hb, await cx.get(Hazelcast, hb.spec.hazelcastResourceName), doors, cx);
    switch (result.type) {
      case 'run':
        cx.status({ state: result.run.triggeredAt === undefined && result.run.sequence === undefined ? 'NotStarted' : 'InProgress', run: result.run });
        return waitFor('InProgress', 'the backup is being taken', { afterMs: AT_ONCE_MS });
      case 'wait':
        return waitFor(result.reason, result.message, { afterMs: AGAIN_MS });
      case 'finished':
        turns.give(hb);
        cx.status({ state: result.state, run: undefined, backupUUIDs: result.backupUUIDs.length === 0 ? undefined : [...result.backupUUIDs] });
        return result.state === 'Success' ? done : stop('BackupFailed', result.message);
    }
  });

async function attempt(hb: Backup, hz: Parameters<typeof waysTo>[0] | undefined, doors: Doors, cx: Reading): Promise<Result> {
  if (hz === undefined) return { type: 'finished', state: 'Failure', message: 'the cluster was deleted while its backup was taken', backupUUIDs: [] };
  const ways = await waysTo(hz, cx);
  if (typeof ways === 'string') return { type: 'wait', reason: 'MembersUnreachable', message: ways };
  const observed = await observe(hz, hb, ways, doors, cx);
  if (typeof observed === 'string') return { type: 'wait', reason: 'MembersUnreachable', message: observed };
  return await act(plan(observed), hz, hb, ways, doors, cx.signal);
}

/** The reason it failed for stays, however often it is looked at. */
function failedFor(hb: Backup): string {
  return conditionOf(hb, 'Ready')?.reason === 'PersistenceDisabled' ? 'PersistenceDisabled' : 'BackupFailed';
}
