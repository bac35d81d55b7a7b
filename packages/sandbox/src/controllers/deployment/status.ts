import type { Live } from '@binnacle/client';
import { parseTimestamp, timestamp } from '@binnacle/client';
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '@binnacle/client/kinds';
import { limitsOf } from './rollout.ts';

type LiveDeployment = Live<typeof Deployment>;
type Set_ = Live<typeof ReplicaSet>;
type Conditions = readonly DeploymentCondition[];

/** A Deployment with its ReplicaSets: `current` has its template, `old` from oldest to newest. */
export interface Family {
  readonly object: LiveDeployment;
  readonly current: Set_ | undefined;
  readonly old: readonly Set_[];
}

/** What a condition says, without its times. */
export type Said = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>;

/** A deadline of so many seconds is none. Source: pkg/controller/deployment/util/deployment_util.go, HasProgressDeadline. */
const NO_DEADLINE = 2 ** 31 - 1;

/** Whether somebody wants to know how the rollout goes. */
export function hasDeadline({ spec }: LiveDeployment): boolean {
  return (spec?.progressDeadlineSeconds ?? NO_DEADLINE) !== NO_DEADLINE;
}

/** The condition of this type, if any. */
export function conditionOf({ conditions }: { readonly conditions?: Conditions } = {}, wanted: string): DeploymentCondition | undefined {
  return conditions?.find(({ type }) => type === wanted);
}

/** These conditions with one more thing said. One that says so already stays as it is, words and times too: only status and reason make a difference. */
export function withCondition(conditions: Conditions, said: Said, nowMs: number): Conditions {
  const before = conditionOf({ conditions }, said.type);
  if (before?.status === said.status && before.reason === said.reason) return conditions;
  const now = timestamp(nowMs);
  const since = before?.status === said.status ? (before.lastTransitionTime ?? now) : now;
  return [...without(conditions, said.type), { ...said, lastTransitionTime: since, lastUpdateTime: now }];
}

function without(conditions: Conditions, type: string): Conditions {
  return conditions.filter((one) => one.type !== type);
}

/** Counts and availability; what is said of progress stays. Source: pkg/controller/deployment/sync.go, calculateStatus. */
export function countedStatus({ object, current, old }: Family, nowMs: number): DeploymentStatus & { readonly conditions: Conditions } {
  const all = current === undefined ? old : [...old, current];
  const sum = (of: (set: Set_) => number | undefined) => all.reduce((total, set) => total + (of(set) ?? 0), 0);
  const available = sum(({ status }) => status?.availableReplicas);
  const { collisionCount, conditions = [] } = object.status ?? {};
  return {
    observedGeneration: object.metadata.generation ?? 0,
    replicas: sum(({ status }) => status?.replicas),
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sum(({ status }) => status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(({ spec }) => spec?.replicas) - available),
    terminatingReplicas: sum(({ status }) => status?.terminatingReplicas),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withCondition(conditions, availability(object, available), nowMs),
  };
}

function availability(object: LiveDeployment, available: number): Said {
  const wanted = object.spec?.replicas ?? 1;
  const enough = available >= wanted - limitsOf(object.spec).maxUnavailable;
  return {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: `Deployment ${enough ? 'has' : 'does not have'} minimum availability.`,
  };
}

/** Counts, and how the rollout goes. Source: pkg/controller/deployment/progress.go, syncRolloutStatus. */
export function rolloutStatus(family: Family, nowMs: number): DeploymentStatus {
  const counted = countedStatus(family, nowMs);
  const progressed = progress(family, counted, nowMs);
  const failure = [family.current, ...family.old].map((set) => set?.status?.conditions?.find(({ type }) => type === 'ReplicaFailure')).find(Boolean);
  if (failure === undefined) return { ...counted, conditions: without(progressed, 'ReplicaFailure') };
  const { type, status, reason = '', message = '', lastTransitionTime } = failure;
  const passedOn = withCondition(progressed, { type, status, reason, message }, lastTransitionTime === undefined ? nowMs : parseTimestamp(lastTransitionTime));
  return { ...counted, conditions: passedOn };
}

function progress({ object, current }: Family, counted: DeploymentStatus & { readonly conditions: Conditions }, nowMs: number): Conditions {
  const { conditions } = counted;
  if (!hasDeadline(object)) return without(conditions, 'Progressing');
  const before = conditionOf(counted, 'Progressing');
  // After a rollout, pods that come and go are no progress of it, nor is the number of them that is wanted.
  if (before?.reason === 'NewReplicaSetAvailable' && counted.replicas === counted.updatedReplicas) return conditions;
  const what = current === undefined ? `Deployment "${object.metadata.name}"` : `ReplicaSet "${current.metadata.name}"`;
  const as = (status: 'True' | 'False', reason: string, does: string): Said => ({ type: 'Progressing', status, reason, message: `${what} ${does}.` });
  if (isComplete(object, counted)) return withCondition(conditions, as('True', 'NewReplicaSetAvailable', 'has successfully progressed'), nowMs);
  if (hasProgressed(object.status, counted)) {
    const said = as('True', 'ReplicaSetUpdated', 'is progressing');
    // Said anew each time: `lastUpdateTime` is what the deadline counts from.
    const now = timestamp(nowMs);
    const since = before?.status === 'True' ? (before.lastTransitionTime ?? now) : now;
    return [...without(conditions, 'Progressing'), { ...said, lastTransitionTime: since, lastUpdateTime: now }];
  }
  const late = before !== undefined && (before.reason === 'ProgressDeadlineExceeded' || deadlineMs(object, before, nowMs) < nowMs);
  if (!late || before.reason === 'NewReplicaSetAvailable') return conditions;
  return withCondition(conditions, as('False', 'ProgressDeadlineExceeded', 'has timed out progressing'), nowMs);
}

/** All that is wanted is updated and available, and no old pod is left. */
export function isComplete({ metadata, spec }: LiveDeployment, status: DeploymentStatus | undefined): boolean {
  const wanted = spec?.replicas ?? 1;
  const counts = [status?.updatedReplicas, status?.replicas, status?.availableReplicas];
  return counts.every((count) => (count ?? 0) === wanted) && (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}

function hasProgressed(before: DeploymentStatus | undefined, now: DeploymentStatus): boolean {
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) => replicas - updatedReplicas;
  return (
    (now.updatedReplicas ?? 0) > (before?.updatedReplicas ?? 0) ||
    old(now) < old(before ?? {}) ||
    (now.readyReplicas ?? 0) > (before?.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before?.availableReplicas ?? 0)
  );
}

function deadlineMs({ spec }: LiveDeployment, { lastUpdateTime }: DeploymentCondition, nowMs: number): number {
  return (lastUpdateTime === undefined ? nowMs : parseTimestamp(lastUpdateTime)) + (spec?.progressDeadlineSeconds ?? NO_DEADLINE) * 1000;
}

/** Ms until the rollout has to be looked at for being late; undefined when it cannot be any more, or is. */
export function untilLate(object: LiveDeployment, nowMs: number): number | undefined {
  const before = conditionOf(object.status, 'Progressing');
  if (!hasDeadline(object) || before === undefined || before.reason === 'NewReplicaSetAvailable' || before.reason === 'ProgressDeadlineExceeded')
    return undefined;
  return Math.max(1000, deadlineMs(object, before, nowMs) - nowMs + 1000);
}
