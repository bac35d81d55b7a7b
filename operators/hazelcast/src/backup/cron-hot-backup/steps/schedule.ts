import { parseTimestamp, timestamp } from '@binnacle/client';
import type { DeepReadonly } from '@binnacle/client';
import { done, doneFor, step, stop } from '@binnacle/runtime';
import type { Desired } from '@binnacle/runtime';
import { CronHotBackup } from '../../../api/cron-hot-backup.ts';
import type { CronBackup } from '../../../api/cron-hot-backup.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import { schedule as parse, scheduleProblem } from '../../../api/schedule.ts';
import type { Schedule } from '../../../api/schedule.ts';
import { due } from '../due.ts';

/** Longer sleeps are cut: timers of the machine count ms in 31 bits. */
const SLEEP_MOST_MS = 24 * 3_600_000;

/**
 * Makes the HotBackup that is due. Its name follows from its time, so that an operator that died after it made it makes no second one. Of several that were
 * missed only the newest is made. A new schedule, and the end of a suspension, count from now on.
 */
export const schedule = step('schedule', CronHotBackup, { owns: [HotBackup] }, async (cron, cx) => {
  const { spec, status } = cron;
  const problem = scheduleProblem(spec.schedule);
  if (problem !== undefined) return stop('InvalidSpec', `spec.schedule: Invalid value: ${JSON.stringify(spec.schedule)}: ${problem}`);
  const now = cx.clock.now();
  if (spec.suspend) {
    cx.status({ schedule: undefined, nextScheduleTime: undefined });
    return done;
  }
  const times = parse(spec.schedule, parseTimestamp(cron.metadata.creationTimestamp));
  const last = status?.schedule === spec.schedule && status.lastScheduleTime !== undefined ? parseTimestamp(status.lastScheduleTime) : undefined;
  const found = due(times, last ?? now, now);
  if (found.at !== undefined) {
    const wanted = hotBackup(cron, times, found.at);
    await cx.ensure(HotBackup, wanted.name, () => wanted);
    cx.keep(HotBackup, wanted.name);
    const missed = found.missed === 0 ? '' : `, ${found.missed} before it were missed`;
    cx.event(found.missed === 0 ? 'Normal' : 'Warning', found.missed === 0 ? 'Started' : 'MissedSchedule', `made ${wanted.name}${missed}`, 'Schedule');
  }
  cx.status({
    schedule: spec.schedule,
    lastScheduleTime: timestamp(found.at ?? last ?? now),
    nextScheduleTime: found.next === undefined ? undefined : timestamp(found.next),
  });
  return found.next === undefined ? done : doneFor(Math.min(found.next - now, SLEEP_MOST_MS));
});

/** The HotBackup of a time. Named after the time that follows it, as the existing operator does. */
export function hotBackup(cron: CronBackup, times: Schedule, at: number): Desired<typeof HotBackup> {
  const { metadata, spec } = cron.spec.hotBackupTemplate as DeepReadonly<CronBackup['spec']['hotBackupTemplate']>;
  return {
    name: `${cron.metadata.name}-${Math.floor((times.after(at) ?? at) / 1_000)}`,
    ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
    ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
    spec,
  };
}
