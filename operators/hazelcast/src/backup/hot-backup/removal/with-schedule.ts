import type { Context } from '@binnacle/runtime';
import { CronHotBackup } from '../../../api/cron-hot-backup.ts';
import type { HotBackup } from '../../../api/hot-backup.ts';
import type { Backup } from '../../../api/hot-backup.ts';
import { namespaceGoes } from './namespace.ts';
import type { Namespace } from './namespace.ts';

/**
 * Why a backup stays that a schedule has made; undefined: for no such reason. Who deletes a schedule does not ask for all its backups to go: those stay that it
 * would have kept. Nor does who deletes its namespace, in which the HotBackups may be deleted before their schedule.
 */
export async function withSchedule(
  hb: Backup,
  cx: Pick<Context<typeof HotBackup, never, typeof CronHotBackup | typeof Namespace>, 'get'>,
): Promise<string | undefined> {
  const owner = hb.metadata.ownerReferences?.find(({ kind }) => kind === CronHotBackup.kind);
  if (owner === undefined) return undefined;
  const cron = await cx.get(CronHotBackup, owner.name);
  const stands = cron?.metadata.uid === owner.uid && cron.metadata.deletionTimestamp === undefined && !(await namespaceGoes(hb, cx));
  return stands ? undefined : `CronHotBackup ${owner.name} goes, and its backups stay`;
}
