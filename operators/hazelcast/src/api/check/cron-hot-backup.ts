import { invalid } from '@binnacle/schema';
import type { CustomObject, FieldError } from '@binnacle/schema';
import type { CronHotBackupSpec, CronHotBackupStatus } from '../cron-hot-backup.ts';
import { scheduleProblem } from '../schedule.ts';
import { bucketFaults } from './hot-backup.ts';

/** What is wrong with a CronHotBackup beyond its schema. */
export function* cronHotBackupFaults({ spec }: CustomObject<CronHotBackupSpec, CronHotBackupStatus>): Iterable<FieldError> {
  const problem = scheduleProblem(spec.schedule);
  if (problem !== undefined) yield invalid('spec.schedule', spec.schedule, problem);
  yield* bucketFaults('spec.hotBackupTemplate.spec', spec.hotBackupTemplate.spec);
}
