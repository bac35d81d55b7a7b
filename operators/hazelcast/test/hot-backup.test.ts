import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, isReady } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { admit } from '@binnacle/schema';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { Hazelcast, HotBackup } from '../src/index.ts';
import { LICENCE, put, subject } from './put.ts';
import { silentAgents } from './silent-agents.ts';
import { overheard } from './subject.ts';

const CLUSTER = { namespace: 'default', name: 'hazelcast' };
const ref = (name: string) => ({ namespace: 'default', name });
const stateOf = async (w: World, name: string) => (await w.find(HotBackup, ref(name)))?.status?.state;

async function cluster(w: World, spec: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await put(w, Secret, 'licence', LICENCE);
  const pvc = { accessModes: ['ReadWriteOnce'], requestStorage: '8Gi' };
  await put(w, Hazelcast, CLUSTER.name, { spec: { clusterSize: 2, version: '5.5.0', licenseKeySecretName: 'licence', persistence: { pvc }, ...spec } });
}

test('a backup that is older than its cluster waits for it, and is then taken of every member', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await put(w, HotBackup, 'backup', { spec: { hazelcastResourceName: CLUSTER.name } });
  await w.until(HotBackup, ref('backup'), (now) => now?.status?.state === 'Pending');
  await cluster(w);
  await w.until(HotBackup, ref('backup'), (now) => now !== undefined && isReady(now), 600_000);
  const status = (await w.find(HotBackup, ref('backup')))?.status;
  assert.equal(status?.state, 'Success');
  assert.equal(status?.run, undefined);
  assert.equal(status?.backupUUIDs?.length, 2);
  for (const backup of status?.backupUUIDs ?? []) assert.match(backup, /^backup-\d{13}\/[0-9a-f-]{36}$/);
  await w.until(Hazelcast, CLUSTER, (now) => now !== undefined && isReady(now));
  assert.ok((await w.find(Hazelcast, CLUSTER))?.status?.members?.every(({ state }) => state === 'ACTIVE'));
});

test('10.2.12: a backup waits for the Secret of its bucket, whichever field names it, and needs none without a bucket', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await cluster(w);
  const bucket = { hazelcastResourceName: CLUSTER.name, bucketURI: 's3://bucket' };
  await put(w, HotBackup, 'new', { spec: { ...bucket, secretName: 'account' } });
  await put(w, HotBackup, 'old', { spec: { ...bucket, secret: 'account' } });
  await put(w, HotBackup, 'local', { spec: { hazelcastResourceName: CLUSTER.name, secretName: 'account' } });
  for (const name of ['new', 'old']) await w.until(HotBackup, ref(name), (now) => now?.status?.message === 'spec.secretName: Not found: "account"');
  await w.until(HotBackup, ref('local'), (now) => now?.status?.state === 'Success', 600_000);
  await put(w, Secret, 'account', { data: { 'access-key-id': 'YQ==', 'secret-access-key': 'YQ==', region: 'YQ==' } });
  for (const name of ['new', 'old']) await w.until(HotBackup, ref(name), (now) => now?.status?.state === 'Success', 600_000);
});

test('two backups of one cluster are taken one after the other, whatever the operator goes through', { timeout: 120_000 }, async () => {
  await using w = await world([subject]);
  let process = w.start(subject);
  await cluster(w);
  await w.until(Hazelcast, CLUSTER, (now) => now !== undefined && isReady(now));
  const names = ['one', 'two'];
  for (const name of names) await put(w, HotBackup, name, { spec: { hazelcastResourceName: CLUSTER.name, bucketURI: 's3://bucket' } });
  let restarts = 0;
  for (let round = 0; round < 120; round++) {
    const all = await Promise.all(names.map((name) => w.find(HotBackup, ref(name))));
    assert.ok(all.filter((one) => one?.status?.run !== undefined).length <= 1, 'both are being taken');
    if (all.every((one) => one?.status?.state === 'Success')) break;
    await w.clock.advance(500);
    if (round % 6 !== 5) continue;
    process.kill();
    process = w.start(subject);
    restarts += 1;
  }
  assert.ok(restarts > 1, 'the operator was never restarted');
  // One of the restarts may have come between an upload and its answer: that one is waited for.
  for (const name of names) await w.until(HotBackup, ref(name), (now) => now?.status?.state === 'Success', 3_600_000);
  const keys = await Promise.all(names.map(async (name) => (await w.find(HotBackup, ref(name)))?.status?.backupUUIDs ?? []));
  assert.deepEqual(
    keys.map(({ length }) => length),
    [2, 2],
  );
  assert.equal(new Set(keys.flat()).size, 4);
  for (const key of keys.flat()) assert.match(key, /^s3:\/\/bucket\?prefix=hazelcast\/2026-01-01-00-\d\d-\d\d\/[0-9a-f-]+\.tar\.gz$/);
});

test('a backup that fails says why and is not tried again; the cluster is ACTIVE', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await cluster(w);
  await put(w, HotBackup, 'backup', { spec: { hazelcastResourceName: CLUSTER.name, bucketURI: 's3://unreachable' } });
  await w.until(HotBackup, ref('backup'), (now) => now?.status?.state === 'Failure', 600_000);
  assert.match((await w.find(HotBackup, ref('backup')))?.status?.message ?? '', /^Upload failed: hazelcast-0: no such host$/);
  await w.clock.advance(60_000);
  assert.equal(await stateOf(w, 'backup'), 'Failure');
  await w.until(Hazelcast, CLUSTER, (now) => now !== undefined && isReady(now));
});

test('a cluster that keeps nothing on disk is not backed up, and a condition says so', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await put(w, Hazelcast, CLUSTER.name, { spec: { clusterSize: 1, version: '5.5.0' } });
  await put(w, HotBackup, 'backup', { spec: { hazelcastResourceName: CLUSTER.name } });
  await w.until(HotBackup, ref('backup'), (now) => now?.status?.state === 'Failure');
  const hb = await w.find(HotBackup, ref('backup'));
  assert.equal(conditionOf(hb ?? {}, 'Ready')?.reason, 'PersistenceDisabled');
  assert.equal(hb?.status?.message, "Hazelcast 'hazelcast' must enable persistence");
});

test('deleting a backup half-way to the bucket leaves nothing of it there', { timeout: 60_000 }, async () => {
  const { subject: heard, lines } = overheard();
  await using w = await world([heard]);
  w.start(heard);
  await cluster(w);
  await put(w, HotBackup, 'backup', { spec: { hazelcastResourceName: CLUSTER.name, bucketURI: 's3://bucket' } });
  await w.until(HotBackup, ref('backup'), (now) => now?.status?.run?.uploads?.every(({ id }) => id !== undefined) === true, 600_000);
  await w.clock.until(() => lines.some((line) => line.startsWith('uploaded ')));
  await w.api.delete(HotBackup, ref('backup'));
  await w.until(HotBackup, ref('backup'), (now) => now === undefined);
  const keys = (what: string) => lines.flatMap((line) => (line.startsWith(`${what} `) ? [line.slice(what.length)] : [])).toSorted();
  assert.deepEqual(keys('removed'), keys('uploaded'));
});

test('a backup tells how far each member is, and once it has begun its spec is fixed', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await cluster(w);
  await put(w, HotBackup, 'backup', { spec: { hazelcastResourceName: CLUSTER.name, bucketURI: 's3://bucket' } });
  for (const state of ['Copying', 'Uploading', 'Uploaded'])
    await w.until(HotBackup, ref('backup'), (now) => now?.status?.members?.some((member) => member.state === state) === true, 600_000);
  const hb = await w.find(HotBackup, ref('backup'));
  const edited = { ...hb, spec: { hazelcastResourceName: 'other' } };
  assert.match(
    admit(HotBackup, edited, hb)
      .errors.map(({ field, message }) => `${field}: ${message}`)
      .join(),
    /^spec: Forbidden: field cannot be updated once/,
  );
  assert.deepEqual(admit(HotBackup, { ...edited, metadata: { ...hb?.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }, hb).errors, []);
});

test('a backup that takes longer than it may is given up, and the cluster is ACTIVE', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await cluster(w);
  await put(w, HotBackup, 'backup', { spec: { hazelcastResourceName: CLUSTER.name, activeDeadlineSeconds: 2 } });
  await w.until(HotBackup, ref('backup'), (now) => now?.status?.state === 'Failure', 600_000);
  const { status } = (await w.find(HotBackup, ref('backup'))) ?? {};
  assert.equal(status?.message, 'took longer than spec.activeDeadlineSeconds: 2');
  assert.ok(status?.startedAt !== undefined && status.finishedAt !== undefined && status.run === undefined);
  await w.until(Hazelcast, CLUSTER, (now) => now?.status?.members?.every(({ state }) => state === 'ACTIVE') === true);
});

test('a backup that waits for a person to do something holds up no later one', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await cluster(w);
  const made = { hazelcastResourceName: CLUSTER.name };
  await put(w, HotBackup, 'a-secret', { spec: { ...made, bucketURI: 's3://bucket', secretName: 'missing' } });
  await put(w, HotBackup, 'a-wrong', { spec: { ...made, bucketURI: 'ftp://bucket' } });
  await w.until(HotBackup, ref('a-secret'), (now) => conditionOf(now ?? {}, 'Ready')?.reason === 'SecretNotFound');
  await w.until(HotBackup, ref('a-wrong'), (now) => conditionOf(now ?? {}, 'Ready')?.reason === 'InvalidSpec');
  await put(w, HotBackup, 'later', { spec: made });
  await w.until(HotBackup, ref('later'), (now) => now?.status?.state === 'Success', 600_000);
});

test('a backup whose agent does not answer is given up in time, since the cluster is ACTIVE', { timeout: 60_000 }, async () => {
  const silent = { now: false };
  const operator = silentAgents(silent);
  await using w = await world([operator]);
  w.start(operator);
  await cluster(w);
  await put(w, HotBackup, 'backup', { spec: { hazelcastResourceName: CLUSTER.name, activeDeadlineSeconds: 60 } });
  await w.until(HotBackup, ref('backup'), (now) => now?.status?.run?.sequence !== undefined, 600_000);
  silent.now = true;
  await w.until(HotBackup, ref('backup'), (now) => now?.status?.state === 'Failure', 600_000);
  assert.match(
    (await w.find(HotBackup, ref('backup')))?.status?.message ?? '',
    /^took longer than spec.activeDeadlineSeconds, and could not be cleaned up after: /,
  );
  await w.until(Hazelcast, CLUSTER, (now) => now?.status?.hazelcastClusterStatus?.state === 'ACTIVE');
});

test('deleting a backup that is being taken ends it and leaves the cluster ACTIVE', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await cluster(w);
  await put(w, HotBackup, 'backup', { spec: { hazelcastResourceName: CLUSTER.name } });
  await w.until(HotBackup, ref('backup'), (now) => now?.status?.run?.sequence !== undefined, 600_000);
  await w.api.delete(HotBackup, ref('backup'));
  await w.until(HotBackup, ref('backup'), (now) => now === undefined);
  await put(w, HotBackup, 'next', { spec: { hazelcastResourceName: CLUSTER.name } });
  await w.until(HotBackup, ref('next'), (now) => now !== undefined && isReady(now));
});
