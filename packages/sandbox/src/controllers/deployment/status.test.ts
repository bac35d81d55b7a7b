import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Live } from '@binnacle/client';
import { timestamp } from '@binnacle/client';
import type { Deployment, ReplicaSet } from '@binnacle/client/kinds';
import { conditionOf, rolloutStatus, untilLate } from './status.ts';

type LiveDeployment = Live<typeof Deployment>;
const NOW = 1_700_000_000_000;
const SECOND = 1000;

function deployment(replicas: number, status: object = {}, spec: object = {}): LiveDeployment {
  const metadata = { name: 'd', namespace: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: timestamp(NOW), generation: 1 };
  return { metadata, spec: { replicas, progressDeadlineSeconds: 600, selector: {}, template: {}, ...spec }, status } as LiveDeployment;
}

function set(name: string, replicas: number, status: object = {}): Live<typeof ReplicaSet> {
  return { metadata: { name }, spec: { replicas }, status: { replicas, readyReplicas: replicas, availableReplicas: replicas, ...status } } as Live<
    typeof ReplicaSet
  >;
}

const said = (reason: string, status = 'True', agoMs = 0) => ({
  conditions: [
    { type: 'Progressing', status, reason, message: 'as before', lastUpdateTime: timestamp(NOW - agoMs), lastTransitionTime: timestamp(NOW - agoMs) },
  ],
});
const progressOf = (object: LiveDeployment, current: Live<typeof ReplicaSet> | undefined, old: readonly Live<typeof ReplicaSet>[] = []) =>
  conditionOf(rolloutStatus({ object, current, old }, NOW), 'Progressing');

test('a rollout that is done stays done: pods that come and go, and another number of them, are no rollout', () => {
  const before = { replicas: 2, updatedReplicas: 2, availableReplicas: 2, observedGeneration: 1, ...said('NewReplicaSetAvailable') };
  const grown = deployment(3, before);
  assert.equal(progressOf(grown, set('d-1', 3, { availableReplicas: 2 }))?.message, 'as before');
  assert.equal(untilLate(grown, NOW), undefined);
  // A pod of another template is one.
  assert.equal(progressOf(deployment(2, { ...before, replicas: 2 }), set('d-2', 1), [set('d-1', 2)])?.reason, 'ReplicaSetUpdated');
});

test('progress is told of the ReplicaSet, and each time anew: the deadline counts from the last', () => {
  const object = deployment(2, { replicas: 2, updatedReplicas: 2, ...said('ReplicaSetUpdated', 'True', 60 * SECOND) });
  const progress = progressOf(object, set('d-1', 2, { availableReplicas: 0 }));
  assert.equal(progress?.message, 'ReplicaSet "d-1" is progressing.');
  assert.deepEqual([progress?.lastUpdateTime, progress?.lastTransitionTime], [timestamp(NOW), timestamp(NOW - 60 * SECOND)]);
});

test('nothing is late before it was begun, and what is late stays so until something moves', () => {
  assert.equal(progressOf(deployment(1), undefined), undefined);
  const stuck = { replicas: 1, updatedReplicas: 1 };
  const notReady = set('d-1', 1, { readyReplicas: 0, availableReplicas: 0 });
  const slow = deployment(1, { ...stuck, ...said('NewReplicaSetCreated', 'True', 599 * SECOND) });
  assert.equal(progressOf(slow, notReady)?.reason, 'NewReplicaSetCreated');
  assert.equal(untilLate(slow, NOW), 2 * SECOND);
  const late = progressOf(deployment(1, { ...stuck, ...said('NewReplicaSetCreated', 'True', 601 * SECOND) }), notReady);
  assert.deepEqual([late?.status, late?.reason, late?.message], ['False', 'ProgressDeadlineExceeded', 'ReplicaSet "d-1" has timed out progressing.']);
  assert.equal(progressOf(deployment(1, { ...stuck, ...said('ProgressDeadlineExceeded', 'False') }), notReady)?.reason, 'ProgressDeadlineExceeded');
  assert.equal(
    progressOf(deployment(1, { ...stuck, ...said('ProgressDeadlineExceeded', 'False') }), set('d-1', 1, { availableReplicas: 0 }))?.reason,
    'ReplicaSetUpdated',
  );
});

test('without a deadline nobody asks for progress, and it is not told', () => {
  const object = deployment(1, said('ReplicaSetUpdated'), { progressDeadlineSeconds: 2 ** 31 - 1 });
  assert.equal(progressOf(object, set('d-1', 1)), undefined);
});

test('pods that cannot be made are told of by the Deployment too, as long as they cannot', () => {
  const failure = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'exceeded quota', lastTransitionTime: timestamp(NOW) };
  const object = deployment(1, said('NewReplicaSetCreated'));
  const status = rolloutStatus({ object, current: set('d-1', 1, { replicas: 0, conditions: [failure] }), old: [] }, NOW);
  assert.equal(conditionOf(status, 'ReplicaFailure')?.message, 'exceeded quota');
  const healed = rolloutStatus({ object: { ...object, status }, current: set('d-1', 1), old: [] }, NOW);
  assert.equal(conditionOf(healed, 'ReplicaFailure'), undefined);
});
