import type { Live, Ref } from '@binnacle/client';
import { isNamespaceTerminating, isNotFound, timestamp } from '@binnacle/client';
import { Pod, ReplicaSet } from '@binnacle/client/kinds';
import type { ReplicaSetStatus } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';
import { slowStart, together } from './batches.ts';
import { claimPods } from './claim-pods.ts';
import { record } from './event.ts';
import type { Said } from './event.ts';
import { same } from './hash.ts';
import type { Interest } from './interest.ts';
import { interest } from './interest.ts';
import { selects } from './labels.ts';
import { controlledBy, controllerOf, controllerRef } from './owner.ts';
import { isActive, isReady, isTerminal, isTerminating, untilAvailable } from './pod.ts';
import { quantity } from './volume/quantity.ts';

type Set_ = Live<typeof ReplicaSet>;
type LivePod = Live<typeof Pod>;
const COMPONENT = 'replicaset-controller';
/** Pods made or deleted in one pass at most. */
const BURST = 500;

/** Keeps the number of a ReplicaSet's pods. Source: spec/sandbox.md §2.14. */
export function replicaSet(): Reconciler {
  const orphans = interest(Pod);
  return {
    name: 'replicaset',
    kind: ReplicaSet,
    watches: [watch(Pod, (pod) => (controllerOf(pod) === undefined ? orphans.watch.map(pod) : controllerRef(pod, ReplicaSet)))],
    concurrency: 4,
    reconcile: (ref, world) => reconcile(ref, world, orphans),
  };
}

/** Which pods to give up first: those that do least. Then the younger. */
export function ranked(pods: readonly LivePod[]): readonly LivePod[] {
  const phases: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };
  const cost = (pod: LivePod) => quantity(pod.metadata.annotations?.['controller.kubernetes.io/pod-deletion-cost'] ?? 0) || 0;
  const key = (pod: LivePod) => [(pod.spec?.nodeName ?? '') === '' ? 0 : 1, phases[pod.status?.phase ?? ''] ?? 0, isReady(pod) ? 1 : 0, cost(pod)] as const;
  return pods.toSorted((a, b) => {
    const [left, right] = [key(a), key(b)];
    const index = left.findIndex((part, i) => part !== right[i]);
    if (index !== -1) return left[index]! - right[index]!;
    const [born, bornB] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
    return born === bornB ? (a.metadata.name < b.metadata.name ? -1 : 1) : born > bornB ? -1 : 1;
  });
}

async function reconcile(ref: Ref, world: World, orphans: Interest<typeof Pod>): Promise<void | { readonly afterMs: number }> {
  const who = { ...ref, namespace: ref.namespace ?? '' };
  const set = world.cache.get(ReplicaSet, ref);
  if (set === undefined) return orphans.drop(who);
  orphans.set(who, { wants: (pod) => selects(set.spec?.selector, pod.metadata.labels), labels: set.spec?.selector?.matchLabels, uids: [] });
  const pods = await claimPods(ReplicaSet, set, world);
  const active = pods.filter(isActive);
  // One that is being deleted, and waits for its pods, still counts them.
  const leaving = set.metadata.deletionTimestamp !== undefined;
  const said: Said[] = [];
  const failure = await (leaving ? Promise.resolve() : scale(set, active, said, world)).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (world.signal.aborted) return;
  const minReady = set.spec?.minReadySeconds ?? 0;
  try {
    await writeStatus(set, statusOf(set, active, pods.filter((pod) => isTerminating(pod) && !isTerminal(pod)).length, failure, world.clock.now()), world);
  } finally {
    // Last: whoever waits for the status does not wait for words.
    await together(said, (one) => record(world, ReplicaSet, set, one));
  }
  if (failure !== undefined) throw failure;
  const waits = active.flatMap((pod) => untilAvailable(pod, minReady, world.clock.now()) ?? []).filter((ms) => ms > 0);
  if (waits.length > 0) return { afterMs: Math.min(...waits) };
}

async function scale(set: Set_, active: readonly LivePod[], said: Said[], world: World): Promise<void> {
  const missing = (set.spec?.replicas ?? 1) - active.length;
  await slowStart(Array.from({ length: Math.min(Math.max(0, missing), BURST) }), () => create(set, said, world));
  await together(missing < 0 ? ranked(active).slice(0, Math.min(-missing, BURST)) : [], (pod) => remove(pod, said, world));
}

async function create(set: Set_, said: Said[], world: World): Promise<void> {
  const { api, signal } = world;
  const { metadata, spec } = set.spec?.template ?? {};
  const { labels, annotations, finalizers } = metadata ?? {};
  const own = {
    generateName: `${set.metadata.name}-`,
    namespace: set.metadata.namespace,
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(finalizers === undefined ? {} : { finalizers }),
    ownerReferences: [controlledBy(ReplicaSet, set)],
  };
  try {
    const object = { metadata: own, spec };
    const pod = await api.create(Pod, object, { signal });
    said.push({ type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${pod.metadata.name}`, component: COMPONENT });
  } catch (error) {
    if (isNamespaceTerminating(error)) return;
    const message = `Error creating: ${error instanceof Error ? error.message : String(error)}`;
    said.push({ type: 'Warning', reason: 'FailedCreate', message, component: COMPONENT });
    throw error;
  }
}

async function remove({ metadata }: LivePod, said: Said[], world: World): Promise<void> {
  try {
    await world.api.delete(Pod, metadata, { preconditions: { uid: metadata.uid }, signal: world.signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return;
  }
  said.push({ type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${metadata.name}`, component: COMPONENT });
}

function statusOf(set: Set_, active: readonly LivePod[], terminating: number, failure: unknown, nowMs: number): ReplicaSetStatus {
  const template = set.spec?.template?.metadata?.labels ?? {};
  const before = set.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  const condition = {
    type: 'ReplicaFailure',
    status: 'True',
    reason: 'FailedCreate',
    message: failure instanceof Error ? failure.message : String(failure),
    lastTransitionTime: before?.lastTransitionTime ?? timestamp(nowMs),
  };
  return {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: active.length,
    fullyLabeledReplicas: active.filter(({ metadata }) => Object.entries(template).every(([key, value]) => metadata.labels?.[key] === value)).length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: active.filter((pod) => untilAvailable(pod, set.spec?.minReadySeconds ?? 0, nowMs) === 0).length,
    terminatingReplicas: terminating,
    conditions: failure === undefined ? [] : [condition],
  };
}

async function writeStatus(set: Set_, status: ReplicaSetStatus, { api, signal }: World): Promise<void> {
  const before = set.status as Readonly<Record<string, unknown>> | undefined;
  const now = Object.fromEntries(Object.keys(status).map((key) => [key, before?.[key] ?? (key === 'conditions' ? [] : 0)]));
  if (before !== undefined && same(now, status)) return;
  await api.patch(ReplicaSet, set.metadata, { type: 'merge', body: { status } }, { subresource: 'status', signal });
}
