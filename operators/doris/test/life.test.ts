import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { PersistentVolumeClaim, Pod, PodDisruptionBudget, Service, StatefulSet, StorageClass } from '@binnacle/client/kinds';
import { DorisCluster } from '../src/index.ts';
import type { Spec } from '../src/api/spec.ts';
import { DROPPED } from '../src/cluster/claim.ts';
import { AT, component, sized, story, table } from './cluster-world.ts';

test('three front ends and three back ends come up as one cluster, joined in that order', async () => {
  await using s = await story();
  await s.apply(sized(3, 3));
  const { status } = await s.ready();
  assert.equal(status?.phase, 'Running');
  assert.equal(status?.fe?.nodes?.filter((one) => one.alive).length, 3);
  assert.equal(status?.fe?.nodes?.filter((one) => one.master === true).length, 1);
  assert.equal(status?.be?.nodes?.filter((one) => one.alive).length, 3);
  assert.equal(s.statements.filter((one) => one.startsWith('ALTER SYSTEM ADD FOLLOWER')).length, 2);
  // More than three were sent: while the second front end catches up there is no majority, and Doris refuses.
  assert.equal(new Set(s.statements.filter((one) => one.startsWith('ALTER SYSTEM ADD BACKEND'))).size, 3);
});

test('back ends go from three to two after their data has moved; asked back half-way, the decommission is cancelled', async () => {
  await using s = await story();
  await s.apply(sized(1, 3));
  await s.ready();
  await s.sql(...table('t', 20, 2));
  await s.apply(sized(1, 2));
  await s.reason('MovingTablets');
  await s.apply(sized(1, 3));
  await s.ready();
  assert.ok(s.statements.some((one) => one.startsWith('CANCEL DECOMMISSION BACKEND "prod-be-2.')));
  assert.ok((await s.backends()).every((one) => !one.decommissioned && one.alive));
  assert.equal((await s.set('be')).spec?.replicas, 3);

  await s.apply(sized(1, 2));
  await s.ready();
  const backends = await s.backends();
  assert.equal(backends.length, 2);
  assert.equal(
    backends.reduce((sum, one) => sum + one.tablets, 0),
    40,
  );
  assert.equal((await s.set('be')).spec?.replicas, 2);
});

test('fewer back ends than copies of a table: refused with the reason, nothing is touched, and taking it back heals', async () => {
  await using s = await story();
  await s.apply(sized(1, 2));
  await s.ready();
  await s.sql(...table('t', 2, 2));
  await s.apply(sized(1, 1));
  await s.reason('TooFewBackends');
  await s.w.clock.advance(600_000);
  assert.ok((await s.backends()).every((one) => !one.decommissioned));
  assert.equal((await s.set('be')).spec?.replicas, 2);
  await s.apply(sized(1, 2));
  await s.ready();
});

test('front ends go from three to one and to three again, each new one with an empty volume', async () => {
  await using s = await story();
  for (const wanted of [3, 1, 3]) {
    await s.apply({ version: '2.0.3', fe: component('fe', wanted) });
    await s.ready();
    assert.equal((await s.frontends()).filter((one) => one.alive).length, wanted);
    const claims = (await s.w.api.list(PersistentVolumeClaim, { namespace: AT.namespace })).items;
    assert.equal(claims.filter((one) => one.metadata.annotations?.[DROPPED] !== undefined).length, wanted === 1 ? 2 : 0);
  }
});

test('the front end in the middle leads, and three become one all the same', async () => {
  await using s = await story();
  await s.apply({ version: '2.0.3', fe: component('fe', 3) });
  await s.ready();
  await s.w.api.delete(Pod, { namespace: AT.namespace, name: 'prod-fe-0' });
  await s.w.until(Pod, { namespace: AT.namespace, name: 'prod-fe-0' }, (pod) => pod !== undefined && pod.metadata.deletionTimestamp === undefined);
  await s.ready();
  assert.equal((await s.frontends()).find((one) => one.master)?.host.startsWith('prod-fe-1.'), true);
  await s.apply({ version: '2.0.3', fe: component('fe', 1) });
  await s.ready();
  assert.deepEqual(
    (await s.frontends()).map((one) => one.host.split('.')[0]),
    ['prod-fe-0'],
  );
});

test('a child that somebody deletes comes back, and its members with it', async () => {
  await using s = await story();
  await s.apply(sized(1, 2));
  await s.ready();
  const before = (await s.set('be')).metadata.uid;
  await s.w.api.delete(Service, { namespace: AT.namespace, name: 'prod-be-peer' });
  await s.w.api.delete(StatefulSet, { namespace: AT.namespace, name: 'prod-be' });
  await s.w.until(StatefulSet, { namespace: AT.namespace, name: 'prod-be' }, (now) => now !== undefined && now.metadata.uid !== before);
  await s.w.until(DorisCluster, AT, (now) => now !== undefined && isReady(now) && now.status?.be?.readyMembers?.length === 2);
  assert.ok(await s.w.find(Service, { namespace: AT.namespace, name: 'prod-be-peer' }));
  assert.ok(await s.w.find(Pod, { namespace: AT.namespace, name: 'prod-be-0' }));
  assert.ok((await s.backends()).every((one) => one.alive));
});

test('compute nodes and brokers join and leave', async () => {
  await using s = await story();
  const of = (cn: number, broker: number) => ({ ...sized(1, 1), cn: component('cn', cn), broker: component('broker', broker) });
  await s.apply(of(2, 2));
  const { status } = await s.ready();
  assert.deepEqual(
    status?.cn?.nodes?.map((one) => one.role),
    ['computation', 'computation'],
  );
  assert.equal(status?.broker?.nodes?.length, 2);
  await s.apply(of(1, 1));
  await s.ready();
  assert.equal((await s.backends()).length, 2);
  assert.ok(s.statements.some((one) => one.startsWith('ALTER SYSTEM DROP BROKER prod_broker_1 "prod-broker-1.')));
  await s.apply(sized(1, 1));
  await s.ready();
  assert.equal((await s.backends()).length, 1);
  assert.equal(await s.w.find(StatefulSet, { namespace: AT.namespace, name: 'prod-cn' }), undefined);
  assert.equal(await s.w.find(StatefulSet, { namespace: AT.namespace, name: 'prod-broker' }), undefined);
});

test('volumes grow in place, also those of nodes that come later, and never shrink', async () => {
  await using s = await story();
  const withSize = (be: number, storage: string): Spec => ({ ...sized(1, be), be: { ...component('be', be), requests: { storage } } });
  const sizes = async () =>
    (await s.w.api.list(PersistentVolumeClaim, { namespace: AT.namespace })).items
      .filter((one) => one.metadata.name.startsWith('be-storage-'))
      .map((one) => `${one.metadata.name} ${one.spec?.resources?.requests?.['storage']} ${one.status?.capacity?.['storage']}`);
  await s.apply(withSize(1, '1Gi'));
  await s.ready();
  await s.apply(withSize(2, '2Gi'));
  await s.ready();
  await s.w.clock.advance(60_000);
  assert.deepEqual(await sizes(), ['be-storage-prod-be-0 2Gi 2Gi', 'be-storage-prod-be-1 2Gi 2Gi']);
  await s.apply(withSize(2, '512Mi'));
  const { status } = await s.ready();
  assert.match(status?.conditions?.find((one) => one.type === 'BackEndVolumesAsWanted')?.message ?? '', /volumes do not shrink/);
  assert.deepEqual(await sizes(), ['be-storage-prod-be-0 2Gi 2Gi', 'be-storage-prod-be-1 2Gi 2Gi']);
});

test('a volume that is not let grow is told, and holds up nothing else: nodes come and go, and other volumes grow', async () => {
  await using s = await story();
  const { w } = s;
  const [first] = (await w.api.list(StorageClass)).items;
  const stiff = { metadata: { name: 'stiff' }, provisioner: first!.provisioner, volumeBindingMode: first!.volumeBindingMode!, allowVolumeExpansion: false };
  await w.api.apply(StorageClass, stiff, { fieldManager: 'user', force: true });
  const of = (be: number, storage: string): Spec => ({
    version: '2.0.3',
    fe: { ...component('fe', 1), requests: { storage }, storageClassName: 'stiff' },
    be: { ...component('be', be), requests: { storage } },
  });
  await s.apply(of(1, '1Gi'));
  await s.ready();
  await s.apply(of(2, '2Gi'));
  await s.reason('VolumeCannotGrow');
  const { status } = await s.cluster();
  assert.match(status?.lastMessage ?? '', /^spec\.fe: claim fe-meta-prod-fe-0 does not grow to 2Gi/);
  const told = status?.conditions?.find((one) => one.type === 'FrontEndVolumesAsWanted');
  assert.deepEqual([told?.status, told?.reason], ['False', 'VolumeCannotGrow']);
  assert.match(told?.message ?? '', /only dynamically provisioned pvc can be resized/);
  assert.equal((await s.backends()).filter((one) => one.alive).length, 2);
  const grown = await w.api.get(PersistentVolumeClaim, { namespace: AT.namespace, name: 'be-storage-prod-be-0' });
  assert.equal(grown.spec?.resources?.requests?.['storage'], '2Gi');
  await w.api.patch(StorageClass, { name: 'stiff' }, { type: 'merge', body: { allowVolumeExpansion: true } });
  await s.ready();
});

test('each component has a budget that lets one pod at a time be evicted', async () => {
  await using s = await story();
  await s.apply(sized(1, 3));
  await s.ready();
  const { spec, status } = await s.w.api.get(PodDisruptionBudget, { namespace: AT.namespace, name: 'prod-be' });
  assert.deepEqual([spec?.maxUnavailable, status?.disruptionsAllowed, status?.expectedPods], [1, 1, 3]);
  await s.apply({ version: '2.0.3', fe: component('fe', 1) });
  await s.ready();
  assert.equal(await s.w.find(PodDisruptionBudget, { namespace: AT.namespace, name: 'prod-be' }), undefined);
});
