import type { Live } from '@binnacle/client';
import { parseTimestamp, timestamp } from '@binnacle/client';
import type { Deployment, DeploymentCondition, DeploymentStatus, ReplicaSet } from '@binnacle/client/kinds';
import { limits } from './rollout.ts';

type LiveDeployment = Live<typeof Deployment>;
type Set_ = Live<typeof ReplicaSet>;

/** The status that follows from the ReplicaSets. */
export function statusOf(object: LiveDeployment, current: Set_ | undefined, old: readonly Set_[], nowMs: number): DeploymentStatus {
  const all = current === undefined ? old : [...old, current];
  const sum = (of: (set: Set_) => number | undefined) => all.reduce((total, set) => total + (of(set) ?? 0), 0);
  const replicas = sum(({ status }) => status?.replicas);
  const available = sum(({ status }) => status?.availableReplicas);
  const counts = {
    replicas,
    updatedReplicas: current?.status?.replicas ?? 0,
    readyReplicas: sum(({ status }) => status?.readyReplicas),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(({ spec }) => spec?.replicas) - available),
    terminatingReplicas: sum(({ status }) => status?.terminatingReplicas),
  };
  const conditions = [availableCondition(object, available, nowMs), progressing(object, current, counts, nowMs)];
  const { collisionCount } = object.status ?? {};
  return { observedGeneration: object.metadata.generation ?? 0, ...counts, ...(collisionCount === undefined ? {} : { collisionCount }), conditions };
}

type Wanted = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>;

/** A condition keeps its times while it says the same; `lastUpdateTime` also moves when there was progress. */
function keepTimes(object: LiveDeployment, wanted: Wanted, progressed: boolean, nowMs: number): DeploymentCondition {
  const before = object.status?.conditions?.find(({ type }) => type === wanted.type);
  const now = timestamp(nowMs);
  const changed = before === undefined || before.status !== wanted.status;
  const said = changed || before.reason !== wanted.reason || progressed;
  return { ...wanted, lastTransitionTime: changed ? now : (before.lastTransitionTime ?? now), lastUpdateTime: said ? now : (before.lastUpdateTime ?? now) };
}

function availableCondition(object: LiveDeployment, available: number, nowMs: number): DeploymentCondition {
  const wanted = object.spec?.replicas ?? 1;
  const { maxSurge = '25%', maxUnavailable = '25%' } = object.spec?.strategy?.rollingUpdate ?? {};
  const least = wanted - (object.spec?.strategy?.type === 'Recreate' ? 0 : limits(wanted, maxSurge, maxUnavailable).maxUnavailable);
  const enough = available >= least;
  const condition: Wanted = {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: `Deployment ${enough ? 'has' : 'does not have'} minimum availability.`,
  };
  return keepTimes(object, condition, false, nowMs);
}

interface Counts {
  readonly replicas: number;
  readonly updatedReplicas: number;
  readonly readyReplicas: number;
  readonly availableReplicas: number;
}

function progressing(object: LiveDeployment, current: Set_ | undefined, now: Counts, nowMs: number): DeploymentCondition {
  const wanted = object.spec?.replicas ?? 1;
  const before = object.status;
  const was = before?.conditions?.find(({ type }) => type === 'Progressing');
  const what = current === undefined ? `Deployment "${object.metadata.name}"` : `ReplicaSet "${current.metadata.name}"`;
  const as = (status: 'True' | 'False' | 'Unknown', reason: string, message: string, progressed = false) =>
    keepTimes(object, { type: 'Progressing', status, reason, message }, progressed, nowMs);
  if (object.spec?.paused === true) return as('Unknown', 'DeploymentPaused', 'Deployment is paused');
  if (now.updatedReplicas === wanted && now.replicas === wanted && now.availableReplicas === wanted)
    return as('True', 'NewReplicaSetAvailable', `${what} has successfully progressed.`);
  const progressed =
    now.updatedReplicas > (before?.updatedReplicas ?? 0) ||
    now.replicas - now.updatedReplicas < (before?.replicas ?? 0) - (before?.updatedReplicas ?? 0) ||
    now.readyReplicas > (before?.readyReplicas ?? 0) ||
    now.availableReplicas > (before?.availableReplicas ?? 0) ||
    before?.observedGeneration !== object.metadata.generation;
  const deadlineMs = parseTimestamp(was?.lastUpdateTime ?? timestamp(nowMs)) + (object.spec?.progressDeadlineSeconds ?? 600) * 1000;
  if (!progressed && (was?.reason === 'ProgressDeadlineExceeded' || nowMs > deadlineMs))
    return as('False', 'ProgressDeadlineExceeded', `${what} has timed out progressing.`);
  if (current !== undefined && was === undefined) return as('True', 'NewReplicaSetCreated', `Created new replica set "${current.metadata.name}"`, true);
  return as('True', 'ReplicaSetUpdated', `${what} is progressing.`, progressed);
}
