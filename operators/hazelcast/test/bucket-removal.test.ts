/** What becomes of finished backups in buckets when their HotBackups go: `spec.deletionPolicy`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, isReady } from '@binnacle/client';
import { CoreEvent, Secret } from '@binnacle/client/kinds';
import { admit } from '@binnacle/schema';
import { world } from '@binnacle/testing';
import type { Subject, World } from '@binnacle/testing';
import type { Buckets } from '../src/backup/bucket/client.ts';
import { BucketError } from '../src/backup/bucket/error.ts';
import { CronHotBackup, Hazelcast, HotBackup, hazelcastOperator } from '../src/index.ts';
import { LICENCE, put } from './put.ts';
import { overheard } from './subject.ts';

const CLUSTER = { namespace: 'default', name: 'hazelcast' };
const ref = (name: string) => ({ namespace: 'default', name });
const base64 = (text: string) => Buffer.from(text).toString('base64');
const ACCOUNT = { data: { 'access-key-id': base64('id'), 'secret-access-key': base64('the-secret'), region: base64('eu-west-1') } };
const BUCKET = { hazelcastResourceName: CLUSTER.name, bucketURI: 's3://bucket/backups', secretName: 'account' };

/** A cluster of two, and an operator of which a bucket may refuse what it is asked. */
async function started(refuses: (key: string) => BucketError | undefined = () => undefined) {
  const { subject, buckets, lines } = overheard();
  const asked: string[] = [];
  const doors: Buckets = {
    async delete(bucket, key, mandate) {
      asked.push(key);
      const error = refuses(key);
      if (error !== undefined) throw error;
      await buckets.delete(bucket, key, mandate);
    },
  };
  const mine: Subject = { ...subject, create: (parts) => hazelcastOperator({ ...parts, buckets: doors }) };
  const w = await world([mine]);
  w.start(mine);
  await put(w, Secret, 'licence', LICENCE);
  await put(w, Secret, 'account', ACCOUNT);
  const pvc = { accessModes: ['ReadWriteOnce'], requestStorage: '8Gi' };
  await put(w, Hazelcast, CLUSTER.name, { spec: { clusterSize: 2, version: '5.5.0', licenseKeySecretName: 'licence', persistence: { pvc } } });
  await w.until(Hazelcast, CLUSTER, (now) => now !== undefined && isReady(now), 600_000);
  return { w, asked, lines, stored: () => buckets.stored() };
}

async function taken(w: World, name: string, spec: object): Promise<void> {
  await put(w, HotBackup, name, { spec: { ...BUCKET, ...spec } });
  await w.until(HotBackup, ref(name), (now) => now?.status?.state === 'Success', 600_000);
}

async function gone(w: World, name: string): Promise<void> {
  await w.api.delete(HotBackup, ref(name));
  await w.until(HotBackup, ref(name), (now) => now === undefined, 600_000);
}

/** Until `Ready` is False for that reason; its message. */
async function told(w: World, name: string, reason: string): Promise<string> {
  await w.until(HotBackup, ref(name), (now) => conditionOf(now ?? {}, 'Ready')?.reason === reason, 600_000);
  return conditionOf((await w.find(HotBackup, ref(name))) ?? {}, 'Ready')?.message ?? '';
}

const retain = (w: World, name: string) => w.api.patch(HotBackup, ref(name), { type: 'merge', body: { spec: { deletionPolicy: 'Retain' } } });
const events = async (w: World, reason: string) =>
  (await w.api.list(CoreEvent)).items.filter((one) => one.reason === reason).map(({ message }) => message ?? '');

test('a backup goes from its bucket with its HotBackup where that is asked for, and nothing else does', { timeout: 60_000 }, async () => {
  const { w, asked, stored } = await started();
  await using _ = w;
  await taken(w, 'deleted', { deletionPolicy: 'Delete' });
  const own = stored();
  await taken(w, 'retained', { deletionPolicy: 'Retain' });
  await taken(w, 'silent', {});
  await taken(w, 'beside', { bucketURI: 's3://bucket/backups-2', deletionPolicy: 'Delete' });
  const all = stored();
  assert.deepEqual([own.length, all.length], [2, 8]);
  for (const name of ['retained', 'silent']) await gone(w, name);
  assert.deepEqual([stored(), asked], [all, []]);
  // The cluster is not needed for it.
  await w.api.delete(Hazelcast, CLUSTER);
  await w.until(Hazelcast, CLUSTER, (now) => now === undefined, 600_000);
  await gone(w, 'deleted');
  assert.deepEqual(
    stored(),
    all.filter((name) => !own.includes(name)),
  );
  assert.deepEqual(await events(w, 'BackupRemoved'), ['its 2 objects are gone from s3://bucket']);
});

test('a Secret that is gone, or has not what it takes, is told, and once it is there the backup goes', { timeout: 60_000 }, async () => {
  const { w, stored } = await started();
  await using _ = w;
  await taken(w, 'backup', { deletionPolicy: 'Delete' });
  await w.api.delete(Secret, ref('account'));
  await w.api.delete(HotBackup, ref('backup'));
  assert.equal(
    await told(w, 'backup', 'SecretNotFound'),
    'Secret account, with which s3://bucket is opened, is not there. Make it, or set spec.deletionPolicy to Retain, and the HotBackup goes without it',
  );
  await w.clock.advance(600_000);
  await put(w, Secret, 'account', { data: { region: base64('eu-west-1') } });
  assert.match(
    await told(w, 'backup', 'InvalidCredentials'),
    /^cannot be deleted from s3:\/\/bucket: the Secret has no access-key-id\. Correct the Secret, or set/,
  );
  assert.equal(stored().length, 2);
  await put(w, Secret, 'account', ACCOUNT);
  // At once, however long it waited: the Secret wakes it.
  await w.until(HotBackup, ref('backup'), (now) => now === undefined, 5_000);
  assert.deepEqual(stored(), []);
});

test('a right that is missing is told and asked for again, less and less often; half a backup is never called one', { timeout: 60_000 }, async () => {
  let refused = '';
  const { w, asked, stored } = await started((key) => (key === refused ? new BucketError('denied', 's3://bucket answers 403 AccessDenied') : undefined));
  await using _ = w;
  await taken(w, 'backup', { deletionPolicy: 'Delete' });
  refused = stored()[1]!.slice('s3://bucket/'.length);
  await w.api.delete(HotBackup, ref('backup'));
  const message = await told(w, 'backup', 'BucketDenied');
  assert.match(message, /403 AccessDenied\. Give the account of the Secret the right to delete objects there, or set spec\.deletionPolicy to Retain/);
  const { status } = (await w.find(HotBackup, ref('backup'))) ?? {};
  assert.deepEqual(status?.removal?.left, [status?.backupUUIDs?.find((entry) => entry.endsWith(refused))]);
  await w.clock.advance(3_600_000);
  const first = asked.length;
  await w.clock.advance(3_600_000);
  assert.ok(first < 40 && asked.length - first <= 13 && asked.length > first, `${first}, then ${asked.length - first}`);
  const pvc = { accessModes: ['ReadWriteOnce'], requestStorage: '8Gi' };
  const restore = { hotBackupResourceName: 'backup' };
  await put(w, Hazelcast, 'late', { spec: { clusterSize: 1, version: '5.5.0', licenseKeySecretName: 'licence', persistence: { pvc, restore } } });
  await w.until(Hazelcast, ref('late'), (now) => conditionOf(now ?? {}, 'Ready')?.reason === 'BackupGoing');
  await retain(w, 'backup');
  await w.until(HotBackup, ref('backup'), (now) => now === undefined);
  await w.until(Hazelcast, ref('late'), (now) => conditionOf(now ?? {}, 'Ready')?.reason === 'NotFound');
  assert.deepEqual(await events(w, 'LeftBehind'), ['1 of its 2 objects may still be in s3://bucket: without the others they are no backup']);
  assert.equal(stored().length, 1);
});

test('a bucket that does not answer holds up neither other backups nor other buckets', { timeout: 60_000 }, async () => {
  const hanging = new Set<string>();
  const { subject, buckets } = overheard();
  const slow: Subject = {
    ...subject,
    create: (parts) =>
      hazelcastOperator({
        ...parts,
        buckets: {
          async delete(bucket, key, mandate) {
            if (!bucket.uri.includes('slow')) return await buckets.delete(bucket, key, mandate);
            hanging.add(key);
            await parts.clock.sleep(15_000, mandate.signal);
            throw new BucketError('unreachable', 'no answer from slow: not in time');
          },
        },
      }),
  };
  await using w = await world([slow]);
  w.start(slow);
  await put(w, Secret, 'licence', LICENCE);
  await put(w, Secret, 'account', ACCOUNT);
  const pvc = { accessModes: ['ReadWriteOnce'], requestStorage: '8Gi' };
  await put(w, Hazelcast, CLUSTER.name, { spec: { clusterSize: 1, version: '5.5.0', licenseKeySecretName: 'licence', persistence: { pvc } } });
  await w.until(Hazelcast, CLUSTER, (now) => now !== undefined && isReady(now), 600_000);
  const names = Array.from({ length: 10 }, (_, index) => `slow-${index}`);
  for (const name of names) await taken(w, name, { bucketURI: 's3://slow', deletionPolicy: 'Delete' });
  await taken(w, 'fast', { deletionPolicy: 'Delete' });
  for (const name of names) await w.api.delete(HotBackup, ref(name));
  await w.clock.until(() => hanging.size >= 2);
  await w.api.delete(HotBackup, ref('fast'));
  await put(w, HotBackup, 'next', { spec: { hazelcastResourceName: CLUSTER.name } });
  await w.until(HotBackup, ref('next'), (now) => now?.status?.state === 'Success', 30_000);
  await w.until(HotBackup, ref('fast'), (now) => now === undefined, 300_000);
  assert.match(
    await told(w, 'slow-9', 'BucketUnreachable'),
    /^cannot be deleted from s3:\/\/slow: no answer from slow: not in time\. It is tried again, or set/,
  );
  for (const name of names) await retain(w, name);
  for (const name of names) await w.until(HotBackup, ref(name), (now) => now === undefined);
});

test('what an upload that failed has left behind goes with its HotBackup, from the volumes and from the bucket', { timeout: 60_000 }, async () => {
  const { w, asked, lines } = await started();
  await using _ = w;
  for (const deletionPolicy of ['Retain', 'Delete']) {
    await put(w, HotBackup, deletionPolicy.toLowerCase(), { spec: { ...BUCKET, bucketURI: 's3://unreachable', deletionPolicy } });
    await w.until(HotBackup, ref(deletionPolicy.toLowerCase()), (now) => now?.status?.state === 'Failure', 600_000);
  }
  const { remains } = (await w.find(HotBackup, ref('delete')))?.status ?? {};
  assert.match(remains?.folder ?? '', /^backup-\d{13}$/);
  assert.equal(remains?.objects?.length, 2);
  await gone(w, 'retain');
  assert.deepEqual([asked, lines.filter((line) => line.startsWith('rm -rf'))], [[], []]);
  await gone(w, 'delete');
  assert.deepEqual(
    asked.map((key) => `s3://unreachable?prefix=${key}`),
    remains?.objects,
  );
  const rm = `rm -rf -- /data/persistence/base-dir/hot-backup/${remains?.folder}`;
  assert.deepEqual(
    lines.filter((line) => line.startsWith('rm -rf')),
    [rm, rm],
  );
  assert.deepEqual((await events(w, 'BackupRemoved')).toSorted(), [
    `${remains?.folder} was taken off 2 volumes`,
    'its 2 objects are gone from s3://unreachable',
  ]);
  assert.ok(isReady((await w.find(Hazelcast, CLUSTER))!), 'members never noticed');
});

test('a schedule whose uploads fail, for want of a right that deleting wants as well, does not pile up HotBackups', { timeout: 60_000 }, async () => {
  const { w, lines } = await started(() => new BucketError('denied', 's3://unreachable answers 403 AccessDenied'));
  await using _ = w;
  const template = { spec: { ...BUCKET, bucketURI: 's3://unreachable', deletionPolicy: 'Delete' } };
  await put(w, CronHotBackup, 'often', { spec: { schedule: '* * * * *', failedHotBackupsHistoryLimit: 1, hotBackupTemplate: template } });
  await w.clock.until(() => new Set(lines.filter((line) => line.startsWith('rm -rf'))).size >= 3, { withinMs: 3_600_000 });
  assert.ok((await w.api.list(HotBackup)).items.length <= 3);
  assert.match(
    (await events(w, 'LeftBehind'))[0] ?? '',
    /^a part of the backup that failed may be in the bucket: cannot be deleted from s3:\/\/unreachable: .*403 AccessDenied\. Give the account of the Secret the right to delete objects there$/,
  );
});

test('nothing goes that a cluster is to be restored from, by the bucket or from above it', { timeout: 60_000 }, async () => {
  const { w, stored } = await started();
  await using _ = w;
  await taken(w, 'backup', { deletionPolicy: 'Delete' });
  const pvc = { accessModes: ['ReadWriteOnce'], requestStorage: '8Gi' };
  const restore = { bucketConfig: { bucketURI: 's3://bucket/backups/hazelcast', secretName: 'account' } };
  await put(w, Hazelcast, 'other', { spec: { clusterSize: 0, version: '5.5.0', licenseKeySecretName: 'licence', persistence: { pvc, restore } } });
  await w.api.delete(HotBackup, ref('backup'));
  assert.equal(await told(w, 'backup', 'Referenced'), "Hazelcast 'other' is to be restored from it");
  await w.clock.advance(60_000);
  assert.equal(stored().length, 2);
  await w.api.delete(Hazelcast, ref('other'));
  await w.until(HotBackup, ref('backup'), (now) => now === undefined, 60_000);
  assert.deepEqual(stored(), []);
});

test('a schedule keeps as many backups in the bucket as HotBackups, and those that are there when it is deleted', { timeout: 60_000 }, async () => {
  const { w, stored } = await started();
  await using _ = w;
  const template = { spec: { ...BUCKET, deletionPolicy: 'Delete' } };
  await put(w, CronHotBackup, 'often', { spec: { schedule: '* * * * *', successfulHotBackupsHistoryLimit: 2, hotBackupTemplate: template } });
  await w.clock.until(async () => (await events(w, 'BackupRemoved')).length >= 2, { withinMs: 3_600_000 });
  await w.api.patch(CronHotBackup, ref('often'), { type: 'merge', body: { spec: { suspend: true } } });
  await w.clock.advance(60_000);
  const kept = (await w.api.list(HotBackup)).items;
  assert.equal(kept.length, 2);
  assert.equal(stored().length, 4);
  await w.api.delete(CronHotBackup, ref('often'));
  await w.until(CronHotBackup, ref('often'), (now) => now === undefined, 600_000);
  assert.equal(stored().length, 4);
  assert.match((await events(w, 'LeftBehind'))[0] ?? '', /^it stays in s3:\/\/bucket: CronHotBackup often goes, and its backups stay$/);
});

test('a schedule keeps backups in the bucket for as long as is wanted, and the last one for ever', { timeout: 60_000 }, async () => {
  const { w, stored } = await started();
  await using _ = w;
  const template = { spec: { ...BUCKET, deletionPolicy: 'Delete' } };
  const spec = { schedule: '*/10 * * * *', successfulHotBackupsHistoryLimit: 100, historyMaxAgeSeconds: 1_500, hotBackupTemplate: template };
  await put(w, CronHotBackup, 'often', { spec });
  await w.clock.advance(3_600_000);
  const names = (await w.api.list(HotBackup)).items.map(({ metadata }) => metadata.name);
  assert.equal(names.length, 3, names.join());
  assert.equal(stored().length, 6);
  await w.api.patch(CronHotBackup, ref('often'), { type: 'merge', body: { spec: { suspend: true } } });
  await w.clock.advance(3_000_000);
  const left = (await w.api.list(HotBackup)).items.map(({ metadata }) => metadata.name);
  assert.deepEqual(left, names.slice(-1));
  assert.equal(stored().length, 2);
});

test('a status that names what is not of the backup leads nowhere, and the HotBackup waits for the user', { timeout: 60_000 }, async () => {
  const { w, asked, stored } = await started();
  await using _ = w;
  await taken(w, 'backup', { deletionPolicy: 'Delete' });
  const before = stored();
  const strange = 's3://bucket?prefix=backups/other/2026-01-01-00-00-00/00000000-0000-4000-8000-000000000001.tar.gz';
  await w.api.patch(HotBackup, ref('backup'), { type: 'merge', body: { status: { backupUUIDs: [strange] } } }, { subresource: 'status' });
  await w.until(HotBackup, ref('backup'), (now) => now?.status?.backupUUIDs?.[0] === strange);
  await w.api.delete(HotBackup, ref('backup'));
  assert.ok((await told(w, 'backup', 'RemovalFails')).includes(strange));
  assert.deepEqual([stored(), asked], [before, []]);
  await retain(w, 'backup');
  await w.until(HotBackup, ref('backup'), (now) => now === undefined);
});

test('what the operator cannot delete cannot be asked to go, and what was stored before stays editable', () => {
  const refused = (spec: object, before?: object): string => {
    const whole = (of: object) => ({ metadata: { name: 'a' }, spec: of });
    const backup = admit(HotBackup, whole(spec) as never, (before === undefined ? undefined : whole(before)) as never);
    const cron = (of: object) => whole({ schedule: '@daily', hotBackupTemplate: { spec: of } });
    const schedule = admit(CronHotBackup, cron(spec) as never, (before === undefined ? undefined : cron(before)) as never);
    const [one, other] = [backup, schedule].map(({ errors }) =>
      errors.map(({ field, message }) => `${field.replace('.hotBackupTemplate.spec', '')}: ${message}`).join(),
    );
    assert.equal(one, other, 'a template is judged as a HotBackup');
    return one ?? '';
  };
  const wanted = { ...BUCKET, deletionPolicy: 'Delete' };
  const { secretName: _, ...nameless } = wanted;
  assert.equal(refused(wanted), '');
  assert.equal(refused({ ...nameless, secret: 'account' }), '');
  const identity = 'spec.deletionPolicy: Forbidden: deleting from a bucket takes secretName: the operator has not the identity of the pods';
  assert.equal(refused(nameless), identity);
  assert.equal(refused({ ...wanted, secretName: '' }, wanted), identity);
  assert.match(
    refused({ ...wanted, bucketURI: 's3://bucket/a b' }),
    /^spec\.deletionPolicy: Forbidden: what is in this bucketURI cannot be deleted from here: its path has/,
  );
  assert.equal(refused({ ...nameless, activeDeadlineSeconds: 60 }, nameless), '');
  assert.equal(refused({ ...nameless, deletionPolicy: 'Retain' }), '');
});
