import { parseTimestamp, timestamp } from '@binnacle/client';
import type { BackupState, Run, Upload } from '../../api/hot-backup.ts';
import type { UploadState } from '../agent/client.ts';

/** A member of the cluster. */
export interface Member {
  readonly pod: string;
  /** Its last backup: NO_TASK, IN_PROGRESS, SUCCESS, FAILURE. */
  readonly task: string;
  /** `backup-<ms>/<uuid>` on its volume, oldest first. */
  readonly backups: readonly string[];
}

/** What there is: the members by ordinal, all of them, and the state of the cluster they are in. */
export interface Observed {
  readonly run: Run | undefined;
  /** To a bucket. */
  readonly external: boolean;
  readonly clusterState: string;
  readonly members: readonly Member[];
  /** Of those in `run.uploads` that are not in the bucket yet, by pod. `lost`: the agent does not know it. */
  readonly uploads: Readonly<Record<string, UploadState | 'lost'>>;
  /** Wall clock; ms. */
  readonly nowMs: number;
}

export type Action =
  /** To the cluster, through any member. */
  | { readonly do: 'passivate' | 'trigger' | 'activate' | 'interrupt' }
  /** To the agent of a pod. */
  | { readonly do: 'upload'; readonly member: string }
  | { readonly do: 'cleanup' | 'forget'; readonly upload: Upload }
  /** Into the status; what comes next is decided when it is there. */
  | { readonly do: 'remember'; readonly run: Run }
  | { readonly do: 'finish'; readonly state: Extract<BackupState, 'Success' | 'Failure'>; readonly message: string; readonly backupUUIDs: readonly string[] }
  | { readonly do: 'wait'; readonly reason: string; readonly message: string };

/** How long members may take to begin after they took the order; ms. The existing operator looks eleven times, once a second. */
export const BEGIN_MS = 12_000;

/**
 * The next moves of a backup. First what is needed to go on is remembered, then members are told: whoever dies in between finds on the volumes whether they
 * were. The cluster is PASSIVE only while members are told, and is made ACTIVE again before anything else, whatever has happened. Pure.
 */
export function plan(o: Observed): readonly Action[] {
  const { run } = o;
  if (run === undefined) return [begin(o)];
  const again: readonly Action[] = run.activate && o.clusterState === 'PASSIVE' ? [{ do: 'activate' }] : [];
  if (run.sequence === undefined) return trigger(o, run, again);
  return [...again, ...(run.uploads === undefined ? copy(o, run, run.sequence) : upload(o, run, run.uploads))];
}

function begin(o: Observed): Action {
  const run = {
    startedAt: timestamp(o.nowMs),
    since: newest(o.members) ?? '',
    members: o.members.map(({ pod }) => pod),
    activate: o.clusterState === 'ACTIVE',
  };
  return { do: 'remember', run };
}

function trigger(o: Observed, run: Run, again: readonly Action[]): readonly Action[] {
  const sequence = newest(o.members);
  // It has the width of all others: text order is order in time.
  if (sequence !== undefined && sequence > run.since) return [...again, { do: 'remember', run: { ...run, sequence } }];
  if (run.triggeredAt !== undefined) {
    if (o.nowMs - parseTimestamp(run.triggeredAt) < BEGIN_MS) return [...again, { do: 'wait', reason: 'Starting', message: 'members have not begun' }];
    return [...again, failure('members took the order and began no backup')];
  }
  // Told by us before we died, or by somebody else: either way they would refuse.
  if (o.members.some(({ task }) => task === 'IN_PROGRESS')) return [...again, { do: 'wait', reason: 'Busy', message: 'members are taking a backup' }];
  const remember: Action = { do: 'remember', run: { ...run, triggeredAt: timestamp(o.nowMs) } };
  if (!run.activate) return [{ do: 'trigger' }, remember];
  return [...(again.length === 0 ? [{ do: 'passivate' } as const] : []), { do: 'trigger' }, { do: 'activate' }, remember];
}

function copy(o: Observed, run: Run, sequence: string): readonly Action[] {
  const members = run.members.map((pod) => {
    const member = o.members.find((one) => one.pod === pod);
    return { pod, task: member?.task ?? 'NO_TASK', folder: member?.backups.findLast((backup) => sequenceOf(backup) === sequence) };
  });
  const failed = members.find(({ task, folder }) => task === 'FAILURE' && folder !== undefined);
  if (failed !== undefined) return [{ do: 'interrupt' }, failure(`member backup failed: ${failed.pod}`)];
  const idle = members.find(({ task, folder }) => task === 'NO_TASK' || folder === undefined);
  if (idle !== undefined && o.nowMs - parseTimestamp(run.triggeredAt ?? run.startedAt) >= BEGIN_MS)
    return [{ do: 'interrupt' }, failure(`${idle.pod} takes no backup: it did not begin, or was restarted`)];
  const copying = members.filter(({ task, folder }) => task !== 'SUCCESS' || folder === undefined);
  if (copying.length > 0) return [{ do: 'wait', reason: 'Copying', message: `members copy: ${copying.map(({ pod }) => pod).join(', ')}` }];
  // From here on only the volumes count: members may be restarted.
  if (o.external) return [{ do: 'remember', run: { ...run, uploads: [] } }];
  return [{ do: 'finish', state: 'Success', message: '', backupUUIDs: members.flatMap(({ folder }) => folder ?? []) }];
}

function upload(o: Observed, run: Run, uploads: readonly Upload[]): readonly Action[] {
  const next = run.members.find((pod) => !uploads.some(({ member }) => member === pod));
  if (next !== undefined) return [{ do: 'upload', member: next }];
  const seen = uploads.map((one) => ({ one, state: o.uploads[one.member] }));
  const failed = seen.find(({ one, state }) => one.key === undefined && isFailed(state));
  if (failed !== undefined) {
    const there = uploads.filter(({ member, key }) => key !== undefined || isDone(o.uploads[member]));
    const ends: readonly Action[] = [
      ...there.map((one) => ({ do: 'cleanup', upload: one }) as const),
      ...uploads.map((one) => ({ do: 'forget', upload: one }) as const),
    ];
    return [...ends, failure(`Upload failed: ${failed.one.member}: ${whyFailed(failed.state)}`)];
  }
  const keyed = seen.map(({ one, state }) => (one.key === undefined && isDone(state) ? { ...one, key: state.key } : one));
  // Remembered before the agents forget: after a crash nobody could tell any more that it is there.
  if (keyed.some(({ key }, index) => key !== uploads[index]?.key)) return [{ do: 'remember', run: { ...run, uploads: keyed } }];
  const away = uploads.filter(({ key }) => key === undefined);
  if (away.length > 0) return [{ do: 'wait', reason: 'Uploading', message: `being uploaded: ${away.map(({ member }) => member).join(', ')}` }];
  return [
    ...uploads.map((one) => ({ do: 'forget', upload: one }) as const),
    { do: 'finish', state: 'Success', message: '', backupUUIDs: uploads.flatMap(({ key }) => key ?? []) },
  ];
}

type Uploaded = UploadState | 'lost' | undefined;

/** With an empty key it was cancelled while it ended: there is nothing in the bucket. */
function isDone(state: Uploaded): state is UploadState {
  return typeof state === 'object' && state.status === 'SUCCESS' && state.key !== '';
}

function isFailed(state: Uploaded): boolean {
  return state === 'lost' || (typeof state === 'object' && state.status !== 'IN_PROGRESS' && !isDone(state));
}

function whyFailed(state: Uploaded): string {
  if (typeof state !== 'object') return 'the agent was restarted';
  return state.status === 'FAILURE' ? state.message : 'Upload canceled';
}

function failure(message: string): Action {
  return { do: 'finish', state: 'Failure', message, backupUUIDs: [] };
}

/** `backup-1659034855438` of `backup-1659034855438/<uuid>`. */
export function sequenceOf(backup: string): string {
  return backup.split('/')[0] ?? '';
}

function newest(members: readonly Member[]): string | undefined {
  return members
    .flatMap(({ backups }) => backups.map(sequenceOf))
    .toSorted()
    .at(-1);
}
