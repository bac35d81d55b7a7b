import { controller } from '@binnacle/runtime';
import { CronHotBackup } from '../../api/cron-hot-backup.ts';
import { finalizer } from './steps/finalizer.ts';
import { history } from './steps/history.ts';
import { schedule } from './steps/schedule.ts';

/** Makes HotBackups by the clock, and takes away the old ones. */
export function cronHotBackupController() {
  return controller(CronHotBackup, { steps: [finalizer, history, schedule] });
}
