/** What becomes of finished backups on volumes when their HotBackups go: `spec.deletionPolicy`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, isReady } from '@binnacle/client';
import type { Live } from '@binnacle/client';
import { CoreEvent, Job, Node, Secret } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { CronHotBackup, Hazelcast, HotBackup } from '../src/index.ts';
import { LICENCE, put } from './put.ts';
import { overheard } from './subject.ts';

const CLUSTER = { namespace: 'default', name: 'hazelcast' };
const ref = (name: string) => ({ namespace: 'default', name });
const TAKEN = /^rm -rf -- \/data\/persistence\/base-dir\/hot-backup\/(backup-\d{13})$/;

async function cluster(w: World): Promise<void> {
  await put(w, Secret, 'licence', LICENCE);
  const pvc = { accessModes: ['ReadWriteOnce'], requestStorage: '8Gi' };
  await put(w, Hazelcast, CLUSTER.name, { spec: { clusterSize: 2, version: '5.5.0', licenseKeySecretName: 'licence', persistence: { pvc } } });
  await w.until(Hazelcast, CLUSTER, (now) => now !== undefined && isReady(now), 600_000);
}

async function taken(w: World, name: string, spec: object): Promise<string> {
  await put(w, HotBackup, name, { spec: { hazelcastResourceName: CLUSTER.name, ...spec } });
  await w.until(HotBackup, ref(name), (now) => now?.status?.state === 'Success', 600_000);
  const entries = (await w.find(HotBackup, ref(name)))?.status?.backupUUIDs ?? [];
  return entries[0]!.split('/')[0]!;
}

async function gone(w: World, name: string): Promise<void> {
  await w.api.delete(HotBackup, ref(name));
  await w.until(HotBackup, ref(name), (now) => now === undefined, 600_000);
}

const removed = (lines: readonly string[]) => lines.flatMap((line) => TAKEN.exec(line)?.[1] ?? []);
const events = async (w: World, reason: string) =>
  (await w.api.list(CoreEvent)).items.filter((one) => one.reason === reason).map(({ message }) => message ?? '');

test('a backup goes from every volume with its HotBackup where that is asked for, and stays where it is not', { timeout: 60_000 }, async () => {
  const { subject, lines } = overheard();
  await using w = await world([subject]);
  w.start(subject);
  await cluster(w);
  const folder = await taken(w, 'deleted', { deletionPolicy: 'Delete' });
  await taken(w, 'retained', { deletionPolicy: 'Retain' });
  await taken(w, 'silent', {});
  for (const name of ['retained', 'silent']) await gone(w, name);
  assert.deepEqual(removed(lines), []);
  await gone(w, 'deleted');
  assert.deepEqual(removed(lines), [folder, folder], 'one folder of each of the two volumes');
  assert.deepEqual(await events(w, 'BackupRemoved'), [`${folder} was taken off 2 volumes`]);
  await w.clock.advance(60_000);
  assert.deepEqual((await w.api.list(Job)).items, []);
  assert.ok(isReady((await w.find(Hazelcast, CLUSTER))!), 'members never noticed');
});

test('nothing goes that a cluster is to be restored from, and it may be kept after all', { timeout: 60_000 }, async () => {
  const { subject, lines } = overheard();
  await using w = await world([subject]);
  w.start(subject);
  await cluster(w);
  const folder = await taken(w, 'backup', { deletionPolicy: 'Delete' });
  const pvc = { accessModes: ['ReadWriteOnce'], requestStorage: '8Gi' };
  const restore = { localConfig: { backupFolder: folder, baseDir: '/data/persistence/base-dir', backupDir: 'hot-backup', pvcNamePrefix: 'persistence' } };
  await put(w, Hazelcast, 'other', { spec: { clusterSize: 0, version: '5.5.0', licenseKeySecretName: 'licence', persistence: { pvc, restore } } });
  await w.api.delete(HotBackup, ref('backup'));
  await w.until(HotBackup, ref('backup'), (now) => now?.status?.message === `Hazelcast 'other' is to be restored from ${folder}`);
  await w.clock.advance(60_000);
  await w.api.patch(HotBackup, ref('backup'), { type: 'merge', body: { spec: { deletionPolicy: 'Retain' } } });
  await w.until(HotBackup, ref('backup'), (now) => now === undefined);
  assert.deepEqual(removed(lines), []);
});

test('a Job that waits for a node takes nothing off any more once its backup is to stay, or its cluster goes', { timeout: 120_000 }, async () => {
  const wishes: readonly ((w: World) => Promise<unknown>)[] = [
    (w) => w.api.patch(HotBackup, ref('backup'), { type: 'merge', body: { spec: { deletionPolicy: 'Retain' } } }),
    (w) => w.api.delete(Hazelcast, CLUSTER),
  ];
  for (const wish of wishes) {
    const { subject, lines } = overheard();
    await using w = await world([subject]);
    w.start(subject);
    await cluster(w);
    const folder = await taken(w, 'backup', { deletionPolicy: 'Delete' });
    const { name } = (await w.api.list(Node)).items[0]!.metadata;
    const cordon = (unschedulable: boolean) => w.api.patch(Node, { name }, { type: 'merge', body: { spec: { unschedulable } } });
    await cordon(true);
    await w.api.delete(HotBackup, ref('backup'));
    await w.until(HotBackup, ref('backup'), (now) => now?.status?.message?.startsWith(`${folder} is being taken off`) === true);
    await w.clock.advance(60_000);
    assert.equal((await w.api.list(Job)).items.length, 2, 'they wait');
    await wish(w);
    await w.until(HotBackup, ref('backup'), (now) => now === undefined, 600_000);
    await cordon(false);
    await w.clock.advance(600_000);
    assert.deepEqual([removed(lines), (await w.api.list(Job)).items], [[], []]);
  }
});

test(
  'a Job whose pod cannot run is told with the pod’s reason, and goes on when that is mended, when it is made anew, or not at all',
  { timeout: 120_000 },
  async () => {
    const { subject, lines } = overheard();
    await using w = await world([subject]);
    w.start(subject);
    await cluster(w);
    const says = async (name: string, text: RegExp) => {
      const condition = (now: Live<typeof HotBackup> | undefined) => conditionOf(now ?? {}, 'Ready');
      await w.until(HotBackup, ref(name), (now) => condition(now)?.reason === 'RemovalWaits' && text.test(condition(now)?.message ?? ''), 600_000);
      assert.match(condition(await w.find(HotBackup, ref(name)))?.message ?? '', /Job; or set spec\.deletionPolicy to Retain$/);
    };
    const [unscheduled, unpulled, kept] = [
      await taken(w, 'unscheduled', { deletionPolicy: 'Delete' }),
      await taken(w, 'unpulled', { deletionPolicy: 'Delete' }),
      await taken(w, 'kept', { deletionPolicy: 'Delete' }),
    ];
    const { name } = (await w.api.list(Node)).items[0]!.metadata;
    const cordon = (unschedulable: boolean) => w.api.patch(Node, { name }, { type: 'merge', body: { spec: { unschedulable } } });
    await cordon(true);
    await w.api.delete(HotBackup, ref('unscheduled'));
    await says('unscheduled', /^backup-\d+ is not taken off [\w-]+-0 yet: pod [\w-]+: Unschedulable: 0\/1 nodes are available/);
    await cordon(false);
    await w.until(HotBackup, ref('unscheduled'), (now) => now === undefined, 600_000);
    assert.deepEqual(removed(lines), [unscheduled, unscheduled]);

    const repository = (value: string) => w.api.patch(Hazelcast, CLUSTER, { type: 'merge', body: { spec: { repository: value } } });
    await repository('nowhere/none');
    for (const one of ['unpulled', 'kept']) await w.api.delete(HotBackup, ref(one));
    for (const one of ['unpulled', 'kept']) await says(one, /: pod [\w-]+: (ErrImagePull|ImagePullBackOff)\b/);
    await repository('hazelcast/hazelcast-enterprise');
    await w.api.patch(HotBackup, ref('kept'), { type: 'merge', body: { spec: { deletionPolicy: 'Retain' } } });
    await w.until(HotBackup, ref('kept'), (now) => now === undefined);
    assert.equal(removed(lines).length, 2);
    for (const { metadata } of (await w.api.list(Job)).items) await w.api.delete(Job, ref(metadata.name));
    await w.until(HotBackup, ref('unpulled'), (now) => now === undefined, 600_000);
    assert.ok(!removed(lines).includes(kept));
    assert.deepEqual(removed(lines).slice(2), [unpulled, unpulled]);
  },
);

test('a schedule keeps as many backups as HotBackups, and those that are there when it is deleted', { timeout: 60_000 }, async () => {
  const { subject, lines } = overheard();
  await using w = await world([subject]);
  w.start(subject);
  await cluster(w);
  const template = { spec: { hazelcastResourceName: CLUSTER.name, deletionPolicy: 'Delete' } };
  await put(w, CronHotBackup, 'often', { spec: { schedule: '* * * * *', successfulHotBackupsHistoryLimit: 2, hotBackupTemplate: template } });
  await w.clock.until(() => new Set(removed(lines)).size >= 2, { withinMs: 3_600_000 });
  const made = (await w.api.list(HotBackup)).items.filter(({ status, metadata }) => status?.state === 'Success' && metadata.deletionTimestamp === undefined);
  assert.equal(made.length, 2);
  const kept = made.map(({ status }) => status?.backupUUIDs?.[0]?.split('/')[0]);
  assert.ok(kept.every((folder) => !removed(lines).includes(folder!)));
  await w.api.patch(CronHotBackup, ref('often'), { type: 'merge', body: { spec: { suspend: true } } });
  await w.clock.advance(30_000);
  const before = removed(lines).length;
  await w.api.delete(CronHotBackup, ref('often'));
  await w.until(CronHotBackup, ref('often'), (now) => now === undefined, 600_000);
  assert.equal(removed(lines).length, before);
  assert.equal((await events(w, 'LeftBehind')).length, 2);
});

test('of a cluster that is gone nothing is removed, and an Event says what stays', { timeout: 60_000 }, async () => {
  const { subject, lines } = overheard();
  await using w = await world([subject]);
  w.start(subject);
  await cluster(w);
  const folder = await taken(w, 'backup', { deletionPolicy: 'Delete' });
  await w.api.delete(Hazelcast, CLUSTER);
  await w.until(Hazelcast, CLUSTER, (now) => now === undefined, 600_000);
  await gone(w, 'backup');
  assert.deepEqual(removed(lines), []);
  assert.deepEqual(await events(w, 'LeftBehind'), [`${folder} stays on the volumes: its cluster is gone`]);
});
