import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../eventually.ts';
import { needs, openTarget } from '../target.ts';
import type { TestNamespace } from '../target.ts';
import { followFromNow } from './follow.ts';
import type { Followed } from './follow.ts';
import { done, PATCH } from './requests.ts';
import { metByCollector, podNames, pods, ready, template, until } from './workloads.ts';

const target = await openTarget();
const whole = needs(target, 'controllers', 'node');
const sets = (ns: TestNamespace) => ns.path('statefulsets', 'apps/v1');

const claimTemplate = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } } };

/** A StatefulSet `w` with its headless Service; `more` goes over its spec. */
async function make(ns: TestNamespace, replicas: number, more: object = {}): Promise<string> {
  await done(target, 'POST', ns.path('services'), { metadata: { name: 'w' }, spec: { clusterIP: 'None', selector: { app: 'w' }, ports: [{ port: 80 }] } });
  const spec = { serviceName: 'w', replicas, selector: { matchLabels: { app: 'w' } }, template: template('w', target.images.sleeper), ...more };
  await done(target, 'POST', sets(ns), { metadata: { name: 'w' }, spec });
  return `${sets(ns)}/w`;
}

const patch = (path: string, spec: object) => done(target, 'PATCH', path, { spec }, PATCH.merge);
const newImage = (image: string) => ({ template: { spec: { containers: [{ name: 'c', image }] } } });
const settled = (replicas: number) => (set: any) =>
  set.status.observedGeneration === set.metadata.generation &&
  set.status.readyReplicas === replicas &&
  set.status.replicas === replicas &&
  set.status.updatedReplicas === replicas &&
  set.status.currentRevision === set.status.updateRevision;

/** Follows the pods of `w` from now. */
async function podEvents(ns: TestNamespace): Promise<Followed> {
  return await followFromNow(target, ns.path('pods'), 'labelSelector=app%3Dw');
}

/** The order of what happened to pods: `+w-0` became ready, `-w-1` went. */
async function history(events: Followed, until_: (seen: readonly string[]) => boolean): Promise<readonly string[]> {
  const seen: string[] = [];
  const readyNow = new Set<string>();
  while (!until_(seen)) {
    const { type, object } = await events.next();
    const { name, uid } = object.metadata;
    if (type === 'DELETED') seen.push(`-${name}`);
    else if (ready(object) && !readyNow.has(uid)) {
      readyNow.add(uid);
      seen.push(`+${name}`);
    }
  }
  return seen;
}

/** The first that holds of what happened. */
async function first(events: Followed, holds: (object: any) => boolean): Promise<any> {
  for (;;) {
    const { object } = await events.next();
    if (holds(object)) return object;
  }
}

const gone = (seen: readonly string[]) => seen.filter((one) => one.startsWith('-'));
const version = ({ metadata }: any) => Number(metadata.resourceVersion);

test('63. OrderedReady: one after the other, up and down; each pod has its name, number, host name and claim, and claims stay', whole, async () => {
  await using ns = await target.namespace();
  await using events = await podEvents(ns);
  await using again = await podEvents(ns);
  await using setEvents = await followFromNow(target, sets(ns));
  const path = await make(ns, 3, { volumeClaimTemplates: [claimTemplate] });
  assert.deepEqual(await history(events, (seen) => seen.length === 3), ['+w-0', '+w-1', '+w-2']);
  const set = await until(target, path, 'three are ready', settled(3));
  assert.equal(set.status.availableReplicas, 3);
  const pod = await first(again, (object) => object.metadata.name === 'w-0');
  const seen = await first(setEvents, ({ status }) => status.observedGeneration === 1);
  assert.ok(version(pod) < version(seen), 'a status that has seen the spec comes after what it led to');
  const [, one] = await pods(target, ns, 'w');
  assert.deepEqual([one.spec.hostname, one.spec.subdomain], ['w-1', 'w']);
  const { labels, ownerReferences } = one.metadata;
  assert.deepEqual([labels['statefulset.kubernetes.io/pod-name'], labels['apps.kubernetes.io/pod-index']], ['w-1', '1']);
  assert.equal(labels['controller-revision-hash'], set.status.currentRevision);
  assert.deepEqual([ownerReferences[0].kind, ownerReferences[0].controller, ownerReferences[0].blockOwnerDeletion], ['StatefulSet', true, true]);
  assert.equal(one.spec.volumes.find(({ name }: any) => name === 'data').persistentVolumeClaim.claimName, 'data-w-1');
  const claim = await done(target, 'GET', `${ns.path('persistentvolumeclaims')}/data-w-1`);
  assert.deepEqual([claim.metadata.labels, claim.metadata.ownerReferences, claim.status.phase], [{ app: 'w' }, undefined, 'Bound']);
  await eventually('it says so', async () => {
    const { items } = await done(target, 'GET', `${ns.path('events')}?fieldSelector=involvedObject.name%3Dw`);
    return items.some((event: any) => event.reason === 'SuccessfulCreate' && /create Pod w-0 in StatefulSet w successful/i.test(event.message));
  });

  await patch(path, { replicas: 1 });
  assert.deepEqual(gone(await history(events, (so) => gone(so).length === 2)), ['-w-2', '-w-1']);
  const claims = (await done(target, 'GET', ns.path('persistentvolumeclaims'))).items.map((item: any) => item.metadata.name);
  assert.deepEqual(claims, ['data-w-0', 'data-w-1', 'data-w-2']);
});

test(
  '64. a new template goes from the last pod to the first; a partition keeps those below it; the old template comes back under its old name',
  whole,
  async () => {
    await using ns = await target.namespace();
    const path = await make(ns, 3, { podManagementPolicy: 'Parallel' });
    const before = await until(target, path, 'three are ready', settled(3));
    await using events = await podEvents(ns);
    await patch(path, { ...newImage(target.images.sleeper2), updateStrategy: { rollingUpdate: { partition: 2 } } });
    const held = await until(
      target,
      path,
      'one is updated',
      ({ metadata, status }) => status.observedGeneration === metadata.generation && status.updatedReplicas === 1 && status.readyReplicas === 3,
    );
    assert.deepEqual([held.status.currentReplicas, held.status.currentRevision], [2, before.status.currentRevision]);
    assert.notEqual(held.status.updateRevision, before.status.currentRevision);
    await patch(path, { updateStrategy: { rollingUpdate: { partition: 0 } } });
    const seen = gone(await history(events, (so) => gone(so).length === 3));
    assert.deepEqual(seen, ['-w-2', '-w-1', '-w-0']);
    const after = await until(target, path, 'all are updated', settled(3));
    assert.equal(after.status.currentRevision, held.status.updateRevision);

    await patch(path, newImage(target.images.sleeper));
    const back = await until(target, path, 'all are back', (set) => settled(3)(set) && set.status.currentRevision !== after.status.currentRevision);
    assert.equal(back.status.currentRevision, before.status.currentRevision);
    const revisions = (await done(target, 'GET', ns.path('controllerrevisions', 'apps/v1'))).items;
    assert.deepEqual(
      revisions.map(({ revision }: any) => revision).toSorted((a: number, b: number) => a - b),
      [2, 3],
    );
  },
);

test('65. a rollout that is stuck stays stuck when the template is taken back, until somebody deletes the pod', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, 2);
  await until(target, path, 'two are ready', settled(2));
  await patch(path, newImage(target.images.missing));
  const stuck = `${ns.path('pods')}/w-1`;
  await until(
    target,
    stuck,
    'the last pod is stuck',
    (pod) => pod.spec.containers[0].image === target.images.missing && pod.status.phase === 'Pending' && pod.metadata.deletionTimestamp === undefined,
  );
  await patch(path, newImage(target.images.sleeper));
  await until(
    target,
    path,
    'the old template is seen',
    ({ metadata, status }) => status.observedGeneration === metadata.generation && status.currentRevision === status.updateRevision,
  );
  // Long enough for a controller that would heal it.
  await eventually(
    'two seconds pass',
    (
      (end) => () =>
        performance.now() > end
    )(performance.now() + 2000),
  );
  assert.equal((await done(target, 'GET', stuck)).spec.containers[0].image, target.images.missing);
  await done(target, 'DELETE', stuck);
  await until(target, path, 'it is whole again', settled(2));
});

test('66. Parallel: all at once; a claim goes with its pod or its set when the set says so', whole, async () => {
  await using ns = await target.namespace();
  const retention = { whenScaled: 'Delete', whenDeleted: 'Delete' };
  const path = await make(ns, 3, { podManagementPolicy: 'Parallel', volumeClaimTemplates: [claimTemplate], persistentVolumeClaimRetentionPolicy: retention });
  await eventually('all three are there', async () => (await podNames(target, ns, 'w')).length === 3);
  await until(target, path, 'three are ready', settled(3));
  const claims = async () => (await done(target, 'GET', ns.path('persistentvolumeclaims'))).items;
  await eventually('claims are the set’s', async () => (await claims()).every((claim: any) => claim.metadata.ownerReferences?.[0].kind === 'StatefulSet'));
  await patch(path, { replicas: 1 });
  await eventually('two claims go with their pods', async () => (await claims()).length === 1);
  await done(target, 'DELETE', path);
  await eventually('the last goes with the set', async () => (await claims()).length === 0);
  await eventually('and the pods', async () => (await pods(target, ns, 'w')).length === 0);
});

test('66. OnDelete: pods are replaced when somebody deletes them', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, 2, { updateStrategy: { type: 'OnDelete' }, podManagementPolicy: 'Parallel' });
  await until(target, path, 'two are ready', settled(2));
  await patch(path, newImage(target.images.sleeper2));
  await until(target, path, 'the template is seen', ({ metadata, status }) => status.observedGeneration === metadata.generation);
  await done(target, 'DELETE', `${ns.path('pods')}/w-0`);
  await until(target, path, 'one is updated', ({ status }) => status.updatedReplicas === 1 && status.readyReplicas === 2);
  const images = (await pods(target, ns, 'w')).map((pod) => pod.spec.containers[0].image);
  assert.deepEqual(images, [target.images.sleeper2, target.images.sleeper]);
});

test('66. minReadySeconds: ready is not yet available, and the next one waits', whole, async () => {
  await using ns = await target.namespace();
  await using events = await podEvents(ns);
  const path = await make(ns, 2, { minReadySeconds: 3 });
  const w0 = await first(events, (pod) => pod.metadata.name === 'w-0' && ready(pod));
  const w1 = await first(events, (pod) => pod.metadata.name === 'w-1');
  const since = w0.status.conditions.find(({ type }: any) => type === 'Ready').lastTransitionTime;
  // By the times that they tell, which are whole seconds like the rule itself.
  assert.ok(Date.parse(w1.metadata.creationTimestamp) - Date.parse(since) >= 3000, 'the second pod waits until the first is available');
  await until(target, path, 'both are available', ({ status }) => status.availableReplicas === 2);
});

test('66. what of a set never changes, and the words that say so', async () => {
  await using ns = await target.namespace();
  const path = await make(ns, 0, { volumeClaimTemplates: [claimTemplate] });
  const larger = { ...claimTemplate, spec: { ...claimTemplate.spec, resources: { requests: { storage: '2Mi' } } } };
  for (const spec of [{ volumeClaimTemplates: [larger] }, { serviceName: 'other' }, { podManagementPolicy: 'Parallel' }]) {
    const answer = await target.ask('PATCH', path, { body: { spec }, headers: PATCH.merge });
    assert.equal(answer.status, 422);
    assert.match(answer.json.message, /updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy'/);
  }
  assert.equal((await target.ask('PATCH', path, { body: { spec: { replicas: -1 } }, headers: PATCH.merge })).status, 422);
});

test('66. an orphaned pod is taken over by a new set with the same selector', whole, async () => {
  await using ns = await target.namespace();
  const path = await make(ns, 1);
  await until(target, path, 'one is ready', settled(1));
  const [before] = await pods(target, ns, 'w');
  await metByCollector(target, ns);
  await done(target, 'DELETE', path, { propagationPolicy: 'Orphan' });
  await eventually('the set is gone', async () => (await target.ask('GET', path)).status === 404);
  const [orphan] = await pods(target, ns, 'w');
  assert.deepEqual([orphan.metadata.uid, orphan.metadata.ownerReferences], [before.metadata.uid, undefined]);
  const spec = { serviceName: 'w', replicas: 1, selector: { matchLabels: { app: 'w' } }, template: template('w', target.images.sleeper) };
  const again = await done(target, 'POST', sets(ns), { metadata: { name: 'w' }, spec });
  await until(target, `${ns.path('pods')}/w-0`, 'it is adopted', (pod) => pod.metadata.ownerReferences?.[0].uid === again.metadata.uid);
  assert.equal((await done(target, 'GET', `${ns.path('pods')}/w-0`)).metadata.uid, before.metadata.uid);
});
