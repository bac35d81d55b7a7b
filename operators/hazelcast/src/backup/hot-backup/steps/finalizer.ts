import { Pod, Secret } from '@binnacle/client/kinds';
import { done, finalizer as finalizerStep, waitFor } from '@binnacle/runtime';
import type { Outcome } from '@binnacle/runtime';
import { Hazelcast } from '../../../api/hazelcast.ts';
import type { Cluster } from '../../../api/hazelcast.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import type { Run } from '../../../api/hot-backup.ts';
import { keyOf } from '../../../hazelcast/members/see.ts';
import { FINALIZER } from '../../../hazelcast/names.ts';
import { endUpload } from '../act.ts';
import { waysTo, whyNot } from '../observe.ts';
import type { Doors, Reading } from '../observe.ts';
import type { Turns } from '../turns.ts';

/** How long until a cluster that refers to the backup, or whose members do not answer, is looked at again; ms. */
const AGAIN_MS = 5_000;

/**
 * Keeps a backup that a cluster is to be restored from, and ends one that is being taken. What is in the bucket or on the volumes stays: it is the user's
 * data. Source: spec/hazelcast-core.md §3.1.
 */
export const finalizer = (doors: Doors, turns: Turns) =>
  finalizerStep(FINALIZER, HotBackup, { reads: [Hazelcast, Pod, Secret] }, async (hb, cx) => {
    const clusters = await cx.list(Hazelcast);
    const restoring = clusters.find(
      ({ metadata, spec }) => metadata.deletionTimestamp === undefined && spec.persistence?.restore?.hotBackupResourceName === hb.metadata.name,
    );
    if (restoring !== undefined)
      return waitFor('Referenced', `Hazelcast '${restoring.metadata.name}' has a restore reference to the Hotbackup`, { afterMs: AGAIN_MS });
    const hz = clusters.find(({ metadata }) => metadata.name === hb.spec.hazelcastResourceName);
    const { run } = hb.status ?? {};
    // A cluster that is going needs to be made ACTIVE no more.
    if (run !== undefined && hz !== undefined && hz.metadata.deletionTimestamp === undefined) {
      const ended = await abandon(hz, run, doors, cx);
      if (ended.type !== 'done') return ended;
    }
    turns.give(hb);
    return done;
  });

async function abandon(hz: Cluster, run: Run, doors: Doors, cx: Reading): Promise<Outcome> {
  const { activate, uploads = [] } = run;
  const ways = await waysTo(hz, cx);
  if (typeof ways === 'string') return waitFor('MembersUnreachable', `cannot end the backup: ${ways}`, { afterMs: AGAIN_MS });
  const ip = ways.pods[0]?.ip ?? '';
  try {
    const { clusterState, backupTask } = await doors.members.state(keyOf(hz), ip, cx.signal);
    if (activate && clusterState === 'PASSIVE') await doors.members.changeState(keyOf(hz), ip, 'ACTIVE', cx.signal);
    if (backupTask === 'IN_PROGRESS') await doors.members.backup(keyOf(hz), ip, 'interrupt', cx.signal);
  } catch (error) {
    return waitFor('MembersUnreachable', `cannot end the backup: ${whyNot(error)}`, { afterMs: AGAIN_MS });
  }
  for (const upload of uploads) {
    if (upload.key === undefined) await endUpload(upload, 'cancel', ways, doors, cx.signal);
    await endUpload(upload, 'forget', ways, doors, cx.signal);
  }
  return done;
}
