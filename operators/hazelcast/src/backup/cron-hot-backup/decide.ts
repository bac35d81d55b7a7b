import { isFinished } from '../../backup-state.ts';
import type { CronBackup } from '../../api/cron-hot-backup.ts';
import type { Backup } from '../../api/hot-backup.ts';
import type { Due } from './due.ts';

/** More of one CronHotBackup do not wait: a cluster that is down for a week has no use for a week of backups. */
export const WAITING_MOST = 10;

/** What a time that has come leads to. */
export type Decision =
  | { readonly type: 'none' }
  /** `replaced`: go first. */
  | { readonly type: 'make'; readonly at: number; readonly replaced: readonly Backup[] }
  /** The time passes without a HotBackup; the reason is one word, the message is for people. */
  | { readonly type: 'skip'; readonly reason: string; readonly message: string };

/** Whether a HotBackup is made, and which go for it. `name`: of the one to be made, which may be there already. Pure. */
export function decide({ spec }: Pick<CronBackup, 'spec'>, { at }: Due, made: readonly Backup[], name: string, nowMs: number): Decision {
  if (at === undefined) return { type: 'none' };
  // Made before the operator died: only the status is behind.
  if (made.some(({ metadata }) => metadata.name === name)) return { type: 'make', at, replaced: [] };
  const { startingDeadlineSeconds: deadline, concurrencyPolicy } = spec;
  if (deadline !== undefined && nowMs - at > deadline * 1_000)
    return { type: 'skip', reason: 'MissedSchedule', message: `${name} was missed for longer than spec.startingDeadlineSeconds` };
  const open = unfinished(made);
  const names = open.map(({ metadata }) => metadata.name).join(', ');
  if (open.length > 0 && concurrencyPolicy === 'Forbid') return { type: 'skip', reason: 'Forbidden', message: `${name} was not made: ${names} has not ended` };
  if (open.length >= WAITING_MOST && concurrencyPolicy === 'Allow')
    return { type: 'skip', reason: 'TooManyWaiting', message: `${name} was not made: ${open.length} have not ended` };
  return { type: 'make', at, replaced: concurrencyPolicy === 'Replace' ? open : [] };
}

/** Those that have not ended, the oldest first. */
export function unfinished(made: readonly Backup[]): readonly Backup[] {
  return made.filter((one) => !isFinished(one)).toSorted((a, b) => (age(a) < age(b) ? -1 : 1));
}

/** The newest end of one that succeeded; undefined: none. */
export function lastSuccess(made: readonly Backup[]): string | undefined {
  return made
    .flatMap(({ status }) => (status?.state === 'Success' && status.finishedAt !== undefined ? [status.finishedAt] : []))
    .toSorted()
    .at(-1);
}

const age = ({ metadata }: Backup) => `${metadata.creationTimestamp}/${metadata.name}`;
