import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { eventually } from '../eventually.ts';
import { needs, openTarget } from '../target.ts';
import type { TestNamespace } from '../target.ts';
import { done, PATCH } from './requests.ts';
import { until } from './workloads.ts';

const target = await openTarget();
const whole = needs(target, 'controllers', 'node');
const CLASSES = '/apis/storage.k8s.io/v1/storageclasses';
const VOLUMES = '/api/v1/persistentvolumes';

/** A storage class of its own; without `provisioner` its volumes are made by hand. Closing it takes it away. */
async function storageClass(more: object = {}): Promise<AsyncDisposable & { readonly name: string }> {
  const name = `class-${randomUUID().slice(0, 8)}`;
  await done(target, 'POST', CLASSES, { metadata: { name }, provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'Immediate', ...more });
  return { name, [Symbol.asyncDispose]: async () => void (await target.ask('DELETE', `${CLASSES}/${name}`)) };
}

/** A volume made by hand. */
async function volume(
  storageClassName: string,
  storage: string,
  more: object = {},
): Promise<AsyncDisposable & { readonly path: string; readonly name: string }> {
  const name = `pv-${randomUUID().slice(0, 8)}`;
  const spec = { storageClassName, capacity: { storage }, accessModes: ['ReadWriteOnce'], hostPath: { path: `/tmp/${name}` }, ...more };
  await done(target, 'POST', VOLUMES, { metadata: { name }, spec });
  const path = `${VOLUMES}/${name}`;
  return { name, path, [Symbol.asyncDispose]: async () => void (await target.ask('DELETE', path)) };
}

/** Creates a claim and answers its path. */
async function claim(ns: TestNamespace, storageClassName: string, storage = '1Gi', name = 'data'): Promise<string> {
  const spec = { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } };
  await done(target, 'POST', ns.path('persistentvolumeclaims'), { metadata: { name }, spec });
  return `${ns.path('persistentvolumeclaims')}/${name}`;
}

const phase = (wanted: string) => (object: any) => object.status.phase === wanted;

function podWith(claimName: string) {
  const containers = [{ name: 'c', image: target.images.sleeper, volumeMounts: [{ name: 'v', mountPath: '/data' }] }];
  return { metadata: { name: 'user' }, spec: { terminationGracePeriodSeconds: 1, containers, volumes: [{ name: 'v', persistentVolumeClaim: { claimName } }] } };
}

test('37. a claim that a pod uses outlives its deletion until the pod has gone; its volume is then Released and nobody else’s', whole, async () => {
  await using ns = await target.namespace();
  await using own = await storageClass();
  await using pv = await volume(own.name, '5Gi');
  const path = await claim(ns, own.name);
  await until(target, path, 'bound', phase('Bound'));
  await done(target, 'POST', ns.path('pods'), podWith('data'));
  await until(target, `${ns.path('pods')}/user`, 'the pod runs', phase('Running'));
  await done(target, 'DELETE', path);
  const held = await done(target, 'GET', path);
  assert.deepEqual(held.metadata.finalizers, ['kubernetes.io/pvc-protection']);
  assert.ok(held.metadata.deletionTimestamp !== undefined);
  await done(target, 'DELETE', `${ns.path('pods')}/user`);
  const released = await until(target, pv.path, 'released', phase('Released'));
  assert.equal(released.spec.claimRef.uid, held.metadata.uid);
  assert.equal((await target.ask('GET', path)).status, 404);
  const successor = await claim(ns, own.name);
  await using other = await volume(own.name, '9Gi');
  const bound = await until(target, successor, 'bound', phase('Bound'));
  assert.equal(bound.spec.volumeName, other.name);
  assert.equal((await done(target, 'GET', pv.path)).status.phase, 'Released');
});

test('72. a claim is bound to the smallest volume that fits, with what that has; both say so', whole, async () => {
  await using ns = await target.namespace();
  await using own = await storageClass();
  await using small = await volume(own.name, '500Mi');
  await using large = await volume(own.name, '20Gi');
  await using fits = await volume(own.name, '5Gi');
  for (const { path } of [small, large, fits]) await until(target, path, 'available', phase('Available'));
  const path = await claim(ns, own.name);
  const bound = await until(target, path, 'bound', phase('Bound'));
  assert.deepEqual([bound.spec.volumeName, bound.status.capacity, bound.status.accessModes], [fits.name, { storage: '5Gi' }, ['ReadWriteOnce']]);
  const { annotations } = bound.metadata;
  assert.deepEqual([annotations['pv.kubernetes.io/bind-completed'], annotations['pv.kubernetes.io/bound-by-controller']], ['yes', 'yes']);
  const { spec, status } = await until(target, fits.path, 'bound', phase('Bound'));
  assert.deepEqual([spec.claimRef.namespace, spec.claimRef.name, spec.claimRef.uid, status.phase], [ns.name, 'data', bound.metadata.uid, 'Bound']);
  assert.equal((await done(target, 'GET', large.path)).status.phase, 'Available');
});

test('72. with WaitForFirstConsumer a claim waits for a pod, and says so', whole, async () => {
  await using ns = await target.namespace();
  await using own = await storageClass({ volumeBindingMode: 'WaitForFirstConsumer' });
  await using pv = await volume(own.name, '5Gi');
  await until(target, pv.path, 'available', phase('Available'));
  const path = await claim(ns, own.name);
  const events = `${ns.path('events')}?fieldSelector=involvedObject.name%3Ddata`;
  await until(target, events, 'it says so', ({ items }) => items.some(({ reason }: any) => reason === 'WaitForFirstConsumer'));
  assert.equal((await done(target, 'GET', path)).status.phase, 'Pending');
  await done(target, 'POST', ns.path('pods'), podWith('data'));
  await until(target, path, 'bound', phase('Bound'));
  await until(target, `${ns.path('pods')}/user`, 'the pod runs', phase('Running'));
  await done(target, 'DELETE', `${ns.path('pods')}/user`);
});

test('72. a claim may not shrink, and grows where its class lets it; nothing else of it changes', whole, async () => {
  await using ns = await target.namespace();
  await using fixed = await storageClass();
  await using growing = await storageClass({ allowVolumeExpansion: true });
  await using _fixed = await volume(fixed.name, '5Gi');
  await using _flexible = await volume(growing.name, '5Gi');
  const path = await claim(ns, fixed.name, '5Gi');
  const other = await claim(ns, growing.name, '5Gi', 'flexible');
  for (const one of [path, other]) await until(target, one, 'bound', phase('Bound'));
  const resize = (at: string, storage: string, query = '') =>
    target.ask('PATCH', `${at}${query}`, { body: { spec: { resources: { requests: { storage } } } }, headers: PATCH.merge });
  // The API server hears of classes by itself, as controllers do.
  await eventually('the class counts', async () => (await resize(other, '6Gi', '?dryRun=All')).status === 200);
  const grown = await resize(path, '6Gi');
  assert.equal(grown.status, 403);
  assert.match(grown.json.message, /only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize$/);
  const shrunk = await resize(other, '1Gi');
  assert.deepEqual([shrunk.status, shrunk.json.details.causes[0].field], [422, 'spec.resources.requests.storage']);
  assert.match(shrunk.json.message, /field can not be less than (status\.capacity|previous value)/);
  assert.equal((await resize(other, '6Gi')).status, 200);
  const modes = await target.ask('PATCH', other, { body: { spec: { accessModes: ['ReadOnlyMany'] } }, headers: PATCH.merge });
  assert.deepEqual([modes.status, modes.json.details.causes[0].field], [422, 'spec']);
});
