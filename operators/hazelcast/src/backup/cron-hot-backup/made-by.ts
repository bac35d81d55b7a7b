import type { CronBackup } from '../../api/cron-hot-backup.ts';
import type { Backup } from '../../api/hot-backup.ts';

/** The HotBackups that a CronHotBackup has made. */
export function madeBy(cron: CronBackup, all: readonly Backup[]): readonly Backup[] {
  return all.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === cron.metadata.uid) === true);
}
