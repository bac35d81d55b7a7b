import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTimestamp, timestamp } from '@binnacle/client';
import { ConfigMap, PersistentVolumeClaim, Pod } from '@binnacle/client/kinds';
import { DorisCluster } from '../src/index.ts';
import type { Spec } from '../src/api/spec.ts';
import type { RetentionPolicy } from '../src/api/retention.ts';
import { DELETE_AT, EMPTIED, KEEP } from '../src/cluster/claim.ts';
import { AT, sized, story, table } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const withPolicy = (spec: Spec, policy: RetentionPolicy): Spec => ({
  ...spec,
  fe: { ...spec.fe!, persistentVolumeClaimRetentionPolicy: policy },
  be: { ...spec.be!, persistentVolumeClaimRetentionPolicy: policy },
});
const claims = async (s: Story) => (await s.w.api.list(PersistentVolumeClaim, { namespace: AT.namespace })).items;
const names = async (s: Story) => (await claims(s)).map(({ metadata }) => metadata.name).toSorted();
const annotate = (s: Story, name: string, annotations: Readonly<Record<string, string>>) =>
  s.w.api.patch(PersistentVolumeClaim, { namespace: AT.namespace, name }, { type: 'merge', body: { metadata: { annotations } } });
const ALL = ['be-storage-prod-be-0', 'be-storage-prod-be-1', 'be-storage-prod-be-2', 'fe-meta-prod-fe-0'];

test('volumes of back ends that left are announced and deleted when their time is over, one that somebody keeps is not; by default all stay', async () => {
  await using s = await story();
  const spec = (be: number) => withPolicy(sized(1, be), { whenScaled: 'Delete', deleteAfterSeconds: 600 });
  await s.apply(spec(4));
  await s.ready();
  await s.sql(...table('t', 8, 1));
  await s.apply(spec(1));
  await s.ready();
  const announced = (await claims(s)).filter(({ metadata }) => metadata.annotations?.[DELETE_AT] !== undefined);
  assert.deepEqual(announced.map(({ metadata }) => metadata.name).toSorted(), ['be-storage-prod-be-1', 'be-storage-prod-be-2', 'be-storage-prod-be-3']);
  await annotate(s, 'be-storage-prod-be-1', { [KEEP]: 'true' });
  await annotate(s, 'be-storage-prod-be-3', { [DELETE_AT]: timestamp(s.w.clock.now() + MINUTE_MS) });
  await s.w.clock.advance(3 * MINUTE_MS);
  assert.deepEqual(await names(s), ALL, 'asked for sooner');
  await s.w.clock.advance(9 * MINUTE_MS);
  assert.deepEqual(
    await names(s),
    ALL.filter((one) => !one.endsWith('be-2')),
  );
  assert.equal((await s.backends())[0]?.tablets, 8);

  await s.apply(sized(1, 2));
  await s.ready();
  await s.apply(sized(1, 1));
  await s.ready();
  await s.w.clock.advance(12 * MINUTE_MS);
  assert.deepEqual(
    await names(s),
    ALL.filter((one) => !one.endsWith('be-2')),
  );
});

test('a volume that is wanted again before its time stays, and so does one whose node was taken out of Doris by somebody else', async () => {
  await using s = await story();
  const spec = (be: number) => withPolicy(sized(1, be), { whenScaled: 'Delete', deleteAfterSeconds: 600 });
  await s.apply(spec(2));
  await s.ready();
  await s.apply(spec(1));
  await s.ready();
  await s.apply(spec(3));
  await s.ready();
  assert.ok((await claims(s)).every(({ metadata }) => metadata.annotations?.[DELETE_AT] === undefined && metadata.annotations?.[EMPTIED] === undefined));
  await s.sql(...table('t', 8, 1));
  const host = (await s.backends()).find((one) => one.host.startsWith('prod-be-2.'))!.address;
  await s.apply(spec(2), { 'al-assad.github.io/pause': 'no' });
  await s.sql(`ALTER SYSTEM DROPP BACKEND "${host}"`);
  await s.ready();
  await s.w.clock.advance(12 * MINUTE_MS);
  assert.deepEqual(await names(s), ALL);
});

test('a cluster that is to end with its volumes stays without pods until their time is over, and one of its name can be made anew', async () => {
  await using s = await story();
  const spec = withPolicy(sized(1, 3), { whenDeleted: 'Delete', deleteAfterSeconds: 600 });
  await s.apply(spec);
  const { status } = await s.ready();
  await s.w.api.delete(DorisCluster, AT);
  await s.w.until(DorisCluster, AT, (now) => now?.status?.conditions?.some((one) => one.type === 'Ready' && one.reason === 'VolumesKept') === true);
  assert.deepEqual((await s.w.api.list(Pod, { namespace: AT.namespace })).items, []);
  await s.w.clock.advance(5 * MINUTE_MS);
  assert.deepEqual(await names(s), ALL);
  await annotate(s, 'be-storage-prod-be-1', { [KEEP]: 'true' });
  await s.w.until(DorisCluster, AT, (now) => now === undefined);
  assert.deepEqual(await names(s), ['be-storage-prod-be-1']);
  assert.equal(await s.w.find(ConfigMap, { namespace: AT.namespace, name: 'prod-born' }), undefined);
  await s.apply(sized(1, 1));
  assert.notEqual((await s.ready()).status?.clusterId, status?.clusterId);
});

test('taken back while it is going, the volumes stay and the next cluster of the name goes on with them', async () => {
  await using s = await story();
  await s.apply(withPolicy(sized(1, 1), { whenDeleted: 'Delete' }));
  const born = (await s.ready()).status?.clusterId;
  assert.deepEqual((await s.cluster()).metadata.finalizers, ['al-assad.github.io/volumes']);
  await s.apply(sized(1, 1));
  await s.ready();
  assert.deepEqual((await s.cluster()).metadata.finalizers ?? [], [], 'others have none');
  await s.apply(withPolicy(sized(1, 1), { whenDeleted: 'Delete' }));
  await s.ready();
  await s.w.api.delete(DorisCluster, AT);
  await s.w.clock.advance(MINUTE_MS);
  const at = (await claims(s))[0]?.metadata.annotations?.[DELETE_AT];
  assert.ok(parseTimestamp(at ?? '') > s.w.clock.now() + DAY_MS - 2 * MINUTE_MS, 'a day unless something else is said');
  await s.apply(sized(1, 1));
  await s.w.until(DorisCluster, AT, (now) => now === undefined);
  assert.equal((await names(s)).length, 2);
  await s.apply(sized(1, 1));
  assert.equal((await s.ready()).status?.clusterId, born);
});

test('a cluster that waits for the time of its volumes goes when somebody else has deleted them, as a namespace that goes does', async () => {
  await using s = await story();
  await s.apply(withPolicy(sized(1, 1), { whenDeleted: 'Delete' }));
  await s.ready();
  await s.w.api.delete(DorisCluster, AT);
  await s.w.until(DorisCluster, AT, (now) => now?.status?.conditions?.some((one) => one.type === 'Ready' && one.reason === 'VolumesKept') === true);
  for (const name of await names(s)) await s.w.api.delete(PersistentVolumeClaim, { namespace: AT.namespace, name });
  await s.w.clock.advance(2 * MINUTE_MS);
  assert.deepEqual(
    (await s.w.api.list(DorisCluster, { namespace: AT.namespace })).items.map(({ metadata }) => metadata.name),
    [],
  );
});
