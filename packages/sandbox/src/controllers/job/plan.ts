import type { Live } from '@binnacle/client';
import { parseTimestamp } from '@binnacle/client';
import type { Job, Pod } from '@binnacle/client/kinds';
import { isActive, isTerminal, isTerminating } from '../pod.ts';
import { verdictOn } from './failure-policy.ts';
import { completed, failedIndexes, indexOf, metRule } from './indexes.ts';

type LivePod = Live<typeof Pod>;

/** Keeps a pod that has ended until the Job has counted it: a pod that somebody deletes must not run twice. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';

/** Retries of failed pods come after 10 s, doubling to 10 min; ms. */
const RETRY_FIRST_MS = 10_000;
const RETRY_MOST_MS = 600_000;

/** Ended pods of a Job. */
export interface Tally {
  readonly succeeded: number;
  readonly failed: number;
  /** Written down by UID, their finalizer still to be removed. None that succeeded where pods have an index: that is written down instead. */
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
  /** Pods to let go once they are written down: those, and such as count for nothing. */
  readonly ended: readonly LivePod[];
}

/** Whether no other pod may take the place of one before that has really ended. */
export function waitsForEnd({ spec }: Live<typeof Job>): boolean {
  return spec?.podReplacementPolicy === 'Failed' || (spec?.podReplacementPolicy === undefined && spec?.podFailurePolicy !== undefined);
}

/** One that somebody deletes has failed at once, unless its end is waited for: nobody knows whether it comes. Source: pkg/controller/job/job_controller.go, isPodFailed. */
function hasFailed(job: Live<typeof Job>, { metadata, status }: LivePod): boolean {
  if (status?.phase === 'Failed') return true;
  return !waitsForEnd(job) && metadata.deletionTimestamp !== undefined && status?.phase !== 'Succeeded';
}

/**
 * Counts in two steps, so that a crash between them counts nothing twice: first the UID is written down, then the finalizer goes, then it is a number.
 */
export function tally(job: Live<typeof Job>, pods: readonly LivePod[]): Tally {
  const before = job.status?.uncountedTerminatedPods;
  const indexed = job.spec?.completionMode === 'Indexed';
  const tracked = pods.filter(isTracked);
  const held = new Set(tracked.map(({ metadata }) => metadata.uid));
  const counted = (number = 0, noted: readonly string[] = []) => number + noted.filter((uid) => !held.has(uid)).length;
  const good = tracked.filter(({ status }) => status?.phase === 'Succeeded');
  const bad = tracked.filter((pod) => hasFailed(job, pod));
  const failed = bad.filter((pod) => pod.status?.phase !== 'Failed' || verdictOn(job, pod).action !== 'Ignore');
  return {
    succeeded: counted(job.status?.succeeded, before?.succeeded),
    failed: counted(job.status?.failed, before?.failed),
    uncounted: { succeeded: indexed ? [] : uids(good), failed: uids(failed) },
    ended: [...good, ...bad],
  };
}

/** With its verdict every pod of a Job is let go; of one that failed, each that has not succeeded has failed too. Source: trackJobStatusAndRemoveFinalizers. */
export function settledBy({ do: what }: Move, counts: Tally, pods: readonly LivePod[]): Tally {
  if (what !== 'complete' && what !== 'fail') return counts;
  const others = pods.filter((pod) => isTracked(pod) && !counts.ended.includes(pod));
  const { succeeded, failed } = counts.uncounted;
  const uncounted = { succeeded, failed: what === 'fail' ? [...failed, ...uids(others)].toSorted() : failed };
  return { ...counts, uncounted, ended: [...counts.ended, ...others] };
}

const isTracked = ({ metadata }: LivePod): boolean => metadata.finalizers?.includes(TRACKING) === true;
const uids = (pods: readonly LivePod[]): readonly string[] => pods.map(({ metadata }) => metadata.uid).toSorted();

export type Move =
  /** One pod for each; `undefined` where pods have no index. */
  | { readonly do: 'create'; readonly indexes: readonly (number | undefined)[] }
  /** Too many run, or none should. */
  | { readonly do: 'delete'; readonly pods: readonly LivePod[] }
  | { readonly do: 'wait'; readonly afterMs?: number }
  | { readonly do: 'complete'; readonly reason: string; readonly message: string }
  | { readonly do: 'fail'; readonly reason: string; readonly message: string };

/** What a Job that is not over does next. Source: spec/sandbox.md §2.15. */
export function nextMove(job: Live<typeof Job>, pods: readonly LivePod[], counts: Tally, nowMs: number): Move {
  const { parallelism = 1, completions, activeDeadlineSeconds, suspend } = job.spec ?? {};
  const active = pods.filter(isActive);
  const indexed = job.spec?.completionMode === 'Indexed';
  const done = indexed ? completed(job, pods) : [];
  const succeeded = indexed ? done.length : counts.succeeded + counts.uncounted.succeeded.length;
  const failed = counts.failed + counts.uncounted.failed.length;
  const settled = verdictOf(job) ?? failureOf(job, pods, failed);
  if (settled !== undefined) return settled;
  const leftMs = deadlineMs(job, activeDeadlineSeconds, nowMs);
  if (leftMs !== undefined && leftMs <= 0) return { do: 'fail', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  const deadline = leftMs === undefined ? {} : { afterMs: leftMs };
  if (suspend === true) return active.length > 0 ? { do: 'delete', pods: active } : { do: 'wait' };
  // Without a number of completions one success is enough, and those beside it may finish.
  const over = completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions;
  if (over) return { do: 'complete', reason: 'CompletionsReached', message: 'Reached expected number of succeeded pods' };
  const rule = indexed ? metRule(job, done) : undefined;
  if (rule !== undefined) return { do: 'complete', reason: 'SuccessPolicy', message: `Matched rules at index ${rule}` };
  const lost = failedIndexes(job, pods);
  if (lost.length > 0 && lost.length + succeeded >= (completions ?? Infinity) && active.length === 0)
    return { do: 'fail', reason: 'FailedIndexes', message: 'Job has failed indexes' };
  const wanted = completions === undefined ? (succeeded > 0 ? active.length : parallelism) : Math.min(parallelism, completions - succeeded - lost.length);
  if (active.length > wanted) return { do: 'delete', pods: active.slice(wanted) };
  const ending = waitsForEnd(job) ? pods.filter((pod) => isTerminating(pod) && !isTerminal(pod)).length : 0;
  const missing = wanted - active.length - ending;
  if (missing <= 0) return { do: 'wait', ...deadline };
  const ofIndex = (index: number | undefined) => (job.spec?.backoffLimitPerIndex === undefined ? pods : pods.filter((pod) => indexOf(pod) === index));
  const taken = new Set([...done, ...lost, ...active.map(indexOf)]);
  const free: readonly (number | undefined)[] = indexed
    ? Array.from({ length: completions ?? 0 }, (_, index) => index).filter((index) => !taken.has(index))
    : Array.from({ length: missing });
  // All wait for the pod that failed last; with a limit for each index every one for itself.
  const turns = free.map((index) => ({ index, ms: untilRetry(ofIndex(index), job.spec?.backoffLimitPerIndex === undefined ? failed : 0, nowMs) }));
  const now = turns.filter(({ ms }) => ms <= 0).slice(0, missing);
  if (now.length > 0) return { do: 'create', indexes: now.map(({ index }) => index) };
  const laterMs = Math.min(...turns.map(({ ms }) => ms), leftMs ?? Infinity);
  return Number.isFinite(laterMs) ? { do: 'wait', afterMs: laterMs } : { do: 'wait' };
}

/** What was decided before, and is carried out to its end. */
function verdictOf(job: Live<typeof Job>): Move | undefined {
  const found = (type: string) => job.status?.conditions?.find((condition) => condition.type === type && condition.status === 'True');
  const failure = found('FailureTarget');
  if (failure !== undefined) return { do: 'fail', reason: failure.reason ?? '', message: failure.message ?? '' };
  const success = found('SuccessCriteriaMet');
  return success === undefined ? undefined : { do: 'complete', reason: success.reason ?? '', message: success.message ?? '' };
}

/** Why a Job fails now, its deadline aside. `failed`: its pods that failed and count. */
function failureOf(job: Live<typeof Job>, pods: readonly LivePod[], failed: number): Move | undefined {
  const { backoffLimit = 6, maxFailedIndexes } = job.spec ?? {};
  for (const pod of pods.filter(({ status }) => status?.phase === 'Failed')) {
    const { action, why } = verdictOn(job, pod);
    if (action === 'FailJob') return { do: 'fail', reason: 'PodFailurePolicy', message: why };
  }
  if (failed > backoffLimit) return { do: 'fail', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  if (maxFailedIndexes === undefined || failedIndexes(job, pods).length <= maxFailedIndexes) return undefined;
  return { do: 'fail', reason: 'MaxFailedIndexesExceeded', message: 'Job has exceeded the specified maximal number of failed indexes' };
}

function deadlineMs(job: Live<typeof Job>, seconds: number | undefined, nowMs: number): number | undefined {
  if (seconds === undefined || job.status?.startTime === undefined) return undefined;
  return parseTimestamp(job.status.startTime) + seconds * 1000 - nowMs;
}

/**
 * After the end of the pod that failed last, or its deletion. `counted`: failures, also of pods that have gone; one that does not count waits all the same. When
 * none is left to tell when it ended, nothing is waited for, as by a controller of Kubernetes that was started anew.
 */
function untilRetry(pods: readonly LivePod[], counted: number, nowMs: number): number {
  const failed = pods.filter(({ status }) => status?.phase === 'Failed');
  // More than have ended: some count because somebody deleted them. One that a suspension ended does not count.
  const over = counted > failed.length ? [...failed, ...pods.filter((pod) => isTerminating(pod) && !isTerminal(pod))] : failed;
  const times = Math.max(counted, over.length);
  const ends = over.flatMap(endsOf).filter((ms) => !Number.isNaN(ms));
  if (times === 0 || ends.length === 0) return 0;
  return Math.max(...ends) + Math.min(RETRY_FIRST_MS * 2 ** (times - 1), RETRY_MOST_MS) - nowMs;
}

/** When its containers ended; of one that is being deleted and says nothing yet, when it has to. */
function endsOf({ metadata, status }: LivePod): readonly number[] {
  const ended = (status?.containerStatuses ?? []).flatMap(({ state }) => state?.terminated?.finishedAt ?? []);
  return (ended.length > 0 ? ended : [metadata.deletionTimestamp ?? '']).map(parseTimestamp);
}
