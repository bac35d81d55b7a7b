import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayCause } from './causes.ts';
import type { Change } from './history.ts';
import { between, differences, learn } from './order.ts';
import { trace } from './trace.ts';
import type { Trace } from './trace.ts';

/** A telling: changes of pods and their ReplicaSet, each `name state`, in the order in which they were stored. */
function telling(...changes: readonly string[]): Trace {
  const seen = new Set<string>();
  const all = changes.map((change, index): Change => {
    const [kind, name, ...state] = change.split(' ') as [string, string, ...string[]];
    const type = state[0] === 'gone' ? 'DELETED' : seen.has(name) ? 'MODIFIED' : 'ADDED';
    seen.add(name);
    const alike = kind === 'Pod' ? { generateName: 'r-', ownerReferences: [{ kind: 'ReplicaSet', name: 'r', controller: true }] } : {};
    const [phase, replicas] = kind === 'Pod' ? [state[0], undefined] : [undefined, state[0]];
    const status = { ...(phase === undefined ? {} : { phase }), ...(replicas === undefined ? {} : { replicas: Number(replicas) }) };
    return { type, kind, object: { metadata: { name, uid: name, ...alike }, spec: {}, status }, version: index };
  });
  return trace(all, 'case-1');
}

const found = (real: readonly Trace[], ours: readonly Trace[]) => differences(learn(real), ours, false);

test('what one telling has the other way round is no order', () => {
  const [one, other] = [telling('ReplicaSet r 0', 'ConfigMap c', 'Job j'), telling('ReplicaSet r 0', 'Job j', 'ConfigMap c')];
  assert.deepEqual(found([one, other], [one]), []);
  assert.deepEqual(found([one, other], [other]), []);
});

test('of alike pods the second may start before the first: each has a life of its own', () => {
  const together = telling('Pod r-a Pending', 'Pod r-b Pending', 'Pod r-a Running', 'Pod r-b Running');
  const inTurn = telling('Pod r-a Pending', 'Pod r-a Running', 'Pod r-b Pending', 'Pod r-b Running');
  assert.deepEqual(found([together], [inTurn]), []);
});

test('a life that goes another way is a difference', () => {
  const ends = (first: string, second: string) => telling('Pod r-a Pending', `Pod r-a ${first}`, `Pod r-a ${second}`);
  assert.deepEqual(found([ends('Running', 'Failed')], [ends('Failed', 'Running')]), [
    'other order in one life: Pod/r-* status.phase = Running before Pod/r-* status.phase = Failed',
  ]);
});

test('what never comes, and what only we do, are differences; a number that jumps has come past those between', () => {
  const real = telling('ReplicaSet r 0', 'ReplicaSet r 1', 'ReplicaSet r 2');
  assert.deepEqual(found([real], [telling('ReplicaSet r 0', 'ReplicaSet r 2')]), []);
  assert.deepEqual(found([real], [telling('ReplicaSet r 0', 'ReplicaSet r 1')]), ['never: ReplicaSet/r status.replicas up to 2']);
  assert.deepEqual(found([real], [telling('ReplicaSet r 0', 'ReplicaSet r 3')]), ['only ours: ReplicaSet/r status.replicas up to 3']);
});

test('an event is a reason only for who looks at what it is of, and a number for nobody', () => {
  assert.ok(mayCause('ReplicaSet/d-#1 status.conditions[ReplicaFailure].status = True', 'Deployment/d status.conditions[ReplicaFailure].status = True'));
  assert.ok(!mayCause('Deployment/d status.conditions[Available].status = True', 'Pod/d-#1-* is made (2)'));
  assert.ok(mayCause('ReplicaSet/d-#1 spec.replicas up to 3', 'Pod/d-#1-* is made (3)'));
  assert.ok(!mayCause('Pod/d-#1-* is made (3)', 'Pod/d-#1-* spec.nodeName = <node>'));
  assert.ok(!mayCause('Pod/d-#1-* is made (3)', 'ReplicaSet/d-#1 status.replicas up to 1'));
  assert.ok(mayCause('PersistentVolumeClaim/data-0 is gone', 'PersistentVolume/volume-of-data-0 is gone'));
  assert.ok(!mayCause('PersistentVolumeClaim/data-1 is gone', 'PersistentVolume/volume-of-data-0 is gone'));
});

test('what shows in one telling of each shows, however others go', () => {
  const [quick, slow] = [telling('ReplicaSet r 0', 'ReplicaSet r 1', 'ConfigMap c'), telling('ReplicaSet r 0', 'ReplicaSet r 1', 'Job j')];
  assert.deepEqual(found([quick, slow], [quick, slow]), [], 'nothing is always so');
  assert.deepEqual(
    between(quick, slow).filter((line) => line.endsWith('is made')),
    ['never: ConfigMap/c is made', 'only ours: Job/j is made'],
  );
});
