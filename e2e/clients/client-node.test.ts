import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { AppsV1Api, CoreV1Api, KubeConfig, KubernetesObjectApi, makeInformer } from '@kubernetes/client-node';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { EventEmitter } from 'node:events';
import { eventually } from '../eventually.ts';
import { openTarget } from '../target.ts';
import { done } from '../conformance/requests.ts';

const target = await openTarget();
const config = new KubeConfig();
config.loadFromFile(target.kubeconfig);

test('4. the informer of @kubernetes/client-node sees what is there, what comes, what changes and what goes, and goes on when its watch ends', async () => {
  await using ns = await target.namespace();
  const api = config.makeApiClient(CoreV1Api);
  const list = () => api.listNamespacedConfigMap({ namespace: ns.name, labelSelector: 'seen' });
  const informer = makeInformer<V1ConfigMap>(config, ns.path('configmaps'), list, 'seen');
  const told = new EventEmitter();
  const seen: string[] = [];
  for (const verb of ['add', 'update', 'delete'] as const) {
    informer.on(verb, (object) => {
      seen.push(`${verb} ${object.metadata!.name}`);
      told.emit('told');
    });
  }
  const until = async (line: string) => {
    while (!seen.includes(line)) await once(told, 'told');
  };
  const body = (name: string): V1ConfigMap => ({ metadata: { name, labels: { seen: '' } } });
  await api.createNamespacedConfigMap({ namespace: ns.name, body: body('a') });
  await informer.start();
  try {
    await until('add a');
    await api.createNamespacedConfigMap({ namespace: ns.name, body: body('b') });
    await until('add b');
    await api.patchNamespacedConfigMap({ namespace: ns.name, name: 'a', body: [{ op: 'add', path: '/data', value: { x: '1' } }] });
    await until('update a');
    assert.equal(informer.get('a', ns.name)?.data?.['x'], '1');
    await api.deleteNamespacedConfigMap({ namespace: ns.name, name: 'b' });
    await until('delete b');
    assert.deepEqual(
      informer.list().map(({ metadata }) => metadata!.name),
      ['a'],
    );
  } finally {
    await informer.stop();
  }
});

test('4. KubernetesObjectApi creates, reads, patches, replaces and deletes what a manifest says, custom kinds too', async () => {
  await using ns = await target.namespace();
  const objects = KubernetesObjectApi.makeApiClient(config);
  const manifest = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm', namespace: ns.name }, data: { a: '1' } };
  await objects.create(manifest);
  const read = await objects.read<V1ConfigMap>(manifest);
  assert.equal(read.data?.['a'], '1');
  const patched = await objects.patch<V1ConfigMap>({ ...manifest, data: { b: '2' } } as V1ConfigMap);
  assert.deepEqual(patched.data, { a: '1', b: '2' });
  patched.data = { c: '3' };
  await objects.replace(patched);
  await objects.delete(manifest);
  await eventually('it is gone', async () => (await target.ask('GET', `${ns.path('configmaps')}/m`)).status === 404);
});

test('4. a typed client reads the scale of a Deployment and is told of a conflict by its code', async () => {
  await using ns = await target.namespace();
  const apps = config.makeApiClient(AppsV1Api);
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: target.images.sleeper }] } };
  const body = { metadata: { name: 'd' }, spec: { replicas: 0, selector: { matchLabels: { a: 'b' } }, template } };
  const made = await apps.createNamespacedDeployment({ namespace: ns.name, body });
  assert.ok(made.metadata?.creationTimestamp instanceof Date);
  // None is written as nothing.
  assert.equal((await apps.readNamespacedDeploymentScale({ namespace: ns.name, name: 'd' })).spec?.replicas ?? 0, 0);
  await done(
    target,
    'PATCH',
    `${ns.path('deployments', 'apps/v1')}/d`,
    { metadata: { labels: { x: 'y' } } },
    { 'content-type': 'application/merge-patch+json' },
  );
  made.metadata!.resourceVersion = '1';
  made.spec!.paused = true;
  await assert.rejects(apps.replaceNamespacedDeployment({ namespace: ns.name, name: 'd', body: made }), (error: any) => error.code === 409);
});
