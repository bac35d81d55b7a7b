import { parseTimestamp } from '@binnacle/client';
import { done, finalizer as finalizerStep, waitFor } from '@binnacle/runtime';
import type { Context, Outcome } from '@binnacle/runtime';
import { Hazelcast } from '../../../api/hazelcast.ts';
import type { Cluster } from '../../../api/hazelcast.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import type { Backup, Run } from '../../../api/hot-backup.ts';
import { keyOf } from '../../../hazelcast/members/see.ts';
import { FINALIZER } from '../../../hazelcast/names.ts';
import { endUpload } from '../act.ts';
import { activate } from '../activate.ts';
import { ending, strayed } from '../ending.ts';
import type { Left } from '../ending.ts';
import { begunBefore, uploadAt, waysTo, whyNot } from '../observe.ts';
import type { Doors, Ways } from '../observe.ts';
import { tellPassive } from '../passive.ts';
import { removeFromBucket } from '../removal/from-bucket.ts';
import { tellLeftBehind } from '../removal/left-behind.ts';
import { REMOVAL_NEEDS, removeData } from '../removal/remove.ts';
import { isFinished } from '../turns.ts';
import type { Memory } from './backup.ts';

type Cx = Context<typeof HotBackup, (typeof REMOVAL_NEEDS.owns)[number], (typeof REMOVAL_NEEDS.reads)[number]>;

/** How long until a cluster that refers to the backup, or whose members do not answer, is looked at again; ms. */
const AGAIN_MS = 5_000;
/** How long until uploads that were cancelled are looked at again; ms. */
const ENDING_MS = 1_000;
/** How long agents that do not answer are waited for after the delete; ms. A member that does not answer is waited for as long as the cluster may be PASSIVE. */
const AGENTS_MS = 600_000;

/**
 * Keeps a backup that a cluster is to be restored from, and ends one that is being taken: the cluster is ACTIVE, and of the unfinished backup nothing is left in
 * the bucket. A backup that is complete stays where it is, unless its spec says otherwise: it is the user's data. Source: spec/hazelcast-core.md §3.1.
 */
export const finalizer = (doors: Doors, memory: Memory) =>
  finalizerStep(FINALIZER, HotBackup, REMOVAL_NEEDS, async (hb, cx) => {
    const clusters = await cx.list(Hazelcast);
    const restoring = clusters.find(
      ({ metadata, spec }) => metadata.deletionTimestamp === undefined && spec.persistence?.restore?.hotBackupResourceName === hb.metadata.name,
    );
    // Of half a backup nobody is restored: it goes on going.
    if (restoring !== undefined && hb.status?.removal === undefined)
      return waitFor('Referenced', `Hazelcast '${restoring.metadata.name}' has a restore reference to the Hotbackup`, { afterMs: AGAIN_MS });
    const { run } = hb.status ?? {};
    const hz = clusters.find(({ metadata }) => metadata.name === (run?.cluster ?? hb.spec.hazelcastResourceName));
    if (hz !== undefined) {
      const ended = run === undefined ? await letGo(hb, hz, doors, cx) : await abandon(hb, hz, run, doors, cx);
      if (ended.type !== 'done') return ended;
    }
    memory.turns.give(hb);
    memory.unasked.forget(hb);
    const emptied = hb.spec.bucketURI ? await removeFromBucket(hb, { ...doors, ...memory }, cx) : done;
    return emptied.type === 'done' ? await removeData(hb, hz, cx) : emptied;
  });

/** Of a backup that the existing operator began it is known only that the cluster may be PASSIVE for it. */
async function letGo(hb: Backup, hz: Cluster, doors: Doors, cx: Cx): Promise<Outcome> {
  if (isFinished(hb) || !begunBefore(hb)) return done;
  return await becomesActive(hz, await waysTo(hz, cx), doors, cx);
}

async function becomesActive(hz: Cluster, ways: Ways, doors: Doors, cx: Cx): Promise<Outcome> {
  const heard = await activate(ways, doors, cx);
  tellPassive(cx, heard);
  // Of a cluster that is going, the last member has taken its state with it.
  const over = hz.metadata.deletionTimestamp !== undefined && ways.pods.length === 0;
  return 'problem' in heard && !over ? waitFor('MembersUnreachable', `cannot end the backup: ${heard.problem}`, { afterMs: AGAIN_MS }) : done;
}

async function abandon(hb: Backup, hz: Cluster, run: Run, doors: Doors, cx: Cx): Promise<Outcome> {
  const ways = await waysTo(hz, cx);
  const going = hz.metadata.deletionTimestamp !== undefined;
  if (run.activate) {
    const active = await becomesActive(hz, ways, doors, cx);
    if (active.type !== 'done') return active;
  }
  const left = await leftOf(ways, run, doors, cx);
  if (typeof left === 'string') {
    const since = parseTimestamp(hb.metadata.deletionTimestamp ?? '');
    if (!going && cx.clock.now() - since < AGENTS_MS) return waitFor('MembersUnreachable', `cannot end the backup: ${left}`, { afterMs: AGAIN_MS });
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
