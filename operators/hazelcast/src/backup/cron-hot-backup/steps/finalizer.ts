import { done, finalizer as finalizerStep, waitFor } from '@binnacle/runtime';
import { CronHotBackup } from '../../../api/cron-hot-backup.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import { FINALIZER } from '../../../hazelcast/names.ts';
import { madeBy } from '../made-by.ts';

/** Goes after its HotBackups, each of which ends what it has begun. The data of the backups stays. */
export const finalizer = finalizerStep(FINALIZER, CronHotBackup, { owns: [HotBackup] }, async (cron, cx) => {
  const made = madeBy(cron, await cx.list(HotBackup));
  for (const { metadata } of made) await cx.delete(HotBackup, metadata.name);
  return made.length === 0 ? done : waitFor('Deleting', `HotBackups are going: ${made.map(({ metadata }) => metadata.name).join(', ')}`);
});
