import { parseTimestamp, timestamp } from '@binnacle/client';
import type { DeepReadonly } from '@binnacle/client';
import { done, doneFor, step, stop } from '@binnacle/runtime';
import type { Context, Desired } from '@binnacle/runtime';
import type { CustomObject } from '@binnacle/schema';
import { cronHotBackupFaults } from '../../../api/check/cron-hot-backup.ts';
import { CronHotBackup } from '../../../api/cron-hot-backup.ts';
import type { CronBackup, CronHotBackupSpec, CronHotBackupStatus } from '../../../api/cron-hot-backup.ts';
import { HotBackup } from '../../../api/hot-backup.ts';
import type { Backup } from '../../../api/hot-backup.ts';
import { schedule as parse, zoned } from '../../../api/schedule.ts';
import type { Schedule } from '../../../api/schedule.ts';
import { decide, lastSuccess, unfinished } from '../decide.ts';
import { SLEEP_MOST_MS, due } from '../due.ts';
import type { Due } from '../due.ts';
import { madeBy } from '../made-by.ts';

/** How far a time that was noted may lie ahead of the clock that reads it, as of two machines that take turns; ms. */
const AHEAD_MS = 60_000;

/**
 * Makes the HotBackup that is due. Its name follows from its time, so that an operator that died after it made it makes no second one. Of several that were
 * missed only the newest is made. A new schedule, and the end of a suspension, count from now on.
 */
export const schedule = step('schedule', CronHotBackup, { owns: [HotBackup] }, async (cron, cx) => {
  const { spec, status } = cron;
  // Sound: the rules take what admission has, which is not marked read-only; they only read.
  const problems = [...cronHotBackupFaults(cron as CustomObject<CronHotBackupSpec, CronHotBackupStatus>)].map(({ field, message }) => `${field}: ${message}`);
  if (problems.length > 0) {
    cx.status({ nextScheduleTime: undefined });
    return stop('InvalidSpec', `error validating Spec: ${problems.join('; ')}`);
  }
  const made = madeBy(cron, await cx.list(HotBackup));
  const open = unfinished(made).map(({ metadata }) => metadata.name);
  const succeeded = lastSuccess(made);
  cx.status({ active: open.length === 0 ? undefined : open, ...(succeeded === undefined ? {} : { lastSuccessfulTime: succeeded }) });
  const now = cx.clock.now();
  if (spec.suspend) {
    cx.status({ schedule: undefined, nextScheduleTime: undefined });
    return done;
  }
  const text = zoned(spec.schedule, spec.timeZone);
  const times = parse(text, parseTimestamp(cron.metadata.creationTimestamp));
  const last = status?.schedule === text && status.lastScheduleTime !== undefined ? parseTimestamp(status.lastScheduleTime) : undefined;
  // A time that is still to come was not served, but noted by a clock that was ahead: nothing would be backed up until then.
  const ahead = last !== undefined && last > now + AHEAD_MS;
  if (ahead) cx.event('Warning', 'ClockSetBack', `the last time, ${timestamp(last)}, is still to come: times are counted from now on`, 'Schedule');
  const since = ahead ? now : (last ?? now);
  const found = due(times, since, now);
  await serve(cron, times, { ...found, since }, made, cx);
  cx.status({
    schedule: text,
    lastScheduleTime: timestamp(found.at ?? since),
    nextScheduleTime: found.next === undefined ? undefined : timestamp(found.next),
  });
  return found.next === undefined ? done : doneFor(Math.min(found.next - now, SLEEP_MOST_MS));
});

type Cx = Context<typeof CronHotBackup, typeof HotBackup, never>;

async function serve(cron: CronBackup, times: Schedule, found: Due & { readonly since: number }, made: readonly Backup[], cx: Cx): Promise<void> {
  if (found.at === undefined) return;
  const first = hotBackup(cron, times, found.at);
  const wanted = { ...first, name: freeName(first.name, found.since, made, await cx.list(HotBackup)) };
  const decision = decide(cron, found, made, wanted.name, cx.clock.now());
  if (decision.type === 'none') return;
  if (decision.type === 'skip') return cx.event('Warning', decision.reason, decision.message, 'Schedule');
  for (const { metadata } of decision.replaced) await cx.delete(HotBackup, metadata.name);
  await cx.ensure(HotBackup, wanted.name, () => wanted);
  cx.keep(HotBackup, wanted.name);
  cx.status({ lastHotBackup: wanted.name });
  const missed = found.missed === 0 ? '' : `, ${found.missed} before it were missed`;
  const replaced = decision.replaced.length === 0 ? '' : ` in place of ${decision.replaced.map(({ metadata }) => metadata.name).join(', ')}`;
  const [type, reason] = found.missed === 0 ? (['Normal', 'Started'] as const) : (['Warning', 'MissedSchedule'] as const);
  cx.event(type, reason, `made ${wanted.name}${replaced}${missed}`, 'Schedule');
}

/**
 * The name, or the next one of those that is free: under another schedule the same time may have followed another one, and its HotBackup is there still; or it is
 * somebody else's. One that was made since the last time that was served is this one's, by an operator that died before it could note it.
 */
function freeName(name: string, since: number, made: readonly Backup[], all: readonly Backup[]): string {
  for (let number = 1; ; number++) {
    const candidate = number === 1 ? name : `${name}-${number}`;
    const there = all.find(({ metadata }) => metadata.name === candidate);
    if (there === undefined || (made.some(({ metadata }) => metadata.uid === there.metadata.uid) && parseTimestamp(there.metadata.creationTimestamp) > since))
      return candidate;
  }
}

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
