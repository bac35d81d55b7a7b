import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timestamp } from '@binnacle/client';
import { heldBy } from './held.ts';

const NOW = 1_767_225_720_000;
type Job = Parameters<typeof heldBy>[0];
type Pod = Parameters<typeof heldBy>[1][number];

/** Made so many seconds ago. */
const job = (seconds: number, status: object = {}): Job =>
  ({ metadata: { name: 'job', uid: 'its', creationTimestamp: timestamp(NOW - seconds * 1_000) }, status }) as Job; // sound: all that is looked at
const pod = (status: object, owner = 'its'): Pod => ({ metadata: { name: 'pod', ownerReferences: [{ uid: owner }] }, status }) as unknown as Pod;
const waiting = (reason: string) => ({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason, message: 'why' } } }] });
const unscheduled = { phase: 'Pending', conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: '0/1 nodes' }] };

test('what a pod waits for is told in its words, and nothing of pods of other Jobs or of those that failed before', () => {
  assert.equal(heldBy(job(1), [pod(unscheduled)], NOW), 'pod pod: Unschedulable: 0/1 nodes');
  assert.equal(heldBy(job(1), [pod(waiting('ImagePullBackOff'))], NOW), 'pod pod: ImagePullBackOff: why');
  assert.equal(heldBy(job(1), [pod(unscheduled, 'other')], NOW), undefined);
  assert.equal(heldBy(job(1), [pod({ phase: 'Failed' })], NOW), undefined);
});

test('what Events alone tell of is told once it takes longer than it should, and what works is left in peace', () => {
  const starting = pod(waiting('ContainerCreating'));
  assert.equal(heldBy(job(60), [starting], NOW), undefined);
  assert.equal(heldBy(job(61), [starting], NOW), 'pod pod does not start: its Events say why');
  assert.equal(heldBy(job(60), [], NOW), undefined);
  assert.equal(heldBy(job(61), [], NOW), 'Job job has no pod: its Events say why');
  assert.equal(heldBy(job(61, { failed: 2 }), [pod({ phase: 'Failed' })], NOW), '2 of its pods failed, it is tried again: see the log of Job job');
  assert.equal(heldBy(job(3_600), [pod({ phase: 'Running' })], NOW), undefined);
});
