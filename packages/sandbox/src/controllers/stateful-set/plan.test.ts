import type { Live } from '@binnacle/client';
import { timestamp } from '@binnacle/client';
import type { Pod, StatefulSet, StatefulSetSpec } from '@binnacle/client/kinds';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Action } from './plan.ts';
import { plan } from './plan.ts';
import { statusOf } from './status.ts';

type State = 'ready' | 'unready' | 'failed' | 'terminating';
interface Simple {
  readonly ordinal: number;
  readonly state: State;
  readonly revision: string;
}

const START_MS = 1_700_000_000_000;
const meta = (name: string) => ({ name, namespace: 'ns', uid: name, resourceVersion: '1', creationTimestamp: timestamp(START_MS) });

function livePod({ ordinal, state, revision }: Simple): Live<typeof Pod> {
  const name = `db-${ordinal}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...meta(name),
      labels: { 'controller-revision-hash': revision },
      ...(state === 'terminating' ? { deletionTimestamp: timestamp(START_MS) } : {}),
    },
    status: {
      phase: state === 'failed' ? 'Failed' : 'Running',
      conditions: [{ type: 'Ready', status: state === 'ready' ? 'True' : 'False', lastTransitionTime: timestamp(START_MS) }],
    },
  };
}

function observed(pods: readonly Simple[], spec: Partial<StatefulSetSpec> = {}, nowMs = START_MS) {
  const set: Live<typeof StatefulSet> = {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { ...meta('db'), generation: 1 },
    spec: { selector: {}, template: {}, replicas: 3, ...spec },
  };
  return { set, pods: pods.map(livePod), currentRevision: 'old', updateRevision: 'new', nowMs };
}

/** Actions that change something, as words. */
const moves = (actions: readonly Action[]) =>
  actions.flatMap((action) => {
    if (action.do === 'create') return [`create ${action.ordinal} ${action.revision}`];
    return action.do === 'delete' ? [`delete ${action.pod.metadata.name} ${action.why}`] : [];
  });
const moved = (...arguments_: Parameters<typeof observed>) => moves(plan(observed(...arguments_)).actions);
const pods = (...states: readonly State[]): readonly Simple[] => states.map((state, ordinal) => ({ ordinal, state, revision: 'new' }));

test('pods come up one after another, each when the one before is ready', () => {
  assert.deepEqual(moved([]), ['create 0 new']);
  assert.deepEqual(moved(pods('unready')), []);
  assert.deepEqual(moved(pods('ready')), ['create 1 new']);
  assert.deepEqual(moved([], { ordinals: { start: 5 } }), ['create 5 new']);
});

test('with Parallel all come up and go down at once', () => {
  assert.deepEqual(moved([], { podManagementPolicy: 'Parallel' }), ['create 0 new', 'create 1 new', 'create 2 new']);
  assert.deepEqual(moved(pods('ready', 'unready', 'ready'), { podManagementPolicy: 'Parallel', replicas: 1 }), [
    'delete db-2 condemned',
    'delete db-1 condemned',
  ]);
});

test('scaling down takes the highest ordinal, one at a time, and waits for lower pods that are not ready', () => {
  assert.deepEqual(moved(pods('ready', 'ready', 'ready'), { replicas: 1 }), ['delete db-2 condemned']);
  assert.deepEqual(moved(pods('ready', 'ready', 'terminating'), { replicas: 1 }), []);
  assert.deepEqual(moved(pods('unready', 'ready', 'ready'), { replicas: 1 }), []);
  assert.deepEqual(moved(pods('ready', 'ready', 'unready'), { replicas: 1 }), ['delete db-2 condemned'], 'the first unhealthy pod may go');
  assert.deepEqual(moved(pods('ready', 'unready', 'unready'), { replicas: 1 }), [], 'another one has to wait');
});

test('an update replaces the highest ordinal first and stops at the partition', () => {
  const old = (...states: readonly State[]) => pods(...states).map((pod) => ({ ...pod, revision: 'old' }));
  assert.deepEqual(moved(old('ready', 'ready', 'ready')), ['delete db-2 outdated']);
  assert.deepEqual(moved([...old('ready', 'ready'), { ordinal: 2, state: 'ready', revision: 'new' }]), ['delete db-1 outdated']);
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };
  assert.deepEqual(moved([...old('ready', 'ready'), { ordinal: 2, state: 'ready', revision: 'new' }], { updateStrategy }), []);
  assert.deepEqual(moved(old('ready'), { updateStrategy }), ['create 1 old'], 'below the partition a pod comes back as it was');
  assert.deepEqual(moved(old('ready', 'ready', 'ready'), { updateStrategy: { type: 'OnDelete' } }), []);
});

test('a broken pod holds an update up, and reverting the template does not heal it', () => {
  const broken: readonly Simple[] = [
    { ordinal: 0, state: 'ready', revision: 'new' },
    { ordinal: 1, state: 'ready', revision: 'new' },
    { ordinal: 2, state: 'unready', revision: 'broken' },
  ];
  assert.deepEqual(moved(broken), []);
  assert.deepEqual(moved(broken, { podManagementPolicy: 'Parallel' }), ['delete db-2 outdated'], 'with Parallel nothing waits for it');
});

test('a pod that has ended is deleted, and nothing else happens meanwhile', () => {
  assert.deepEqual(moved(pods('ready', 'failed')), ['delete db-1 ended']);
});

test('a pod counts only after minReadySeconds', () => {
  const waiting = plan(observed(pods('ready'), { minReadySeconds: 30 }, START_MS + 10_000));
  assert.deepEqual(moves(waiting.actions), []);
  assert.equal(waiting.afterMs, 20_000);
  assert.deepEqual(moved(pods('ready'), { minReadySeconds: 30 }, START_MS + 30_000), ['create 1 new']);
});

test('the current revision follows when every pod is at the new one and ready', () => {
  assert.equal(statusOf(observed(pods('ready', 'ready', 'unready'))).currentRevision, 'old');
  const complete = statusOf(observed(pods('ready', 'ready', 'ready')));
  assert.equal(complete.currentRevision, 'new');
  assert.equal(complete.currentReplicas, 3);
});

const world = fc.record({
  states: fc.uniqueArray(
    fc.record({
      ordinal: fc.nat(5),
      state: fc.constantFrom<State[]>('ready', 'ready', 'unready', 'failed', 'terminating'),
      revision: fc.constantFrom('old', 'new'),
    }),
    { selector: (pod) => pod.ordinal },
  ),
  replicas: fc.nat(5),
});

test('in order, never more than one pod is created or deleted in a pass, and never a wanted one while another is down', () => {
  fc.assert(
    fc.property(world, ({ states, replicas }) => {
      const { actions } = plan(observed(states, { replicas }));
      assert.ok(moves(actions).length <= 1);
      for (const action of actions) {
        if (action.do !== 'delete' || action.why !== 'outdated') continue;
        assert.ok(states.filter((pod) => pod.ordinal < replicas).every((pod) => pod.state === 'ready'));
      }
    }),
  );
});
