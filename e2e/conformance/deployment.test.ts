import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../eventually.ts';
import { needs, openTarget } from '../target.ts';
import type { TestNamespace } from '../target.ts';
import { followFromNow } from './follow.ts';
import { done, PATCH } from './requests.ts';
import { podNames, pods, ready, template, until } from './workloads.ts';

const target = await openTarget();
const whole = needs(target, 'controllers', 'node');
const deployments = (ns: TestNamespace) => ns.path('deployments', 'apps/v1');
const replicaSets = (ns: TestNamespace) => ns.path('replicasets', 'apps/v1');

async function make(ns: TestNamespace, replicas: number, more: object = {}): Promise<string> {
  const spec = { replicas, selector: { matchLabels: { app: 'd' } }, template: template('d', target.images.sleeper), ...more };
  await done(target, 'POST', deployments(ns), { metadata: { name: 'd' }, spec });
  return `${deployments(ns)}/d`;
}

const patch = (path: string, spec: object) => done(target, 'PATCH', path, { spec }, PATCH.merge);
const newImage = (image: string) => ({ template: { spec: { containers: [{ name: 'c', image }] } } });
const condition = (object: any, wanted: string) => object.status.conditions?.find(({ type }: any) => type === wanted);
const complete = (replicas: number) => (object: any) =>
  object.status.observedGeneration === object.metadata.generation &&
  object.status.updatedReplicas === replicas &&
  object.status.replicas === replicas &&
  object.status.availableReplicas === replicas;
const revision = (object: any) => object.metadata.annotations['deployment.kubernetes.io/revision'];

test('67. a rollout never has more pods than it may nor fewer ready ones, and going back uses the old ReplicaSet', whole, async () => {
  await using ns = await target.namespace();
  const strategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } };
  const path = await make(ns, 4, { strategy });
  const first = await until(target, path, 'four are available', complete(4));
  assert.deepEqual([revision(first), condition(first, 'Available').reason], ['1', 'MinimumReplicasAvailable']);
  assert.equal(condition(first, 'Progressing').reason, 'NewReplicaSetAvailable');
  await using events = await followFromNow(target, ns.path('pods'), 'labelSelector=app%3Dd');
  const alive = new Map<string, boolean>();
  for (const pod of await pods(target, ns, 'd')) alive.set(pod.metadata.uid, ready(pod));
  await patch(path, newImage(target.images.sleeper2));
  const updated = new Set<string>();
  while (updated.size < 4 || alive.size > 4) {
    const { type, object } = await events.next();
    const { uid } = object.metadata;
    if (type === 'DELETED' || object.metadata.deletionTimestamp !== undefined) alive.delete(uid);
    else alive.set(uid, ready(object));
    if (ready(object) && object.spec.containers[0].image === target.images.sleeper2) updated.add(uid);
    // Of ReplicaSets: their controller may make a pod of the new one before it deletes one of the old that is to go.
    const { items } = await done(target, 'GET', replicaSets(ns));
    const asked = items.reduce((sum: number, { spec }: any) => sum + spec.replicas, 0);
    assert.ok(asked <= 5, `${asked} pods were asked for at once`);
    assert.ok([...alive.values()].filter(Boolean).length >= 3, 'fewer ready pods than promised');
  }
  const second = await until(target, path, 'the rollout is complete', complete(4));
  assert.equal(revision(second), '2');
  const sets = (await done(target, 'GET', replicaSets(ns))).items;
  assert.deepEqual(sets.map((set: any) => set.spec.replicas).toSorted(), [0, 4]);
  await patch(path, newImage(target.images.sleeper));
  const third = await until(target, path, 'it is back', (object) => complete(4)(object) && revision(object) === '3');
  assert.equal((await done(target, 'GET', replicaSets(ns))).items.length, 2);
  assert.equal(third.status.unavailableReplicas, undefined);
});

test('67. Recreate: all old pods are gone before the first new one is there', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, 2, { strategy: { type: 'Recreate' } });
  await until(target, path, 'two are available', complete(2));
  await using events = await followFromNow(target, ns.path('pods'), 'labelSelector=app%3Dd');
  await patch(path, newImage(target.images.sleeper2));
  const gone = new Set<string>();
  for (;;) {
    const { type, object } = await events.next();
    // One that has ended is no obstacle, though its object may still be there.
    if (type === 'DELETED' || ['Succeeded', 'Failed'].includes(object.status?.phase)) gone.add(object.metadata.uid);
    if (type === 'ADDED' && object.spec.containers[0].image === target.images.sleeper2) break;
  }
  assert.equal(gone.size, 2);
  await until(target, path, 'two new ones are available', complete(2));
});

test('67. paused: scaled but not rolled, until resumed', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, 1);
  await until(target, path, 'one is available', complete(1));
  await patch(path, { paused: true, ...newImage(target.images.sleeper2) });
  await patch(path, { replicas: 2 });
  await until(
    target,
    path,
    'two of the old are available',
    ({ metadata, status }) => status.observedGeneration === metadata.generation && status.availableReplicas === 2,
  );
  assert.ok((await pods(target, ns, 'd')).every((pod) => pod.spec.containers[0].image === target.images.sleeper));
  await patch(path, { paused: false });
  await until(target, path, 'both are new', complete(2));
});

test('67. a rollout that gets nowhere says so after its deadline, and a new one starts afresh', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, 1, { progressDeadlineSeconds: 2 });
  await until(target, path, 'one is available', complete(1));
  await patch(path, newImage(target.images.missing));
  const stuck = await until(target, path, 'the deadline is over', (object) => condition(object, 'Progressing')?.reason === 'ProgressDeadlineExceeded');
  assert.deepEqual([condition(stuck, 'Progressing').status, condition(stuck, 'Available').status], ['False', 'True']);
  await patch(path, newImage(target.images.sleeper2));
  const healed = await until(target, path, 'it is complete', complete(1));
  assert.equal(condition(healed, 'Progressing').status, 'True');
});

test('67. scaled in the middle of a rollout, old and new grow in proportion', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, 3, { strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } });
  await until(target, path, 'three are available', complete(3));
  await patch(path, newImage(target.images.missing));
  await until(target, path, 'one new pod is stuck', ({ status }) => status.updatedReplicas === 1 && status.replicas === 4);
  await patch(path, { replicas: 6 });
  await eventually('seven pods in all', async () => {
    const sets = (await done(target, 'GET', replicaSets(ns))).items;
    const sizes = sets.map((set: any) => set.spec.replicas).toSorted((a: number, b: number) => a - b);
    return sizes[0] + sizes[1] === 7 && sizes[0] > 1 && sizes;
  });
});

test('67. a Deployment tells of its ReplicaSet when it made it, and scaled it stays complete', whole, async () => {
  await using ns = await target.namespace();
  await using events = await followFromNow(target, deployments(ns));
  const path = await make(ns, 1);
  const isComplete = (object: any) => condition(object, 'Progressing')?.reason === 'NewReplicaSetAvailable';
  await until(target, path, 'it is complete', isComplete);
  await patch(path, { replicas: 2 });
  await until(target, path, 'two are available', complete(2));
  const said: string[] = [];
  for (;;) {
    const { object } = await events.next();
    const progress = condition(object, 'Progressing');
    if (progress !== undefined && said.at(-1) !== progress.message) said.push(progress.message);
    if (complete(2)(object)) break;
  }
  const set = (await done(target, 'GET', replicaSets(ns))).items[0].metadata.name;
  assert.equal(said[0], `Created new replica set "${set}"`);
  assert.equal(said.at(-1), `ReplicaSet "${set}" has successfully progressed.`);
  // Not once more, for the pod that came later.
  assert.equal(said.filter((message) => message === said.at(-1)).length, 1);
});

test('67. what a Deployment says of minReadySeconds and in annotations, its ReplicaSet says too', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, 1);
  await until(target, path, 'one is available', complete(1));
  const cause = { 'kubernetes.io/change-cause': 'because' };
  await done(target, 'PATCH', path, { metadata: { annotations: cause }, spec: { minReadySeconds: 1 } }, PATCH.merge);
  await eventually('the ReplicaSet says so', async () => {
    const [set] = (await done(target, 'GET', replicaSets(ns))).items;
    return set.spec.minReadySeconds === 1 && set.metadata.annotations['kubernetes.io/change-cause'] === 'because';
  });
  assert.equal((await done(target, 'GET', replicaSets(ns))).items.length, 1);
});

test('67. a selector never changes and must fit the template', async () => {
  await using ns = await target.namespace();
  const path = await make(ns, 0);
  const moved = await target.ask('PATCH', path, { body: { spec: { selector: { matchLabels: { app: 'e' } } } }, headers: PATCH.merge });
  assert.equal(moved.status, 422);
  assert.match(moved.json.message, /field is immutable|does not match template/);
  const spec = { selector: { matchLabels: { app: 'x' } }, template: template('d', target.images.sleeper) };
  const misfit = await target.ask('POST', deployments(ns), { body: { metadata: { name: 'm' }, spec } });
  assert.equal(misfit.status, 422);
  assert.match(misfit.json.message, /`selector` does not match template `labels`/);
});

test('68. a ReplicaSet takes over matching orphans, lets go what no longer matches, and makes up for what is deleted', whole, async () => {
  await using ns = await target.namespace();
  const orphan = await done(target, 'POST', ns.path('pods'), {
    metadata: { name: 'orphan', labels: { app: 'r' } },
    spec: template('r', target.images.sleeper).spec,
  });
  // Controllers share what they know of pods: one that has it tells that all have. A ReplicaSet whose controller does not know it yet makes a pod in its place.
  await done(target, 'POST', ns.path('services'), { metadata: { name: 'r' }, spec: { selector: { app: 'r' }, ports: [{ port: 80 }] } });
  const slices = `${ns.path('endpointslices', 'discovery.k8s.io/v1')}?labelSelector=kubernetes.io%2Fservice-name%3Dr`;
  await until(target, slices, 'the orphan is known', ({ items }) => items[0]?.endpoints?.[0]?.targetRef.name === 'orphan');
  const spec = { replicas: 2, selector: { matchLabels: { app: 'r' } }, template: template('r', target.images.sleeper) };
  await done(target, 'POST', replicaSets(ns), { metadata: { name: 'r' }, spec });
  await until(target, `${replicaSets(ns)}/r`, 'two are ready', ({ status }) => status.readyReplicas === 2);
  const names = await podNames(target, ns, 'r');
  assert.ok(names.includes('orphan') && names.length === 2, names.join());
  await done(target, 'PATCH', `${ns.path('pods')}/orphan`, { metadata: { labels: { app: 'free' } } }, PATCH.merge);
  await eventually('the pod is let go', async () => (await done(target, 'GET', `${ns.path('pods')}/orphan`)).metadata.ownerReferences === undefined);
  const two = await eventually('there are two again', async () => {
    const now = await podNames(target, ns, 'r');
    return now.length === 2 && now;
  });
  await done(target, 'DELETE', `${ns.path('pods')}/${two[0]}`);
  await eventually('another takes its place', async () => {
    const now = await podNames(target, ns, 'r');
    return now.length === 2 && !now.includes(two[0]!);
  });
  assert.equal((await done(target, 'GET', `${ns.path('pods')}/orphan`)).metadata.uid, orphan.metadata.uid);
});

test('68. scaled down, pods that are not ready and cheap ones go first', whole, async () => {
  await using ns = await target.namespace();
  const made = template('r', target.images.sleeper);
  const labels = { ...made.metadata.labels, cost: 'none' };
  const spec = { replicas: 3, selector: { matchLabels: { app: 'r' } }, template: { ...made, metadata: { labels } } };
  await done(target, 'POST', replicaSets(ns), { metadata: { name: 'r' }, spec });
  await until(target, `${replicaSets(ns)}/r`, 'three are ready', ({ status }) => status.readyReplicas === 3);
  const [first, second, third] = await podNames(target, ns, 'r');
  // With the cost goes a label that the template has otherwise: how many pods still have all of its labels tells what the controller knows of the others.
  const cost = (name: string, value: string) => {
    const metadata = { labels: { cost: 'some' }, annotations: { 'controller.kubernetes.io/pod-deletion-cost': value } };
    return done(target, 'PATCH', `${ns.path('pods')}/${name}`, { metadata }, PATCH.merge);
  };
  await cost(first!, '10');
  await cost(second!, '-10');
  await until(target, `${replicaSets(ns)}/r`, 'the costs are known', ({ status }) => status.fullyLabeledReplicas === 1);
  await patch(`${replicaSets(ns)}/r`, { replicas: 2 });
  await eventually('the cheap one is gone', async () => {
    const now = await podNames(target, ns, 'r');
    return now.length === 2 && now.includes(first!) && now.includes(third!);
  });
});
