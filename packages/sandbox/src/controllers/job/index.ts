import type { Live, Ref } from '@binnacle/client';
import { isNotFound, parseTimestamp, timestamp } from '@binnacle/client';
import { Job, Pod } from '@binnacle/client/kinds';
import type { JobCondition, JobStatus } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';
import { record } from '../event.ts';
import { same } from '../hash.ts';
import { controlledBy, controllerOf, controllerRef } from '../owner.ts';
import { isActive, isReady, isTerminal, isTerminating } from '../pod.ts';
import type { Move, Tally } from './plan.ts';
import { TRACKING, nextMove, tally } from './plan.ts';
import { INDEX, INDEX_FAILURES, completed, failedIndexes, failuresOf, ranges } from './indexes.ts';

type LiveJob = Live<typeof Job>;
type LivePod = Live<typeof Pod>;
const COMPONENT = 'job-controller';
/** Runs Jobs to their end: completions, parallelism, back-off, failure and success policies, deadline, suspension, indexes, time to live. Source: spec/sandbox.md §2.15. */
export const job: Reconciler = {
  name: 'job',
  kind: Job,
  watches: [watch(Pod, (pod) => controllerRef(pod, Job))],
  concurrency: 4,
  reconcile,
};

async function reconcile(ref: Ref, world: World): Promise<void | { readonly afterMs: number }> {
  const object = world.cache.get(Job, ref);
  await release(leftBehind(ref, object?.metadata.uid, world), world);
  if (object === undefined) return;
  const pods = world.cache.ownedBy(Pod, object.metadata.uid).filter((pod) => controllerOf(pod)?.uid === object.metadata.uid);
  if (object.metadata.deletionTimestamp !== undefined) return release(pods, world);
  const counts = tally(object, pods);
  const over = isOver(object);
  const move: Move = over ? { do: 'wait' } : nextMove(object, pods, counts, world.clock.now());
  await writeStatus(object, statusOf(object, pods, counts, move, world.clock.now()), world);
  // Written down first: only now may the pods go.
  await release(
    pods.filter(({ metadata }) => [...counts.uncounted.succeeded, ...counts.uncounted.failed, ...counts.ignored].includes(metadata.uid)),
    world,
  );
  if (over) return retire(object, world);
  return act(object, pods, move, world);
}

/** Pods of a job of this name that is there no more, whoever deleted it: nobody will count them, and what holds them would hold them for ever. */
function leftBehind(ref: Ref, uid: string | undefined, { cache }: World): readonly LivePod[] {
  return cache.list(Pod, { namespace: ref.namespace ?? '' }).filter((pod) => {
    if (pod.metadata.finalizers?.includes(TRACKING) !== true || controllerRef(pod, Job)[0]?.name !== ref.name) return false;
    return controllerOf(pod)?.uid !== uid;
  });
}

async function act(object: LiveJob, pods: readonly LivePod[], move: Move, world: World): Promise<void | { readonly afterMs: number }> {
  switch (move.do) {
    case 'wait':
      return move.afterMs === undefined ? undefined : { afterMs: move.afterMs };
    case 'create':
      for (const index of move.indexes) await create(object, index, pods, world);
      return;
    case 'delete':
      return stop(object, move.pods, world);
    case 'complete':
      return stop(object, pods.filter(isActive), world);
    case 'fail':
      return stop(object, pods.filter(isActive), world);
    default:
      return move satisfies never;
  }
}

async function create(object: LiveJob, index: number | undefined, pods: readonly LivePod[], world: World): Promise<void> {
  const { metadata, spec } = object.spec!.template;
  const { name, namespace, uid } = object.metadata;
  const number = index === undefined ? undefined : { [INDEX]: String(index) };
  const limited = index !== undefined && object.spec?.backoffLimitPerIndex !== undefined;
  const failures = limited ? { [INDEX_FAILURES]: String(failuresOf(object, pods, index)) } : undefined;
  const pod = {
    metadata: {
      generateName: index === undefined ? `${name}-` : `${name}-${index}-`,
      namespace,
      labels: {
        ...metadata?.labels,
        'batch.kubernetes.io/controller-uid': uid,
        'batch.kubernetes.io/job-name': name,
        'controller-uid': uid,
        'job-name': name,
        ...number,
      },
      ...(metadata?.annotations === undefined && number === undefined ? {} : { annotations: { ...metadata?.annotations, ...number, ...failures } }),
      finalizers: [...(metadata?.finalizers ?? []), TRACKING],
      ownerReferences: [controlledBy(Job, object)],
    },
    spec: index === undefined ? spec : numbered(spec, `${name}-${index}`),
  };
  try {
    const made = await world.api.create(Pod, pod, { signal: world.signal });
    await record(world, Job, object, { type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${made.metadata.name}`, component: COMPONENT });
  } catch (error) {
    const message = `Error creating: ${error instanceof Error ? error.message : String(error)}`;
    if (!world.signal.aborted) await record(world, Job, object, { type: 'Warning', reason: 'FailedCreate', message, component: COMPONENT });
    throw error;
  }
}

/** The pod of an index knows it: by its host name, and each container by its environment. */
function numbered(spec: NonNullable<LiveJob['spec']>['template']['spec'], hostname: string) {
  const env = { name: 'JOB_COMPLETION_INDEX', valueFrom: { fieldRef: { fieldPath: `metadata.labels['${INDEX}']` } } };
  const within = <T extends { readonly env?: readonly object[] }>(containers: readonly T[]) =>
    containers.map((container) => ({ ...container, env: [...(container.env ?? []), env] }));
  const { containers = [], initContainers } = spec ?? {};
  return { ...spec, hostname, containers: within(containers), ...(initContainers === undefined ? {} : { initContainers: within(initContainers) }) };
}

async function stop(object: LiveJob, pods: readonly LivePod[], world: World): Promise<void> {
  // Let go of first: a pod that we stop has not failed, and must not be counted as if it had.
  await release(pods, world);
  for (const { metadata } of pods) {
    try {
      await world.api.delete(Pod, metadata, { preconditions: { uid: metadata.uid }, signal: world.signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      continue;
    }
    await record(world, Job, object, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${metadata.name}`, component: COMPONENT });
  }
}

async function release(pods: readonly LivePod[], { api, signal }: World): Promise<void> {
  for (const { metadata } of pods) {
    const { finalizers = [], resourceVersion, uid } = metadata;
    if (!finalizers.includes(TRACKING)) continue;
    const body = { metadata: { uid, resourceVersion, finalizers: finalizers.filter((finalizer) => finalizer !== TRACKING) } };
    try {
      await api.patch(Pod, metadata, { type: 'merge', body }, { signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

/** A Job with a time to live goes when it is over for so long. */
async function retire(object: LiveJob, { api, clock, signal }: World): Promise<void | { readonly afterMs: number }> {
  const seconds = object.spec?.ttlSecondsAfterFinished;
  if (seconds === undefined) return;
  const ended = object.status?.conditions?.find(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True')?.lastTransitionTime;
  const leftMs = parseTimestamp(ended ?? '') + seconds * 1000 - clock.now();
  if (leftMs > 0) return { afterMs: leftMs };
  await api.delete(Job, object.metadata, { propagation: 'Foreground', preconditions: { uid: object.metadata.uid }, signal });
}

function isOver(object: LiveJob): boolean {
  return object.status?.conditions?.some(({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True') === true;
}

function statusOf(object: LiveJob, pods: readonly LivePod[], counts: Tally, move: Move, nowMs: number): JobStatus {
  const suspended = object.spec?.suspend === true;
  const conditions = conditionsOf(object, pods, counts, move, nowMs);
  const complete = conditions.find(({ type }) => type === 'Complete');
  const startTime = object.status?.startTime ?? (suspended ? undefined : timestamp(nowMs));
  const completionTime = object.status?.completionTime ?? complete?.lastTransitionTime;
  return {
    ...(startTime === undefined ? {} : { startTime }),
    ...(completionTime === undefined ? {} : { completionTime }),
    active: pods.filter(isActive).length,
    ready: pods.filter((pod) => isActive(pod) && isReady(pod)).length,
    terminating: pods.filter((pod) => isTerminating(pod) && !isTerminal(pod)).length,
    // An index that two pods have done is done once.
    succeeded: object.spec?.completionMode === 'Indexed' ? completed(object, pods).length : counts.succeeded,
    failed: counts.failed,
    uncountedTerminatedPods: counts.uncounted,
    ...(object.spec?.completionMode === 'Indexed' ? { completedIndexes: ranges(completed(object, pods)) } : {}),
    ...(object.spec?.backoffLimitPerIndex === undefined ? {} : { failedIndexes: ranges(failedIndexes(object, pods)) }),
    conditions,
  };
}

/** The verdict comes first, the end when no pod runs any more and all are counted: who waits for the end may then read final numbers. */
function conditionsOf(object: LiveJob, pods: readonly LivePod[], counts: Tally, move: Move, nowMs: number): readonly JobCondition[] {
  const before = object.status?.conditions ?? [];
  const now = timestamp(nowMs);
  const conditions = new Map(before.map((condition) => [condition.type, condition]));
  const set = (type: string, status: string, reason: string, message: string) => {
    const was = conditions.get(type);
    if (was?.status === status) return;
    conditions.set(type, { type, status, reason, message, lastProbeTime: now, lastTransitionTime: now });
  };
  const settled =
    !pods.some((pod) => isActive(pod) || (isTerminating(pod) && !isTerminal(pod))) && counts.uncounted.succeeded.length + counts.uncounted.failed.length === 0;
  if (move.do === 'complete') set('SuccessCriteriaMet', 'True', move.reason, move.message);
  if (move.do === 'complete' && settled) set('Complete', 'True', move.reason, move.message);
  if (move.do === 'fail') set('FailureTarget', 'True', move.reason, move.message);
  if (move.do === 'fail' && settled) set('Failed', 'True', move.reason, move.message);
  if (object.spec?.suspend === true) set('Suspended', 'True', 'JobSuspended', 'Job suspended');
  else if (conditions.has('Suspended')) set('Suspended', 'False', 'JobResumed', 'Job resumed');
  return [...conditions.values()];
}

async function writeStatus(object: LiveJob, status: JobStatus, { api, signal }: World): Promise<void> {
  const empty: Readonly<Record<string, unknown>> = { conditions: [], completedIndexes: '', failedIndexes: '' };
  const before = object.status as Readonly<Record<string, unknown>> | undefined;
  const noted = { succeeded: [], failed: [], ...object.status?.uncountedTerminatedPods };
  const now = Object.fromEntries(Object.keys(status).map((key) => [key, key === 'uncountedTerminatedPods' ? noted : (before?.[key] ?? empty[key] ?? 0)]));
  if (same(now, status)) return;
  await api.patch(Job, object.metadata, { type: 'merge', body: { status } }, { subresource: 'status', signal });
}
