import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf } from '@binnacle/client';
import { ConfigMap, PersistentVolumeClaim, PodDisruptionBudget, StorageClass } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { Hazelcast } from '../src/api/hazelcast.ts';
import { HotBackup } from '../src/api/hot-backup.ts';
import { put } from './put.ts';
import { REF, hazelcast, licence, membersOf, overheard, ready, uidsOf, want } from './subject.ts';

const RESTORED = /^restored member/;
const ENTERPRISE = { licenseKeySecretName: 'licence', clusterSize: 2 };
const stored = (more: object = {}) => ({ ...ENTERPRISE, persistence: { pvc: { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi' }, ...more } });

async function backup(w: World, name: string, more: object = {}): Promise<void> {
  await put(w, HotBackup, name, { spec: { hazelcastResourceName: REF.name, ...more } });
  await w.until(HotBackup, { namespace: 'default', name }, (now) => now?.status?.state === 'Success', 600_000);
}

test('8.1.3: a cluster made anew starts from its HotBackup, is ACTIVE, and its members never restore a second time', async () => {
  const { subject, lines } = overheard();
  await using w = await world([subject]);
  w.start(subject);
  await licence(w);
  await want(w, stored());
  await ready(w);
  await backup(w, 'before');
  await w.api.delete(Hazelcast, REF);
  await w.until(Hazelcast, REF, (now) => now === undefined);
  const restore = { restore: { hotBackupResourceName: 'before' } };
  await want(w, stored(restore));
  await w.until(Hazelcast, REF, (now) => now?.status?.restore?.state === 'InProgress');
  const { status } = await ready(w);
  assert.deepEqual(
    status?.members?.map(({ state }) => state),
    ['ACTIVE', 'ACTIVE'],
  );
  assert.equal(status?.restore?.state, 'Succeeded');
  // At once, not with the next edit: a volume lost meanwhile would be filled from the old backup.
  await w.until(ConfigMap, { namespace: 'default', name: 'prod-init' }, (now) => now?.data?.['config.yaml']?.includes('restore') === false, 10_000);
  assert.equal(lines.filter((line) => RESTORED.test(line)).length, 2);
  const pods = await uidsOf(w);
  await want(w, { ...stored(restore), clusterSize: 3, properties: { a: 'b' } });
  await w.until(Hazelcast, REF, (now) => now?.status?.clusterSize === 3);
  await ready(w);
  assert.ok(
    (await uidsOf(w)).every((uid) => !pods.includes(uid)),
    'all members restarted',
  );
  assert.equal(lines.filter((line) => RESTORED.test(line)).length, 2, 'no member restored again, nor the one that came');
  const init = await w.find(ConfigMap, { namespace: 'default', name: 'prod-init' });
  assert.doesNotMatch(init?.data?.['config.yaml'] ?? '', /restore/);
});

test('a restore of what is not there is Failed, over while the cluster is paused, and forgotten with the wish', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await licence(w);
  const pvc = { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi' };
  const wish = { ...ENTERPRISE, persistence: { pvc, restore: { localConfig: { backupFolder: 'backup-1659034855438' } } } };
  const restore = (state: string | undefined) => w.until(Hazelcast, REF, (now) => now !== undefined && now.status?.restore?.state === state);
  await want(w, wish);
  await restore('Failed');
  await want(w, { ...wish, clusterSize: 0 });
  await restore(undefined);
  await want(w, wish);
  await restore('Failed');
  await want(w, stored());
  await restore(undefined);
  const { status } = await ready(w);
  assert.notEqual(status?.restore?.state, 'InProgress');
});

test('a restore waits for its HotBackup, and says so; one to a bucket serves another cluster', async () => {
  const { subject, lines } = overheard();
  await using w = await world([subject]);
  w.start(subject);
  await licence(w);
  await want(w, stored({ restore: { hotBackupResourceName: 'moved' } }));
  await w.until(Hazelcast, REF, (now) => now?.status?.message?.includes('There is not hot backup found with name moved') === true);
  await put(w, Hazelcast, 'source', { spec: { version: '5.5.0', ...stored() } });
  await w.until(Hazelcast, { namespace: 'default', name: 'source' }, (now) => now?.status?.phase === 'Running');
  await put(w, HotBackup, 'moved', { spec: { hazelcastResourceName: 'source', bucketURI: 's3://bucket' } });
  await w.until(Hazelcast, REF, (now) => now?.status?.conditions?.some(({ reason }) => reason === 'BackupPending') === true);
  await ready(w);
  const restored = lines.filter((line) => RESTORED.test(line));
  assert.equal(restored.length, 2);
  for (const line of restored) assert.match(line, /from s3:\/\/bucket\?prefix=source\/[-0-9.]+\/$/);
});

test('8.1.11: claims grow in place, those of members that come later too, and no member restarts for it', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await licence(w);
  await w.api.apply(StorageClass, { metadata: { name: 'standard' }, allowVolumeExpansion: true }, { fieldManager: 'test', force: true });
  await want(w, stored());
  await ready(w);
  const pods = await uidsOf(w);
  const larger = stored({ pvc: { accessModes: ['ReadWriteOnce'], requestStorage: '2Gi' } });
  await want(w, { ...larger, clusterSize: 3 });
  await ready(w);
  const sizes = async () => (await w.api.list(PersistentVolumeClaim, { namespace: 'default' })).items.map(({ status }) => status?.capacity?.['storage']);
  await w.clock.until(async () => (await sizes()).every((size) => size === '2Gi'));
  assert.equal((await sizes()).length, 3);
  assert.deepEqual((await uidsOf(w)).slice(0, 2), pods);
});

test('whoever drains nodes may take one member at a time', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await want(w, {});
  await ready(w);
  const [pod] = await membersOf(w);
  const budget = await w.find(PodDisruptionBudget, REF);
  assert.equal(budget?.spec?.maxUnavailable, 1);
  const wanted = budget?.spec?.selector?.matchLabels ?? {};
  assert.ok(Object.entries(wanted).every(([key, value]) => pod?.metadata.labels?.[key] === value));
  await w.api.delete(Hazelcast, REF);
  await w.until(PodDisruptionBudget, REF, (now) => now === undefined);
});

test('claims that came out wrong cannot change while members wait for them: that is told, and setting them back goes on', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await licence(w);
  const sized = (storageClassName: string) => ({ ...ENTERPRISE, persistence: { pvc: { accessModes: ['ReadWriteOnce'], storageClassName } } });
  await want(w, sized('no-such-class'));
  await w.until(PersistentVolumeClaim, { namespace: 'default', name: 'persistence-prod-0' }, (now) => now?.status?.phase === 'Pending');
  await want(w, sized('another'));
  await w.until(Hazelcast, REF, (now) => conditionOf(now ?? {}, 'Ready')?.reason === 'VolumesFixed');
  await want(w, ENTERPRISE);
  await w.until(Hazelcast, REF, (now) => conditionOf(now ?? {}, 'Ready')?.observedGeneration === now?.metadata.generation);
  assert.equal(conditionOf((await w.find(Hazelcast, REF)) ?? {}, 'Ready')?.reason, 'VolumesFixed');
  await want(w, sized('no-such-class'));
  await w.until(Hazelcast, REF, (now) => conditionOf(now ?? {}, 'Ready')?.reason === 'MembersStarting');
});
