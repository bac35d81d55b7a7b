import { forbidden, invalid } from '@binnacle/schema';
import type { CustomObject, FieldError } from '@binnacle/schema';
import type { CronHotBackupSpec, CronHotBackupStatus } from '../cron-hot-backup.ts';
import { namesZone, scheduleProblem, zoned } from '../schedule.ts';
import { fresh } from './fresh.ts';
import { bucketFaults } from './hot-backup.ts';

type Object = CustomObject<CronHotBackupSpec, CronHotBackupStatus>;

/** What is wrong with a CronHotBackup beyond its schema. Objects from before these rules stay editable: a fault that was there before is not one of the edit. */
export function* cronHotBackupFaults({ spec }: Object, before?: Object): Iterable<FieldError> {
  if (before === undefined || spec.schedule !== before.spec.schedule || spec.timeZone !== before.spec.timeZone) yield* scheduleFaults(spec);
  yield* fresh((template) => bucketFaults('spec.hotBackupTemplate.spec', template), spec.hotBackupTemplate.spec, before?.spec.hotBackupTemplate.spec);
}

function* scheduleFaults({ schedule, timeZone }: CronHotBackupSpec): Iterable<FieldError> {
  const problem = scheduleProblem(schedule);
  if (problem !== undefined) yield invalid('spec.schedule', schedule, problem);
  else if (timeZone !== undefined && namesZone(schedule)) yield forbidden('spec.timeZone', 'spec.schedule names a zone already');
  else if (scheduleProblem(zoned(schedule, timeZone)) !== undefined) yield invalid('spec.timeZone', timeZone, 'is no time zone that is known here');
}
