import { conditionOf, parseTimestamp, timestamp } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { done, step, stop, waitFor } from '@binnacle/runtime';
import type { Context, Outcome, References } from '@binnacle/runtime';
import { Hazelcast } from '../../../api/hazelcast.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import type { Backup } from '../../../api/hot-backup.ts';
import { act } from '../act.ts';
import type { Result } from '../act.ts';
import { activate } from '../activate.ts';
import { observe, waysTo } from '../observe.ts';
import type { Doors, Ways } from '../observe.ts';
import { tellPassive } from '../passive.ts';
import { CLUSTER_GONE, plan } from '../plan.ts';
import { progress } from '../progress.ts';
import { remainsOf } from '../remains.ts';
import { clusterOf, isFinished, isOf } from '../../../backup-state.ts';
import type { Turns } from '../../../turns.ts';
import type { Unasked } from '../unasked.ts';
import { Pod } from '../../../pod.ts';

type Cx = Context<typeof HotBackup, never, typeof Hazelcast | typeof Pod | typeof Secret>;

/** What the step remembers between passes; all of it may be lost. */
export interface Memory {
  readonly turns: Turns;
  readonly unasked: Unasked;
  /** HotBackups of which a pass waits for a bucket now. */
  readonly deleting: Set<string>;
  readonly references: References;
}

/** How long until members and agents are asked again; ms. They tell nobody by themselves. */
const AGAIN_MS = 1_000;
/** The same while nothing is under way that ends soon; ms. */
const PATIENT_MS = 15_000;
const PATIENT = ['UploadUnknown', 'Busy'];
/** What is remembered must be written before it is acted on: hence another pass, at once. */
const AT_ONCE_MS = 10;
/** A backup that takes longer raises the condition `Stalled`; ms. It is given up for that only if `activeDeadlineSeconds` says so. */
const LONG_MS = 3_600_000;

/** Takes the backup: asks everybody, decides with `plan`, does it, remembers it in the status. */
export const backup = (doors: Doors, memory: Memory) =>
  step('backup', HotBackup, { reads: [Hazelcast, Pod, Secret] }, async (hb, cx) => {
    if (hb.status?.state === 'Success') return done;
    if (isFinished(hb)) return stop(failedFor(hb), hb.status?.message ?? '');
    const startedAt = hb.status?.run?.startedAt;
    const stalled = startedAt !== undefined && cx.clock.now() - parseTimestamp(startedAt) > LONG_MS;
    cx.condition('Stalled', stalled, stalled ? 'TakesLong' : 'Moving', stalled ? 'taken for more than an hour' : 'nothing takes long');
    // Once begun it is about that cluster, whatever an edit says.
    const hz = await cx.get(Hazelcast, clusterOf(hb));
    const result: Result = hz === undefined || !isOf(hb, hz) ? clusterGone : await attempt(hb, await waysTo(hz, cx), doors, memory, cx);
    if (result === clusterGone && hb.status?.run?.activate === true) cx.condition('ClusterPassive', false, 'ClusterGone', MADE_ANEW);
    return tell(hb, result, memory, cx);
  });

const MADE_ANEW = 'the cluster is gone; if it is made anew on the same volumes and is PASSIVE then, it is made ACTIVE';
const clusterGone: Result = { type: 'finished', state: 'Failure', message: CLUSTER_GONE, backupUUIDs: [] };

async function attempt(hb: Backup, ways: Ways, doors: Doors, memory: Memory, cx: Cx): Promise<Result> {
  const run = hb.status?.run;
  const observed = await observe(hb, ways, memory.unasked.of(hb), doors, cx);
  if (typeof observed === 'string') {
    const heard = run?.activate === true ? await activate(ways, doors, cx) : undefined;
    if (heard !== undefined) tellPassive(cx, heard);
    const active = heard === undefined || !('problem' in heard);
    if (run !== undefined && active && isOverdue(hb, cx.clock.now())) return overdue(observed);
    return { type: 'wait', reason: 'MembersUnreachable', message: observed };
  }
  if (run !== undefined) cx.status({ members: [...progress(observed, run)] });
  const actions = plan(observed);
  const result = await act(actions, { hb, ways, doors, mandate: cx, asks: (upload) => memory.unasked.asks(hb, upload) });
  const changes = actions.some((action) => action.do === 'passivate' || action.do === 'activate');
  const broke = result.type === 'wait' ? result.reason === 'MembersUnreachable' : result.type === 'run' && result.passive === true;
  if (run?.activate === true) tellPassive(cx, { clusterState: changes && broke ? 'PASSIVE' : 'ACTIVE' });
  return result;
}

function tell(hb: Backup, result: Result, { turns, unasked }: Memory, cx: Cx): Outcome {
  switch (result.type) {
    case 'run':
      if (result.asking !== undefined) unasked.note(hb, result.asking);
      cx.status({
        state: result.run.triggeredAt === undefined && result.run.sequence === undefined ? 'NotStarted' : 'InProgress',
        startedAt: result.run.startedAt,
        run: result.run,
      });
      return waitFor('InProgress', 'the backup is being taken', { afterMs: AT_ONCE_MS });
    case 'wait':
      // It has not begun: what it waits for may wait for the turn itself.
      if (hb.status?.run === undefined) turns.give(hb);
      return waitFor(result.reason, result.message, { afterMs: PATIENT.includes(result.reason) ? PATIENT_MS : AGAIN_MS });
    case 'finished':
      turns.give(hb);
      unasked.forget(hb);
      cx.status({
        state: result.state,
        run: undefined,
        ...(result.state === 'Failure' ? { remains: remainsOf(hb) } : {}),
        finishedAt: timestamp(cx.clock.now()),
        backupUUIDs: result.backupUUIDs.length === 0 ? undefined : [...result.backupUUIDs],
      });
      return result.state === 'Success' ? done : stop('BackupFailed', result.message);
  }
}

function isOverdue({ spec, status }: Backup, nowMs: number): boolean {
  const { activeDeadlineSeconds: deadline } = spec;
  return deadline !== undefined && status?.run !== undefined && nowMs - parseTimestamp(status.run.startedAt) > deadline * 1_000;
}

/** The cluster is ACTIVE, and the rest cannot be reached: what uploads have left in the bucket stays there. */
function overdue(problem: string): Result {
  const message = `took longer than spec.activeDeadlineSeconds, and could not be cleaned up after: ${problem}`;
  return { type: 'finished', state: 'Failure', message, backupUUIDs: [] };
}

/** The reason it failed for stays, however often it is looked at. */
function failedFor(hb: Backup): string {
  return conditionOf(hb, 'Ready')?.reason === 'PersistenceDisabled' ? 'PersistenceDisabled' : 'BackupFailed';
}
