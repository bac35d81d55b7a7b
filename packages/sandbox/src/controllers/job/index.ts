import type { Live, Ref } from '@binnacle/client';
import { isNamespaceTerminating, isNotFound, parseTimestamp, timestamp } from '@binnacle/client';
import { Job, Pod } from '@binnacle/client/kinds';
import type { JobCondition, JobStatus } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';
import { slowStart, together } from '../batches.ts';
import { record } from '../event.ts';
import { same } from '../hash.ts';
import { controlledBy, controllerOf, controllerRef } from '../owner.ts';
import { isActive, isReady, isTerminal, isTerminating } from '../pod.ts';
import type { Move, Tally } from './plan.ts';
import { TRACKING, nextMove, settledBy, tally } from './plan.ts';
import { INDEX, INDEX_FAILURES, completed, failedIndexes, failuresOf, ranges } from './indexes.ts';

type LiveJob = Live<typeof Job>;
type LivePod = Live<typeof Pod>;
const COMPONENT = 'job-controller';
/** What `managedBy` may say without leaving the Job to somebody else. */
const OURSELVES = 'kubernetes.io/job-controller';
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
  if ((object.spec?.managedBy ?? OURSELVES) !== OURSELVES) return;
  if (isOver(object)) {
    await release(pods, world);
    return await retire(object, world);
  }
  const found = tally(object, pods);
  const move = nextMove(object, pods, found, world.clock.now());
  const counts = settledBy(move, found, pods);
  const { changes, error } = await act(object, pods, move, world);
  if (world.signal.aborted) throw error;
  await writeStatus(object, statusOf(object, pods, counts, { move, changes }, world.clock.now()), world);
  // Written down first: only now may the pods go.
  await release(counts.ended, world);
  if (error !== undefined) throw error;
  if (move.do === 'wait' && move.afterMs !== undefined) return { afterMs: move.afterMs };
}

/** Pods of a job of this name that is there no more, whoever deleted it: nobody will count them, and what holds them would hold them for ever. */
function leftBehind(ref: Ref, uid: string | undefined, { cache }: World): readonly LivePod[] {
  return cache.list(Pod, { namespace: ref.namespace ?? '' }).filter((pod) => {
    if (pod.metadata.finalizers?.includes(TRACKING) !== true || controllerRef(pod, Job)[0]?.name !== ref.name) return false;
    return controllerOf(pod)?.uid !== uid;
  });
}

/** By how much a pass changed what runs. */
interface Changes {
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
}
const NONE: Changes = { active: 0, ready: 0, terminating: 0 };

/** Pods first, then the status, which already tells of them. Source: pkg/controller/job/job_controller.go, syncJob. */
async function act(object: LiveJob, pods: readonly LivePod[], move: Move, world: World): Promise<{ readonly changes: Changes; readonly error?: unknown }> {
  let made = 0;
  const stopped: LivePod[] = [];
  try {
    if (move.do === 'create')
      await slowStart(move.indexes, async (index) => {
        await create(object, index, pods, world);
        made += 1;
      });
    else if (move.do !== 'wait') {
      // A pod of which too many run has not failed, and is let go first; with a verdict it is counted before.
      const free = move.do === 'delete';
      await together(free ? move.pods : pods.filter(isActive), async (pod) => {
        if (free) await release([pod], world);
        await stop(object, pod, world);
        stopped.push(pod);
      });
    }
  } catch (error) {
    return { changes: changed(made, stopped), error };
  }
  return { changes: made + stopped.length === 0 ? NONE : changed(made, stopped) };
}

function changed(made: number, stopped: readonly LivePod[]): Changes {
  return { active: made - stopped.length, ready: -stopped.filter(isReady).length, terminating: stopped.length };
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
    if (isNamespaceTerminating(error)) return;
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

async function stop(object: LiveJob, { metadata }: LivePod, world: World): Promise<void> {
  try {
    await world.api.delete(Pod, metadata, { preconditions: { uid: metadata.uid }, signal: world.signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return;
  }
  await record(world, Job, object, { type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${metadata.name}`, component: COMPONENT });
}

async function release(pods: readonly LivePod[], { api, signal }: World): Promise<void> {
  await together(pods, async ({ metadata }) => {
    const { finalizers = [], uid } = metadata;
    if (!finalizers.includes(TRACKING)) return;
    // Not by the version: the node writes the pod's status meanwhile.
    const body = { metadata: { uid, '$deleteFromPrimitiveList/finalizers': [TRACKING] } };
    try {
      await api.patch(Pod, metadata, { type: 'strategic', body }, { signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  });
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

interface Acted {
  readonly move: Move;
  readonly changes: Changes;
}

function statusOf(object: LiveJob, pods: readonly LivePod[], counts: Tally, { move, changes }: Acted, nowMs: number): JobStatus {
  const running = {
    active: pods.filter(isActive).length + changes.active,
    ready: pods.filter((pod) => isActive(pod) && isReady(pod)).length + changes.ready,
    terminating: pods.filter((pod) => isTerminating(pod) && !isTerminal(pod)).length + changes.terminating,
  };
  // All have ended and are counted: who waits for the end may then read final numbers.
  const settled = running.active + running.terminating + counts.ended.length === 0;
  const conditions = conditionsOf(object, move, settled, nowMs);
  const complete = conditions.find(({ type }) => type === 'Complete');
  // The time of a pause counts as none: resumed it starts anew.
  const startTime = object.spec?.suspend === true ? undefined : (object.status?.startTime ?? timestamp(nowMs));
  const completionTime = object.status?.completionTime ?? complete?.lastTransitionTime;
  return {
    ...(startTime === undefined ? {} : { startTime }),
    ...(completionTime === undefined ? {} : { completionTime }),
    ...running,
    // An index that two pods have done is done once.
    succeeded: object.spec?.completionMode === 'Indexed' ? completed(object, pods).length : counts.succeeded,
    failed: counts.failed,
    uncountedTerminatedPods: counts.uncounted,
    ...(object.spec?.completionMode === 'Indexed' ? { completedIndexes: ranges(completed(object, pods)) } : {}),
    ...(object.spec?.backoffLimitPerIndex === undefined ? {} : { failedIndexes: ranges(failedIndexes(object, pods)) }),
    conditions,
  };
}

/** The verdict comes first, the end when the Job is settled. */
function conditionsOf(object: LiveJob, move: Move, settled: boolean, nowMs: number): readonly JobCondition[] {
  const before = object.status?.conditions ?? [];
  const now = timestamp(nowMs);
  const conditions = new Map(before.map((condition) => [condition.type, condition]));
  const set = (type: string, status: string, reason: string, message: string) => {
    const was = conditions.get(type);
    if (was?.status === status) return;
    conditions.set(type, { type, status, reason, message, lastProbeTime: now, lastTransitionTime: now });
  };
  if (move.do === 'complete' || move.do === 'fail') {
    set(move.do === 'complete' ? 'SuccessCriteriaMet' : 'FailureTarget', 'True', move.reason, move.message);
    if (settled) set(move.do === 'complete' ? 'Complete' : 'Failed', 'True', move.reason, move.message);
  } else if (object.spec?.suspend === true) set('Suspended', 'True', 'JobSuspended', 'Job suspended');
  else if (conditions.has('Suspended')) set('Suspended', 'False', 'JobResumed', 'Job resumed');
  return [...conditions.values()];
}

async function writeStatus(object: LiveJob, status: JobStatus, { api, signal }: World): Promise<void> {
  const empty: Readonly<Record<string, unknown>> = { conditions: [], completedIndexes: '', failedIndexes: '' };
  const before = object.status as Readonly<Record<string, unknown>> | undefined;
  const noted = { succeeded: [], failed: [], ...object.status?.uncountedTerminatedPods };
  const now = Object.fromEntries(Object.keys(status).map((key) => [key, key === 'uncountedTerminatedPods' ? noted : (before?.[key] ?? empty[key] ?? 0)]));
  const restarts = status.startTime === undefined && object.status?.startTime !== undefined;
  if (same(now, status) && !restarts) return;
  await api.patch(
    Job,
    object.metadata,
    { type: 'merge', body: { status: { ...status, ...(restarts ? { startTime: null } : {}) } } },
    { subresource: 'status', signal },
  );
}
