import type { Live } from '@binnacle/client';
import { parseTimestamp } from '@binnacle/client';
import type { Job, Pod } from '@binnacle/client/kinds';
import { isActive, isTerminal } from '../pod.ts';
import { failedByPolicy } from './failure-policy.ts';
import { completed, indexOf } from './indexes.ts';

type LivePod = Live<typeof Pod>;

/** Keeps a pod that has ended until the Job has counted it: a pod that somebody deletes must not run twice. */
export const TRACKING = 'batch.kubernetes.io/job-tracking';

/** Retries of failed pods come after 10 s, doubling to 10 min; ms. */
const RETRY_FIRST_MS = 10_000;
const RETRY_MOST_MS = 600_000;

/** Ended pods of a Job. `uncounted`: written down by UID, their finalizer still to be removed. */
export interface Tally {
  readonly succeeded: number;
  readonly failed: number;
  readonly uncounted: { readonly succeeded: readonly string[]; readonly failed: readonly string[] };
}

/**
 * Counts in two steps, so that a crash between them counts nothing twice: first the UID is written down, then the finalizer goes, then it is a number.
 */
export function tally(job: Live<typeof Job>, pods: readonly LivePod[]): Tally {
  const before = job.status?.uncountedTerminatedPods;
  const tracked = pods.filter(({ metadata }) => metadata.finalizers?.includes(TRACKING) === true);
  const held = new Set(tracked.map(({ metadata }) => metadata.uid));
  const ended = tracked.filter((pod) => isTerminal(pod) || (pod.metadata.deletionTimestamp !== undefined && (pod.spec?.nodeName ?? '') === ''));
  const of = (phase: 'succeeded' | 'failed', counted: number, noted: readonly string[]) => {
    const free = noted.filter((uid) => !held.has(uid));
    const now = ended.filter((pod) => (pod.status?.phase === 'Succeeded') === (phase === 'succeeded')).map(({ metadata }) => metadata.uid);
    return { counted: counted + free.length, uncounted: now.toSorted() };
  };
  const succeeded = of('succeeded', job.status?.succeeded ?? 0, before?.succeeded ?? []);
  const failed = of('failed', job.status?.failed ?? 0, before?.failed ?? []);
  return { succeeded: succeeded.counted, failed: failed.counted, uncounted: { succeeded: succeeded.uncounted, failed: failed.uncounted } };
}

export type Move =
  /** One pod for each; `undefined` where pods have no index. */
  | { readonly do: 'create'; readonly indexes: readonly (number | undefined)[] }
  /** Too many run, or none should. */
  | { readonly do: 'delete'; readonly pods: readonly LivePod[] }
  | { readonly do: 'wait'; readonly afterMs?: number }
  | { readonly do: 'complete' }
  | { readonly do: 'fail'; readonly reason: string; readonly message: string };

/** What a Job that is not over does next. Source: spec/sandbox.md §2.15. */
export function nextMove(job: Live<typeof Job>, pods: readonly LivePod[], counts: Tally, nowMs: number): Move {
  const { parallelism = 1, completions, backoffLimit = 6, activeDeadlineSeconds, suspend } = job.spec ?? {};
  const active = pods.filter(isActive);
  const indexed = job.spec?.completionMode === 'Indexed';
  const done = indexed ? completed(job, pods) : [];
  const succeeded = indexed ? done.length : counts.succeeded + counts.uncounted.succeeded.length;
  const failed = counts.failed + counts.uncounted.failed.length;
  const verdict = job.status?.conditions?.find(({ type, status }) => type === 'FailureTarget' && status === 'True');
  if (verdict !== undefined) return { do: 'fail', reason: verdict.reason ?? '', message: verdict.message ?? '' };
  const policy = failedByPolicy(job, pods);
  if (policy !== undefined) return { do: 'fail', reason: 'PodFailurePolicy', message: policy };
  if (failed > backoffLimit) return { do: 'fail', reason: 'BackoffLimitExceeded', message: 'Job has reached the specified backoff limit' };
  const leftMs = deadlineMs(job, activeDeadlineSeconds, nowMs);
  if (leftMs !== undefined && leftMs <= 0) return { do: 'fail', reason: 'DeadlineExceeded', message: 'Job was active longer than specified deadline' };
  const deadline = leftMs === undefined ? {} : { afterMs: leftMs };
  if (suspend === true) return active.length > 0 ? { do: 'delete', pods: active } : { do: 'wait' };
  // Without a number of completions one success is enough, and those beside it may finish.
  const over = completions === undefined ? succeeded > 0 && active.length === 0 : succeeded >= completions;
  if (over) return { do: 'complete' };
  const wanted = completions === undefined ? (succeeded > 0 ? active.length : parallelism) : Math.min(parallelism, completions - succeeded);
  if (active.length > wanted) return { do: 'delete', pods: active.slice(wanted) };
  if (active.length === wanted) return { do: 'wait', ...deadline };
  const retryMs = untilRetry(pods, failed, nowMs);
  if (retryMs > 0) return { do: 'wait', afterMs: Math.min(retryMs, leftMs ?? retryMs) };
  const missing = wanted - active.length;
  if (!indexed) return { do: 'create', indexes: Array.from({ length: missing }) };
  const taken = new Set([...done, ...active.map(indexOf)]);
  const free = Array.from({ length: completions ?? 0 }, (_, index) => index).filter((index) => !taken.has(index));
  return { do: 'create', indexes: free.slice(0, missing) };
}

function deadlineMs(job: Live<typeof Job>, seconds: number | undefined, nowMs: number): number | undefined {
  if (seconds === undefined || job.status?.startTime === undefined) return undefined;
  return parseTimestamp(job.status.startTime) + seconds * 1000 - nowMs;
}

/** After the end of the pod that failed last. */
function untilRetry(pods: readonly LivePod[], failed: number, nowMs: number): number {
  if (failed === 0) return 0;
  const ends = pods
    .filter(({ status }) => status?.phase === 'Failed')
    .flatMap((pod) => (pod.status?.containerStatuses ?? []).map(({ state }) => parseTimestamp(state?.terminated?.finishedAt ?? '')))
    .filter((ms) => !Number.isNaN(ms));
  const last = ends.length === 0 ? nowMs : Math.max(...ends);
  return last + Math.min(RETRY_FIRST_MS * 2 ** (failed - 1), RETRY_MOST_MS) - nowMs;
}
