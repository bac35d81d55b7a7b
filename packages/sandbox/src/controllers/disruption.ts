import type { Live, Ref } from '@binnacle/client';
import { parseTimestamp, timestamp } from '@binnacle/client';
import { Deployment, Pod, PodDisruptionBudget, ReplicaSet, StatefulSet } from '@binnacle/client/kinds';
import type { PodDisruptionBudgetStatus } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { same } from './hash.ts';
import type { Interest } from './interest.ts';
import { interest } from './interest.ts';
import { selects } from './labels.ts';
import { controllerOf } from './owner.ts';
import { isActive, isReady } from './pod.ts';

type Budget = Live<typeof PodDisruptionBudget>;
type LivePod = Live<typeof Pod>;
/** An eviction that was allowed counts as a pod less until the pod has gone, but not longer: it may have been refused later. */
const EVICTION_MS = 120_000;

/** Keeps the status of PodDisruptionBudgets, by which evictions are allowed. Source: spec/sandbox.md §2.16. */
export function disruption(): Reconciler {
  const pods = interest(Pod);
  return {
    name: 'disruption',
    kind: PodDisruptionBudget,
    watches: [pods.watch],
    reads: [ReplicaSet, Deployment, StatefulSet],
    reconcile: (ref, world) => reconcile(ref, world, pods),
  };
}

async function reconcile(ref: Ref, world: World, interests: Interest<typeof Pod>): Promise<void | { readonly afterMs: number }> {
  const who = { ...ref, namespace: ref.namespace ?? '' };
  const budget = world.cache.get(PodDisruptionBudget, ref);
  if (budget === undefined) return interests.drop(who);
  const wants = (pod: LivePod) => selects(budget.spec?.selector, pod.metadata.labels);
  const labels = budget.spec?.selector?.matchLabels;
  interests.set(who, { wants, labels, uids: [] });
  const pods = world.cache
    .list(Pod, { namespace: who.namespace, ...(labels === undefined ? {} : { labels }) })
    .filter((pod) => wants(pod) && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed');
  interests.set(who, { wants, labels, uids: pods.map(({ metadata }) => metadata.uid) });
  const nowMs = world.clock.now();
  const status = budgetStatus(budget, pods, expectedPods(budget, pods, world), nowMs);
  const before = budget.status as Readonly<Record<string, unknown>> | undefined;
  const now = Object.fromEntries(Object.keys(status).map((key) => [key, before?.[key] ?? (key === 'disruptedPods' ? {} : 0)]));
  if (!same(now, status)) await world.api.replace(PodDisruptionBudget, { ...budget, status } as Budget, { subresource: 'status', signal: world.signal });
  if (Object.keys(status.disruptedPods ?? {}).length > 0) return { afterMs: EVICTION_MS };
}

/** With `maxUnavailable`, or a percentage, what counts is how many pods their controllers want, not how many there are. */
function expectedPods({ spec }: Budget, pods: readonly LivePod[], { cache }: World): number {
  if (spec?.maxUnavailable === undefined && typeof spec?.minAvailable === 'number') return pods.length;
  const owners = new Map(pods.map((pod) => [controllerOf(pod)?.uid ?? pod.metadata.uid, pod]));
  let expected = 0;
  for (const [uid, pod] of owners) expected += scaleOf(pod, cache) ?? pods.filter((other) => (controllerOf(other)?.uid ?? other.metadata.uid) === uid).length;
  return expected;
}

function scaleOf(pod: LivePod, cache: World['cache']): number | undefined {
  const owner = controllerOf(pod);
  const { namespace } = pod.metadata;
  if (owner?.kind === 'StatefulSet') return cache.get(StatefulSet, { namespace, name: owner.name })?.spec?.replicas;
  if (owner?.kind !== 'ReplicaSet') return undefined;
  const set = cache.get(ReplicaSet, { namespace, name: owner.name });
  const above = set === undefined ? undefined : controllerOf(set);
  return above?.kind === 'Deployment' ? cache.get(Deployment, { namespace, name: above.name })?.spec?.replicas : set?.spec?.replicas;
}

/** The status that follows from the pods a budget covers. */
export function budgetStatus(budget: Budget, pods: readonly LivePod[], expected: number, nowMs: number): PodDisruptionBudgetStatus {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  const part = (value: string | number) => (typeof value === 'number' ? value : Math.ceil((Number.parseFloat(value) / 100) * expected));
  const desired = maxUnavailable === undefined ? part(minAvailable ?? 1) : Math.max(0, expected - part(maxUnavailable));
  const disrupted = Object.fromEntries(
    Object.entries(budget.status?.disruptedPods ?? {}).filter(
      ([name, since]) => pods.some((pod) => pod.metadata.name === name && isActive(pod)) && parseTimestamp(since) + EVICTION_MS > nowMs,
    ),
  );
  const healthy = pods.filter((pod) => isReady(pod) && isActive(pod) && disrupted[pod.metadata.name] === undefined).length;
  const allowed = expected > 0 ? Math.max(0, healthy - desired) : 0;
  const before = budget.status?.conditions?.find(({ type }) => type === 'DisruptionAllowed');
  const condition = {
    type: 'DisruptionAllowed',
    status: allowed > 0 ? 'True' : 'False',
    reason: allowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
  };
  const lastTransitionTime = before?.status === condition.status ? before.lastTransitionTime : timestamp(nowMs);
  return {
    observedGeneration: budget.metadata.generation ?? 0,
    expectedPods: expected,
    currentHealthy: healthy,
    desiredHealthy: desired,
    disruptionsAllowed: allowed,
    disruptedPods: disrupted,
    conditions: [{ ...condition, lastTransitionTime, observedGeneration: budget.metadata.generation ?? 0 }],
  };
}
