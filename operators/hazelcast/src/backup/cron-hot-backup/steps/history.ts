import { done, doneFor, step } from '@binnacle/runtime';
import { CronHotBackup } from '../../../api/cron-hot-backup.ts';
import { Hazelcast } from '../../../api/hazelcast.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import { SLEEP_MOST_MS } from '../due.ts';
import { history as historyOf } from '../history.ts';
import { madeBy } from '../made-by.ts';

/** Keeps the newest; what is not kept is pruned at the end of the pass. What becomes of its data is the HotBackup's to say. */
export const history = step('history', CronHotBackup, { owns: [HotBackup], reads: [Hazelcast] }, async (cron, cx) => {
  const restoredFrom = new Set((await cx.list(Hazelcast)).flatMap(({ spec }) => spec.persistence?.restore?.hotBackupResourceName ?? []));
  const { successfulHotBackupsHistoryLimit: successful, failedHotBackupsHistoryLimit: failed, historyMaxAgeSeconds: seconds } = cron.spec;
  const limits = { successful, failed, ...(seconds === undefined ? {} : { maxAgeMs: seconds * 1_000 }) };
  const now = cx.clock.now();
  const { staying, nextMs } = historyOf(madeBy(cron, await cx.list(HotBackup)), limits, restoredFrom, now);
  for (const { metadata } of staying) cx.keep(HotBackup, metadata.name);
  return nextMs === undefined ? done : doneFor(Math.min(nextMs - now, SLEEP_MOST_MS));
});
