import { CoreEvent, PersistentVolume, PersistentVolumeClaim, Pod, StatefulSet } from '@binnacle/client/kinds';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestCluster } from '../../../test/cluster.ts';
import { ready, testCluster } from '../../../test/cluster.ts';

const container = { name: 'main', image: 'web:1', readinessProbe: { tcpSocket: { port: 8080 } } };
const template = (image = 'web:1') => ({ metadata: { labels: { app: 'db' } }, spec: { containers: [{ ...container, image }] } });
const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
const set = (spec: object = {}) => ({
  spec: { replicas: 3, serviceName: 'db', selector: { matchLabels: { app: 'db' } }, template: template(), volumeClaimTemplates: [claim], ...spec },
});
const allReady = (cluster: TestCluster, replicas = 3) =>
  cluster.until(
    StatefulSet,
    'db',
    ({ status, metadata }) => status?.readyReplicas === replicas && status.replicas === replicas && status.observedGeneration === metadata.generation,
  );
const names = async (cluster: TestCluster, kind: typeof Pod | typeof PersistentVolumeClaim) => (await cluster.list(kind)).map(({ metadata }) => metadata.name);

test('three members come up one after another, each with a name, labels and a claim of its own; then nothing is written', async () => {
  await using cluster = await testCluster();
  await cluster.create(StatefulSet, 'db', set());
  const { status } = await allReady(cluster);
  assert.equal(status?.currentRevision, status?.updateRevision);
  assert.deepEqual([status?.currentReplicas, status?.updatedReplicas, status?.availableReplicas], [3, 3, 3]);
  const pods = await cluster.list(Pod);
  assert.deepEqual(
    pods.map(({ metadata, spec }) => [
      metadata.name,
      spec?.hostname,
      spec?.subdomain,
      metadata.labels?.['apps.kubernetes.io/pod-index'],
      spec?.volumes?.[0]?.persistentVolumeClaim?.claimName,
    ]),
    [0, 1, 2].map((i) => [`db-${i}`, `db-${i}`, 'db', String(i), `data-db-${i}`]),
  );
  const claims = await cluster.list(PersistentVolumeClaim);
  assert.ok(claims.every(({ metadata, status: now }) => now?.phase === 'Bound' && metadata.ownerReferences === undefined && metadata.labels?.['app'] === 'db'));
  assert.ok(
    (await cluster.list(CoreEvent)).some(({ reason, message }) => reason === 'SuccessfulCreate' && message === 'create Pod db-2 in StatefulSet db successful'),
  );
  const before = await cluster.version();
  await cluster.clock.advance(3_600_000);
  assert.equal(await cluster.version(), before);
});

test('an update goes from the highest ordinal down and keeps the claims', async () => {
  await using cluster = await testCluster();
  await cluster.create(StatefulSet, 'db', set());
  const { status: first } = await allReady(cluster);
  const claims = (await cluster.list(PersistentVolumeClaim)).map(({ metadata }) => metadata.uid);
  await cluster.merge(StatefulSet, 'db', { spec: { template: template('web:2') } });
  const { status } = await cluster.until(StatefulSet, 'db', ({ status: now }) => now?.currentRevision !== first?.currentRevision);
  assert.equal(status?.updatedReplicas, 3);
  const pods = await cluster.list(Pod);
  assert.ok(pods.every(({ spec }) => spec?.containers[0]?.image === 'web:2'));
  assert.deepEqual(
    (await cluster.list(PersistentVolumeClaim)).map(({ metadata }) => metadata.uid),
    claims,
  );
  await cluster.merge(StatefulSet, 'db', { spec: { template: template('web:1') } });
  const { status: back } = await cluster.until(
    StatefulSet,
    'db',
    ({ status: now }) => now?.currentRevision === now?.updateRevision && now?.currentRevision !== status?.currentRevision,
  );
  assert.equal(back?.currentRevision, first?.currentRevision, 'going back finds the old revision');
});

test('a broken image gets the update stuck; reverting does not help, deleting the broken pod does', async () => {
  await using cluster = await testCluster();
  await cluster.create(StatefulSet, 'db', set());
  await allReady(cluster);
  await cluster.merge(StatefulSet, 'db', { spec: { template: template('broken:1') } });
  await cluster.until(Pod, 'db-2', ({ status }) => status?.containerStatuses?.[0]?.state?.waiting?.reason === 'ImagePullBackOff');
  await cluster.merge(StatefulSet, 'db', { spec: { template: template('web:1') } });
  await cluster.clock.advance(3_600_000);
  assert.ok(!ready((await cluster.get(Pod, 'db-2'))!));
  await cluster.delete(Pod, 'db-2');
  await allReady(cluster);
});

test('members that are scaled away leave their claims, and find them again when they come back', async () => {
  await using cluster = await testCluster();
  await cluster.create(StatefulSet, 'db', set());
  await allReady(cluster);
  const claims = (await cluster.list(PersistentVolumeClaim)).map(({ metadata }) => metadata.uid);
  await cluster.merge(StatefulSet, 'db', { spec: { replicas: 1 } });
  await allReady(cluster, 1);
  assert.deepEqual(await names(cluster, Pod), ['db-0']);
  await cluster.merge(StatefulSet, 'db', { spec: { replicas: 3 } });
  await allReady(cluster);
  assert.deepEqual(
    (await cluster.list(PersistentVolumeClaim)).map(({ metadata }) => metadata.uid),
    claims,
  );
});

test('claims go with members only where the retention policy says so', async () => {
  await using cluster = await testCluster();
  await cluster.create(StatefulSet, 'db', set({ persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete', whenDeleted: 'Delete' } }));
  await allReady(cluster);
  await cluster.merge(StatefulSet, 'db', { spec: { replicas: 2 } });
  await cluster.untilGone(PersistentVolumeClaim, 'data-db-2');
  assert.deepEqual(await names(cluster, PersistentVolumeClaim), ['data-db-0', 'data-db-1']);
  await cluster.delete(StatefulSet, 'db');
  await cluster.clock.until(async () => (await names(cluster, PersistentVolumeClaim)).length === 0);
  await cluster.clock.until(async () => (await cluster.list(PersistentVolume)).length === 0);
});

test('a set that is deleted takes its pods along and leaves the claims; with Orphan it leaves the pods to a successor', async () => {
  await using cluster = await testCluster();
  await cluster.create(StatefulSet, 'db', set());
  await allReady(cluster);
  const pods = (await cluster.list(Pod)).map(({ metadata }) => metadata.uid);
  await cluster.delete(StatefulSet, 'db', 'Orphan');
  await cluster.untilGone(StatefulSet, 'db');
  await cluster.create(StatefulSet, 'db', set());
  await allReady(cluster);
  assert.deepEqual(
    (await cluster.list(Pod)).map(({ metadata }) => metadata.uid),
    pods,
    'adopted, not replaced',
  );
  await cluster.delete(StatefulSet, 'db', 'Foreground');
  await cluster.untilGone(StatefulSet, 'db');
  assert.deepEqual(await names(cluster, Pod), []);
  assert.equal((await names(cluster, PersistentVolumeClaim)).length, 3);
});
