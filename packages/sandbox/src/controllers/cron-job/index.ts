import type { Live, Ref } from '@binnacle/client';
import { isAlreadyExists, isNotFound, parseTimestamp, timestamp } from '@binnacle/client';
import { CronJob, Job } from '@binnacle/client/kinds';
import type { CronJobStatus } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';
import { record } from '../event.ts';
import { same } from '../hash.ts';
import { controlledBy, controllerOf, controllerRef } from '../owner.ts';
import { endOf, expired, turn } from './plan.ts';
import type { Turn } from './plan.ts';
import { parse } from '../../objects/schedule.ts';

type LiveCronJob = Live<typeof CronJob>;
type LiveJob = Live<typeof Job>;
const COMPONENT = 'cronjob-controller';

/** Starts Jobs by the clock. Schedules are in UTC unless they name a zone. Source: spec/sandbox.md §2.15. */
export const cronJob: Reconciler = {
  name: 'cronjob',
  kind: CronJob,
  watches: [watch(Job, (job) => controllerRef(job, CronJob))],
  reconcile,
};

async function reconcile(ref: Ref, world: World): Promise<void | { readonly afterMs: number }> {
  const object = world.cache.get(CronJob, ref);
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) return;
  const jobs = world.cache.ownedBy(Job, object.metadata.uid).filter((job) => controllerOf(job)?.uid === object.metadata.uid);
  await tellEnds(object, jobs, world);
  for (const job of expired(object, jobs)) await remove(object, job, world);
  const active = jobs.filter((job) => endOf(job) === undefined);
  const parsed = parse(object.spec.schedule, object.spec.timeZone, parseTimestamp(object.status?.lastScheduleTime ?? object.metadata.creationTimestamp));
  if (!('schedule' in parsed)) {
    await writeStatus(object, statusOf(object, jobs, active, undefined), world);
    return say(object, 'Warning', parsed.reason, parsed.message, world);
  }
  const next = turn(object, parsed.schedule, active, world.clock.now());
  const now = await act(object, next, active, world);
  const scheduledMs = next.do === 'start' ? next.scheduledMs : undefined;
  await writeStatus(object, statusOf(object, jobs, now, scheduledMs), world);
  if (next.nextMs !== undefined) return { afterMs: Math.max(1, next.nextMs - world.clock.now()) };
}

/** @returns the Jobs that are active afterwards. */
async function act(object: LiveCronJob, next: Turn, active: readonly LiveJob[], world: World): Promise<readonly LiveJob[]> {
  switch (next.do) {
    case 'wait':
      return active;
    case 'skip':
      if (next.missed) await say(object, 'Warning', 'MissSchedule', `Missed scheduled time to start a job: ${timestamp(next.scheduledMs)}`, world);
      else await say(object, 'Normal', 'JobAlreadyActive', 'Not starting job because prior execution is running and concurrency policy is Forbid', world);
      return active;
    case 'start': {
      const advice = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
      if (next.manyMissed) await say(object, 'Warning', 'TooManyMissedTimes', advice, world);
      for (const job of next.replaced) await remove(object, job, world);
      const started = await start(object, next.scheduledMs, world);
      const staying = active.filter((job) => !next.replaced.includes(job) && job.metadata.uid !== started?.metadata.uid);
      return started === undefined || endOf(started) !== undefined ? staying : [...staying, started];
    }
    default:
      return next satisfies never;
  }
}

/** The name follows from the time, so that one start makes one Job, wherever the controller dies. Undefined: somebody else's Job has the name. */
async function start(object: LiveCronJob, scheduledMs: number, world: World): Promise<LiveJob | undefined> {
  const { metadata, spec } = object.spec.jobTemplate;
  const { name, namespace } = object.metadata;
  const job = {
    metadata: {
      name: `${name}-${Math.floor(scheduledMs / 60_000)}`,
      namespace,
      ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      annotations: { ...metadata?.annotations, 'batch.kubernetes.io/cronjob-scheduled-timestamp': timestamp(scheduledMs) },
      ...(metadata?.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      ownerReferences: [controlledBy(CronJob, object)],
    },
    spec,
  };
  try {
    const made = await world.api.create(Job, job, { signal: world.signal });
    await say(object, 'Normal', 'SuccessfulCreate', `Created job ${made.metadata.name}`, world);
    return made;
  } catch (error) {
    if (isAlreadyExists(error)) {
      const there = await world.api.get(Job, job.metadata, { signal: world.signal });
      return controllerOf(there)?.uid === object.metadata.uid ? there : undefined;
    }
    if (!world.signal.aborted)
      await say(object, 'Warning', 'FailedCreate', `Error creating job: ${error instanceof Error ? error.message : String(error)}`, world);
    throw error;
  }
}

async function remove(object: LiveCronJob, { metadata }: LiveJob, world: World): Promise<void> {
  try {
    await world.api.delete(Job, metadata, { propagation: 'Background', preconditions: { uid: metadata.uid }, signal: world.signal });
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  await say(object, 'Normal', 'SuccessfulDelete', `Deleted job ${metadata.name}`, world);
}

/** Of Jobs that the status still calls active. */
async function tellEnds(object: LiveCronJob, jobs: readonly LiveJob[], world: World): Promise<void> {
  for (const { uid, name = '' } of object.status?.active ?? []) {
    const job = jobs.find(({ metadata }) => metadata.uid === uid);
    const end = job === undefined ? undefined : endOf(job);
    if (job === undefined) await say(object, 'Normal', 'MissingJob', `Active job went missing: ${name}`, world);
    else if (end !== undefined) await say(object, 'Normal', 'SawCompletedJob', `Saw completed job: ${name}, condition: ${end}`, world);
  }
}

function statusOf(object: LiveCronJob, jobs: readonly LiveJob[], active: readonly LiveJob[], scheduledMs: number | undefined): CronJobStatus {
  const before = object.status;
  const lastScheduleTime = scheduledMs === undefined ? before?.lastScheduleTime : timestamp(scheduledMs);
  const ends = [before?.lastSuccessfulTime, ...jobs.map(({ status }) => status?.completionTime)].filter((time) => time !== undefined);
  const lastSuccessfulTime = ends.toSorted().at(-1);
  return {
    active: active.map(({ metadata: { name, namespace, uid, resourceVersion } }) => {
      const known = before?.active?.find((one) => one.uid === uid);
      return known ?? { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid, resourceVersion };
    }),
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
    ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
  };
}

async function writeStatus(object: LiveCronJob, status: CronJobStatus, { api, signal }: World): Promise<void> {
  if (same({ active: [], ...object.status }, status)) return;
  await api.patch(CronJob, object.metadata, { type: 'merge', body: { status } }, { subresource: 'status', signal });
}

function say(object: LiveCronJob, type: 'Normal' | 'Warning', reason: string, message: string, world: World): Promise<void> {
  return record(world, CronJob, object, { type, reason, message, component: COMPONENT });
}
