import { parseTimestamp, timestamp } from '@binnacle/client';
import type { BackupState, Run, Upload } from '../../api/hot-backup.ts';
import type { UploadState } from '../agent/client.ts';
import { ending, isOld } from './ending.ts';
import { upload } from './upload.ts';

/** A member of the cluster. */
export interface Member {
  readonly pod: string;
  /** Its last backup: NO_TASK, IN_PROGRESS, SUCCESS, FAILURE. */
  readonly task: string;
  /** Parts that it has copied, of how many, as it counts them. */
  readonly completed: number;
  readonly total: number;
  /** `backup-<ms>/<uuid>` on its volume, oldest first. */
  readonly backups: readonly string[];
}

/** What there is: the members by ordinal, all of them, and the state of the cluster they are in. */
export interface Observed {
  readonly run: Run | undefined;
  /** The existing operator began it, and nobody knows how far it came. */
  readonly begunBefore: boolean;
  /** The Hazelcast's name. */
  readonly cluster: string;
  readonly uid: string;
  /** It is being deleted. */
  readonly going: boolean;
  /** Where to copy it to; empty: nowhere. */
  readonly bucketURI: string;
  readonly clusterState: string;
  readonly members: readonly Member[];
  /** Of those in `run.uploads` that have a number, by pod. `lost`: the agent does not know it. */
  readonly uploads: Readonly<Record<string, UploadState | 'lost'>>;
  /** Uploads that are written down (`askOf`) and certainly not asked for: by this process, which has written them down. */
  readonly unasked: ReadonlySet<string>;
  /** After which the backup is given up; ms. */
  readonly deadlineMs: number | undefined;
  /** Wall clock; ms. */
  readonly nowMs: number;
}

export type Action =
  /** To the cluster, through any member. */
  | { readonly do: 'passivate' | 'trigger' | 'activate' | 'interrupt' }
  /** To the agent of a pod. */
  | { readonly do: 'upload'; readonly upload: Upload }
  | { readonly do: 'cancel' | 'cleanup' | 'forget'; readonly upload: Upload & { readonly id: string } }
  /** Into the status; what comes next is decided when it is there. `asking`: uploads in it that nobody has asked for before. */
  | { readonly do: 'remember'; readonly run: Run; readonly asking?: readonly Upload[] }
  | { readonly do: 'finish'; readonly state: Extract<BackupState, 'Success' | 'Failure'>; readonly message: string; readonly backupUUIDs: readonly string[] }
  | { readonly do: 'wait'; readonly reason: string; readonly message: string };

/** Of members that go nothing is begun: the cluster would be PASSIVE on its volumes, and nobody there to undo it. */
export const CLUSTER_GONE = 'the cluster was deleted while its backup was taken';

/** How long members may take to begin after they took the order; ms. The existing operator looks eleven times, once a second. */
export const BEGIN_MS = 12_000;

/**
 * The next moves of a backup. First what is needed to go on is remembered, then members are told: whoever dies in between finds on the volumes whether they
 * were. The cluster is PASSIVE only while members are told, and is made ACTIVE again before anything else, whatever has happened. Pure.
 */
export function plan(o: Observed): readonly Action[] {
  const { run } = o;
  if (run === undefined) return [begin(o)];
  if (run.activate && o.clusterState === 'IN_TRANSITION') return [{ do: 'wait', reason: 'ClusterChanging', message: 'the cluster changes its state' }];
  const again: readonly Action[] = run.activate && o.clusterState === 'PASSIVE' ? [{ do: 'activate' }] : [];
  return [...again, ...next(o, run, again.length > 0)];
}

function next(o: Observed, run: Run, passive: boolean): readonly Action[] {
  if (run.failure !== undefined) {
    const left = ending(o, run);
    return left.some((action) => action.do === 'wait') ? left : [...left, { do: 'finish', state: 'Failure', message: run.failure, backupUUIDs: [] }];
  }
  if (o.going) return [fail(run, CLUSTER_GONE)];
  if (o.deadlineMs !== undefined && o.nowMs - parseTimestamp(run.startedAt) > o.deadlineMs)
    return [fail(run, `took longer than spec.activeDeadlineSeconds: ${o.deadlineMs / 1_000}`)];
  if (run.sequence === undefined) return trigger(o, run, passive);
  return run.uploads === undefined ? copy(o, run, run.sequence, passive) : upload(o, run, run.sequence, run.uploads);
}

function begin(o: Observed): Action {
  const run = {
    cluster: o.cluster,
    uid: o.uid,
    startedAt: timestamp(o.nowMs),
    since: newest(o.members) ?? '',
    members: o.members.map(({ pod }) => pod),
    // That operator may have died before it made the cluster ACTIVE again.
    activate: o.clusterState === 'ACTIVE' || (o.begunBefore && o.clusterState === 'PASSIVE'),
  };
  return { do: 'remember', run };
}

function trigger(o: Observed, run: Run, passive: boolean): readonly Action[] {
  const sequence = newest(o.members);
  // It has the width of all others: text order is order in time.
  if (sequence !== undefined && sequence > run.since) {
    return [{ do: 'remember', run: { ...run, sequence, triggeredAt: run.triggeredAt ?? timestamp(o.nowMs) } }];
  }
  if (run.triggeredAt !== undefined) {
    if (o.nowMs - parseTimestamp(run.triggeredAt) < BEGIN_MS) return [{ do: 'wait', reason: 'Starting', message: 'members have not begun' }];
    return [fail(run, 'members took the order and began no backup')];
  }
  // Told by us before we died, or by somebody else: either way they would refuse.
  if (o.members.some(({ task }) => task === 'IN_PROGRESS')) return [{ do: 'wait', reason: 'Busy', message: 'members are taking a backup' }];
  if (passive) return [{ do: 'wait', reason: 'Starting', message: 'the cluster becomes ACTIVE first' }];
  const remember: Action = { do: 'remember', run: { ...run, triggeredAt: timestamp(o.nowMs) } };
  if (!run.activate) return [{ do: 'trigger' }, remember];
  return [{ do: 'passivate' }, { do: 'trigger' }, { do: 'activate' }, remember];
}

function copy(o: Observed, run: Run, sequence: string, passive: boolean): readonly Action[] {
  if (isOld(run, o.nowMs)) return [{ do: 'wait', reason: 'Copying', message: 'members have begun' }];
  const members = run.members.map((pod) => {
    const member = o.members.find((one) => one.pod === pod);
    return { pod, task: member?.task ?? 'NO_TASK', folder: folderOf(member, sequence) };
  });
  const failed = members.find(({ task, folder }) => task === 'FAILURE' && folder !== undefined);
  if (failed !== undefined) return [fail(run, `member backup failed: ${failed.pod}`)];
  const idle = members.find(({ task, folder }) => task === 'NO_TASK' || folder === undefined);
  if (idle !== undefined && o.nowMs - parseTimestamp(run.triggeredAt ?? run.startedAt) >= BEGIN_MS)
    return [fail(run, `${idle.pod} takes no backup: it did not begin, or was restarted`)];
  const copying = members.filter(({ task, folder }) => task !== 'SUCCESS' || folder === undefined);
  if (copying.length > 0) return [{ do: 'wait', reason: 'Copying', message: `members copy: ${copying.map(({ pod }) => pod).join(', ')}` }];
  if (passive) return [{ do: 'wait', reason: 'Copying', message: 'the cluster becomes ACTIVE first' }];
  if (o.bucketURI === '') return [{ do: 'finish', state: 'Success', message: '', backupUUIDs: members.flatMap(({ folder }) => folder ?? []) }];
  // From here on only the volumes count: members may be restarted, and whoever makes the cluster PASSIVE now is not us.
  const uploads = members.map(({ pod, folder = '' }) => ({ member: pod, uuid: folder.split('/')[1] ?? '', askedAt: timestamp(o.nowMs), attempt: 1 }));
  return [{ do: 'remember', run: { ...run, activate: false, uploads }, asking: uploads }];
}

/** The failure is remembered, then ended: what has begun must not go on behind the back of a backup that says it is over. */
export function fail(run: Run, message: string): Action {
  return { do: 'remember', run: { ...run, failure: message } };
}

/** One wish for an upload, as it is written down. */
export function askOf({ member, askedAt }: Upload): string {
  return `${member} ${askedAt}`;
}

/** `backup-1659034855438` of `backup-1659034855438/<uuid>`. */
export function sequenceOf(backup: string): string {
  return backup.split('/')[0] ?? '';
}

/** A member's folder of a backup. */
export function folderOf(member: Member | undefined, sequence: string): string | undefined {
  return member?.backups.findLast((backup) => sequenceOf(backup) === sequence);
}

function newest(members: readonly Member[]): string | undefined {
  return members
    .flatMap(({ backups }) => backups.map(sequenceOf))
    .toSorted()
    .at(-1);
}
