import type { Live } from '@binnacle/client';
import { parseTimestamp } from '@binnacle/client';
import type { CronJob, Job } from '@binnacle/client/kinds';
import type { Schedule } from '../../objects/schedule.ts';

type LiveJob = Live<typeof Job>;

/** So many missed starts are worth a word: somebody's clock, or a suspension that has ended. */
const MANY = 100;

/** What a CronJob does at a moment; afterwards it looks again at `nextMs`, if that is ever. */
export type Turn =
  | { readonly do: 'wait'; readonly nextMs: number | undefined }
  /** The time has come and nothing is started for it; `missed`: it never will be. */
  | { readonly do: 'skip'; readonly nextMs: number | undefined; readonly missed: boolean; readonly scheduledMs: number }
  | {
      readonly do: 'start';
      readonly nextMs: number | undefined;
      readonly scheduledMs: number;
      /** Jobs that have to make way. */
      readonly replaced: readonly LiveJob[];
      /** More than a hundred starts were missed; only the last of them is made up for. */
      readonly manyMissed: boolean;
    };

/**
 * Only the last of the starts that were missed is made up for, and only within the starting deadline. `active`: its Jobs that have not ended.
 * Source: spec/sandbox.md §2.15.
 */
export function turn(cronJob: Live<typeof CronJob>, schedule: Schedule, active: readonly LiveJob[], nowMs: number): Turn {
  const { spec, status, metadata } = cronJob;
  if (spec.suspend === true) return { do: 'wait', nextMs: undefined };
  const nextMs = schedule.next(nowMs);
  const deadlineMs = spec.startingDeadlineSeconds === undefined ? undefined : spec.startingDeadlineSeconds * 1000;
  const sinceMs = parseTimestamp(status?.lastScheduleTime ?? metadata.creationTimestamp);
  const missed = schedule.last(Math.max(sinceMs, deadlineMs === undefined ? sinceMs : nowMs - deadlineMs), nowMs, MANY + 1);
  const [scheduledMs] = missed;
  if (scheduledMs === undefined) {
    const [late] = schedule.last(sinceMs, nowMs, 1);
    return late === undefined ? { do: 'wait', nextMs } : { do: 'skip', nextMs, missed: true, scheduledMs: late };
  }
  if (spec.concurrencyPolicy === 'Forbid' && active.length > 0) return { do: 'skip', nextMs, missed: false, scheduledMs };
  return { do: 'start', nextMs, scheduledMs, replaced: spec.concurrencyPolicy === 'Replace' ? active : [], manyMissed: missed.length > MANY };
}

/** How a Job has ended: the type of the condition that says so. Undefined: it has not. */
export function endOf(job: LiveJob): 'Complete' | 'Failed' | undefined {
  const condition = job.status?.conditions?.find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True');
  return condition?.type as 'Complete' | 'Failed' | undefined;
}

/** Ended Jobs beyond what the CronJob keeps of each sort, the oldest first. */
export function expired(cronJob: Live<typeof CronJob>, jobs: readonly LiveJob[]): readonly LiveJob[] {
  const { successfulJobsHistoryLimit = 3, failedJobsHistoryLimit = 1 } = cronJob.spec;
  const beyond = (end: string, keep: number) => {
    const ended = jobs.filter((job) => endOf(job) === end && job.metadata.deletionTimestamp === undefined).toSorted(byStart);
    return ended.slice(0, Math.max(0, ended.length - keep));
  };
  return [...beyond('Complete', successfulJobsHistoryLimit), ...beyond('Failed', failedJobsHistoryLimit)];
}

function byStart(a: LiveJob, b: LiveJob): number {
  const key = ({ status, metadata }: LiveJob) => `${status?.startTime ?? metadata.creationTimestamp} ${metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}
