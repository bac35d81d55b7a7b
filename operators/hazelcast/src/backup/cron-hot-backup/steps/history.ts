import { done, step } from '@binnacle/runtime';
import { CronHotBackup } from '../../../api/cron-hot-backup.ts';
import { Hazelcast } from '../../../api/hazelcast.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import { staying } from '../history.ts';
import { madeBy } from '../made-by.ts';

/** Keeps the newest; what is not kept is pruned at the end of the pass. What becomes of its data is the HotBackup's to say. */
export const history = step('history', CronHotBackup, { owns: [HotBackup], reads: [Hazelcast] }, async (cron, cx) => {
  const restoredFrom = new Set((await cx.list(Hazelcast)).flatMap(({ spec }) => spec.persistence?.restore?.hotBackupResourceName ?? []));
  const limits = { successful: cron.spec.successfulHotBackupsHistoryLimit, failed: cron.spec.failedHotBackupsHistoryLimit };
  for (const { metadata } of staying(madeBy(cron, await cx.list(HotBackup)), limits, restoredFrom)) cx.keep(HotBackup, metadata.name);
  return done;
});
