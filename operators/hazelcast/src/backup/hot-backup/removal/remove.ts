import { ConfigMap, Job, PersistentVolumeClaim, Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, waitFor } from '@binnacle/runtime';
import type { Context, Outcome } from '@binnacle/runtime';
import { CronHotBackup } from '../../../api/cron-hot-backup.ts';
import { Hazelcast } from '../../../api/hazelcast.ts';
import type { Cluster } from '../../../api/hazelcast.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import type { Backup } from '../../../api/hot-backup.ts';
import { memberName, selectorOf } from '../../../hazelcast/names.ts';
import { claimOf } from '../../../hazelcast/objects/volumes.ts';
import { Pod } from '../../../pod.ts';
import { waysTo } from '../observe.ts';
import { heldBy } from './held.ts';
import { JOB_LABELS, isJobOf, jobName, jobState, removalJob } from './job.ts';
import { tellLeftBehind } from './left-behind.ts';
import { Namespace, namespaceGoes } from './namespace.ts';
import { removalPlan } from './plan.ts';
import type { VolumeState } from './plan.ts';
import { withSchedule } from './with-schedule.ts';

/** What taking a backup off its volumes, or out of its bucket, reads and makes, and what is written down for its cluster. */
export const REMOVAL_NEEDS = {
  owns: [ConfigMap, Job],
  reads: [CronHotBackup, HotBackup, Hazelcast, Namespace, PersistentVolumeClaim, Pod, Secret, StatefulSet],
} as const;
type Cx = Context<typeof HotBackup, typeof Job, (typeof REMOVAL_NEEDS.reads)[number]>;

/** How long until Jobs, or a cluster that is to be restored from the backup, are looked at again; ms. From the cache: it costs no request. */
const AGAIN_MS = 2_000;
/** Said of a backup that is kept after all. */
const NOT_WHOLE = ', but Jobs were taking it off already: see whether it is whole before you restore it';
const FOLDER = /^backup-\d{13}$/;
/** Of a finished backup on volumes. Source: spec/hazelcast-core.md §3.4. */
const ENTRY = /^(backup-\d{13})\/[0-9a-f-]+$/;

/**
 * Takes a backup, or what one that failed has left, off the volumes of the members if `spec.deletionPolicy` says so, before its HotBackup goes: a Job for each
 * claim, one folder each.
 * Everything that has to be known after a crash is in the status of the HotBackup and in the Jobs. `hz`: the cluster; undefined: it is gone.
 */
export async function removeData(hb: Backup, hz: Cluster | undefined, cx: Cx): Promise<Outcome> {
  const folder = folderOf(hb);
  const jobs = (await cx.list(Job, { labels: JOB_LABELS })).map(({ metadata }) => metadata.name).filter((name) => isJobOf(hb, name));
  const begun = jobs.length > 0;
  if (hb.spec.deletionPolicy !== 'Delete' || folder === undefined) {
    if (begun) tellLeftBehind(`${folder} stays on the volumes${NOT_WHOLE}`, cx);
    return await finish(jobs, cx);
  }
  const volumes = hz === undefined ? [] : await volumesOf(hb, hz, cx);
  const observed = {
    folder,
    wanted: true,
    neededBy: (await cx.list(Hazelcast)).find(
      ({ metadata, spec }) => metadata.deletionTimestamp === undefined && spec.persistence?.restore?.localConfig?.backupFolder === folder,
    )?.metadata.name,
    keptBecause: (await reason(hb, hz, folder, cx)) ?? (begun ? undefined : await withSchedule(hb, cx)),
    volumes,
  };
  const action = removalPlan(observed);
  switch (action.do) {
    case 'wait':
      return waitFor(action.reason, action.message, { afterMs: AGAIN_MS });
    case 'remove':
      await make(hb, hz!, folder, action.volumes, cx);
      return waitFor('RemovingBackup', `${folder} is being taken off ${action.volumes.map(({ claim }) => claim).join(', ')}`, { afterMs: AGAIN_MS });
    case 'finish':
      if (action.kept !== undefined) tellLeftBehind(`${folder} stays on the volumes: ${action.kept}${begun ? NOT_WHOLE : ''}`, cx);
      if (action.removed) cx.event('Normal', 'BackupRemoved', `${folder} was taken off ${volumes.length} volumes`, 'Delete');
      return await finish(jobs, cx);
    default:
      return action satisfies never;
  }
}

/** The folder of a backup, the same on each volume, or what one that failed may have left there; undefined: there is none. */
function folderOf({ spec, status }: Backup): string | undefined {
  const remains = status?.remains?.folder ?? '';
  if (status?.state === 'Failure') return FOLDER.test(remains) ? remains : undefined;
  if (status?.state !== 'Success' || spec.bucketURI) return undefined;
  const folders = new Set((status.backupUUIDs ?? []).map((entry) => ENTRY.exec(entry)?.[1]));
  return folders.size === 1 ? [...folders][0] : undefined;
}

/** No Job outlives its HotBackup: one that still waits for a node would take the backup off later, whatever its user has decided since. */
async function finish(jobs: readonly string[], cx: Cx): Promise<Outcome> {
  for (const name of jobs) await cx.delete(Job, name);
  return done;
}

async function make(hb: Backup, hz: Cluster, folder: string, volumes: readonly VolumeState[], cx: Cx): Promise<void> {
  const { baseDir } = await waysTo(hz, cx);
  const pods = new Set((await cx.list(Pod, { labels: selectorOf(hz) })).map(({ metadata }) => metadata.name));
  for (const volume of volumes) {
    const mounted = pods.has(memberName(hz, volume.ordinal));
    const job = () => removalJob(hb, hz, { volume, dir: `${baseDir}/hot-backup`, folder, mounted });
    await cx.ensure(Job, jobName(hb, volume.ordinal), job, { owner: 'none' });
  }
}

async function claimsOf(hz: Cluster, cx: Cx) {
  const start = `${claimOf(hz, await cx.get(StatefulSet, hz.metadata.name))}-${hz.metadata.name}-`;
  const all = await cx.list(PersistentVolumeClaim, { labels: selectorOf(hz) });
  return all.filter(({ metadata: { name } }) => name.startsWith(start) && /^\d+$/.test(name.slice(start.length)));
}

async function volumesOf(hb: Backup, hz: Cluster, cx: Cx): Promise<readonly VolumeState[]> {
  const found: VolumeState[] = [];
  const pods = await cx.list(Pod, { labels: JOB_LABELS });
  for (const { metadata } of await claimsOf(hz, cx)) {
    if (metadata.deletionTimestamp !== undefined) continue;
    const ordinal = Number(metadata.name.split('-').at(-1));
    const job = await cx.get(Job, jobName(hb, ordinal));
    const state = jobState(job);
    const held = state === 'running' ? heldBy(job!, pods, cx.clock.now()) : undefined;
    found.push({ claim: metadata.name, ordinal, job: state, ...(held === undefined ? {} : { held }) });
  }
  return found;
}

/** Why it cannot be taken off, or is not this backup's alone. */
async function reason(hb: Backup, hz: Cluster | undefined, folder: string, cx: Cx): Promise<string | undefined> {
  if (hz === undefined || hz.metadata.deletionTimestamp !== undefined) return 'its cluster is gone';
  if (await namespaceGoes(hb, cx)) return 'its namespace goes, and the claims with it';
  const { name, uid } = hb.metadata;
  const other = (await cx.list(HotBackup)).find(
    ({ metadata, status }) => metadata.uid !== uid && metadata.name !== name && status?.backupUUIDs?.some((entry) => entry.startsWith(`${folder}/`)) === true,
  );
  if (other !== undefined) return `HotBackup ${other.metadata.name} is of it as well`;
  const alone = (await claimsOf(hz, cx)).find(({ spec }) => spec?.accessModes?.includes('ReadWriteOncePod') === true);
  return alone === undefined ? undefined : `claim ${alone.metadata.name} is for one pod alone`;
}
