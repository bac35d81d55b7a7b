import { parseTimestamp, timestamp } from '@binnacle/client';
import { done, finalizer as finalizerStep, waitFor } from '@binnacle/runtime';
import type { Context, Outcome } from '@binnacle/runtime';
import { Hazelcast } from '../../../api/hazelcast.ts';
import type { Cluster } from '../../../api/hazelcast.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import type { Backup, Run } from '../../../api/hot-backup.ts';
import { noteMadePassive } from '../../../hazelcast/made-passive.ts';
import { keyOf } from '../../../hazelcast/members/see.ts';
import { FINALIZER } from '../../../hazelcast/names.ts';
import { endUpload } from '../act.ts';
import { activate } from '../activate.ts';
import { ending, strayed } from '../ending.ts';
import type { Left } from '../ending.ts';
import { uploadAt, waysTo, whyNot } from '../observe.ts';
import type { Doors, Ways } from '../observe.ts';
import { tellPassive } from '../passive.ts';
import { remainsOf } from '../remains.ts';
import { removeFromBucket } from '../removal/from-bucket.ts';
import { tellLeftBehind } from '../removal/left-behind.ts';
import { REMOVAL_NEEDS, removeData } from '../removal/remove.ts';
import { begunBefore, clusterOf, isFinished, isOf } from '../../../backup-state.ts';
import type { Memory } from './backup.ts';

type Cx = Context<typeof HotBackup, (typeof REMOVAL_NEEDS.owns)[number], (typeof REMOVAL_NEEDS.reads)[number]>;

/** How long until a cluster that refers to the backup, or whose members do not answer, is looked at again; ms. */
const AGAIN_MS = 5_000;
/** How long until uploads that were cancelled are looked at again; ms. */
const ENDING_MS = 1_000;
/** How long members and agents that do not answer are waited for after the delete; ms. */
const PATIENCE_MS = 600_000;
/** What is remembered must be written before it is acted on: hence another pass, at once; ms. */
const AT_ONCE_MS = 10;

/**
 * Keeps a backup that a cluster is to be restored from, and ends one that is being taken, whoever waits for it: the cluster is ACTIVE, and of the unfinished backup nothing is left in
 * the bucket. A backup that is complete stays where it is, unless its spec says otherwise: it is the user's data. Source: spec/hazelcast-core.md §3.1.
 */
export const finalizer = (doors: Doors, memory: Memory) =>
  finalizerStep(FINALIZER, HotBackup, REMOVAL_NEEDS, async (hb, cx) => {
    const clusters = await cx.list(Hazelcast);
    const restoring = clusters.find(
      ({ metadata, spec }) => metadata.deletionTimestamp === undefined && spec.persistence?.restore?.hotBackupResourceName === hb.metadata.name,
    );
    const { run } = hb.status ?? {};
    const hz = clusters.find(({ metadata }) => metadata.name === clusterOf(hb));
    if (hz !== undefined && isOf(hb, hz)) {
      const ended = run === undefined ? await letGo(hb, hz, doors, cx) : await abandon(hb, hz, run, doors, cx);
      if (ended.type !== 'done') return ended;
    }
    // Of half a backup nobody is restored: it goes on going.
    if (restoring !== undefined && run === undefined && hb.status?.removal === undefined)
      return waitFor('Referenced', `Hazelcast '${restoring.metadata.name}' has a restore reference to the Hotbackup`, { afterMs: AGAIN_MS });
    memory.turns.give(hb);
    memory.unasked.forget(hb);
    if (run !== undefined && hb.spec.deletionPolicy === 'Delete') return failed(hb, cx);
    const emptied = hb.spec.bucketURI ? await removeFromBucket(hb, { ...doors, ...memory }, cx) : done;
    return emptied.type === 'done' ? await removeData(hb, hz, cx) : emptied;
  });

/** What there is of half a backup goes as that of one that failed does. */
function failed(hb: Backup, cx: Cx): Outcome {
  cx.status({ state: 'Failure', run: undefined, remains: remainsOf(hb), finishedAt: timestamp(cx.clock.now()) });
  return waitFor('Ending', 'it has ended, and what there is of it goes', { afterMs: AT_ONCE_MS });
}

/** Of a backup that the existing operator began it is known only that the cluster may be PASSIVE for it. */
async function letGo(hb: Backup, hz: Cluster, doors: Doors, cx: Cx): Promise<Outcome> {
  if (isFinished(hb) || !begunBefore(hb)) return done;
  return await becomesActive(hb, await waysTo(hz, cx), doors, cx);
}

/**
 * A cluster without members, such as one that is paused, may have taken its state along on its volumes: the duty to make it ACTIVE is written down for the
 * Hazelcast, which is there for longer. So it is of members that do not answer for long.
 */
async function becomesActive(hb: Backup, ways: Ways, doors: Doors, cx: Cx): Promise<Outcome> {
  const heard = await activate(ways, doors, cx);
  tellPassive(cx, heard);
  if (!('problem' in heard)) return done;
  if (ways.pods.length > 0 && !isLate(hb, cx)) return waitFor('MembersUnreachable', `cannot end the backup: ${heard.problem}`, { afterMs: AGAIN_MS });
  await noteMadePassive(ways.hz, hb.metadata.name, cx);
  return done;
}

/** It has been tried for long to end what was begun. */
function isLate(hb: Backup, { clock }: Pick<Cx, 'clock'>): boolean {
  return clock.now() - parseTimestamp(hb.metadata.deletionTimestamp ?? '') >= PATIENCE_MS;
}

async function abandon(hb: Backup, hz: Cluster, run: Run, doors: Doors, cx: Cx): Promise<Outcome> {
  const ways = await waysTo(hz, cx);
  const going = hz.metadata.deletionTimestamp !== undefined;
  if (run.activate) {
    const active = await becomesActive(hb, ways, doors, cx);
    if (active.type !== 'done') return active;
  }
  const left = await leftOf(ways, run, doors, cx);
  if (typeof left === 'string') {
    if (!going && !isLate(hb, cx)) return waitFor('MembersUnreachable', `cannot end the backup: ${left}`, { afterMs: AGAIN_MS });
    tellLeftBehind(`what was begun could not be ended: ${left}; look into ${hb.spec.bucketURI || 'the volumes'}`, cx);
    return done;
  }
  return await end(hb, run, left, ways, doors, cx);
}

async function end(hb: Backup, run: Run, left: Left, ways: Ways, doors: Doors, cx: Cx): Promise<Outcome> {
  for (const action of ending(left, run)) {
    try {
      if (action.do === 'wait') return waitFor(action.reason, action.message, { afterMs: ENDING_MS });
      if (action.do === 'interrupt') await doors.members.backup(keyOf(ways.hz), ways.pods.find(({ ready }) => ready)?.ip ?? '', 'interrupt', cx);
      if (action.do === 'cancel' || action.do === 'cleanup' || action.do === 'forget') await endUpload(action.upload, action.do, ways, doors.agents, cx);
    } catch (error) {
      return waitFor('MembersUnreachable', `cannot end the backup: ${action.do}: ${whyNot(error)}`, { afterMs: AGAIN_MS });
    }
  }
  const stray = strayed(left, run);
  if (stray.length > 0) tellLeftBehind(`a part of the backup may be in ${hb.spec.bucketURI}: of ${stray.join(', ')}`, cx);
  return done;
}

/** What the pods that are there tell; a text when one does not. An upload whose pod is gone went with it. */
async function leftOf(ways: Ways, run: Run, doors: Doors, { signal, clock }: Pick<Cx, 'signal' | 'clock'>): Promise<Left | string> {
  const members: { readonly task: string }[] = [];
  const uploads: Record<string, NonNullable<Left['uploads'][string]>> = {};
  for (const way of ways.pods) {
    if (!way.ready) continue;
    try {
      members.push({ task: (await doors.members.state(keyOf(ways.hz), way.ip, signal)).backupTask });
      const state = await uploadAt(way, { ...run, failure: run.failure ?? 'deleted' }, doors, signal);
      if (state !== undefined) uploads[way.name] = state;
    } catch (error) {
      return `${way.name}: ${whyNot(error)}`;
    }
  }
  return { members, uploads, nowMs: clock.now() };
}
