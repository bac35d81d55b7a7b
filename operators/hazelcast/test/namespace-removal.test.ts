/** What becomes of backups that are to go with their HotBackups, `deletionPolicy: Delete`, when their namespace is deleted and takes along what deleting them takes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, connect, isReady } from '@binnacle/client';
import type { AnyKind, Transport } from '@binnacle/client';
import { Namespace, Pod, Secret } from '@binnacle/client/kinds';
import { logger, runOperator } from '@binnacle/runtime';
import { world } from '@binnacle/testing';
import type { Subject, World } from '@binnacle/testing';
import { CronHotBackup, Hazelcast, HotBackup } from '../src/index.ts';
import { LICENCE } from './put.ts';
import { overheard } from './subject.ts';

const TEAM = 'team';
const ref = (name: string) => ({ namespace: TEAM, name });
const ACCOUNT = { data: Object.fromEntries(['access-key-id', 'secret-access-key', 'region'].map((name) => [name, 'YQ=='])) };
const BUCKET = { hazelcastResourceName: 'hazelcast', bucketURI: 's3://bucket/backups', secretName: 'account', deletionPolicy: 'Delete' };
/** More than it may take; ms. */
const LONG_MS = 900_000;

interface Logged {
  readonly message: string;
  readonly reason?: string;
  readonly object?: { readonly name: string };
}

/** The operator with its account's rights, and what it logs. `namespacesLateMs`: after how long it hears of what becomes of namespaces. */
async function started(t: { after(end: () => Promise<void>): void }, { namespacesLateMs = 0 } = {}) {
  const { subject, buckets } = overheard();
  const w = await world([subject]);
  const logged: Logged[] = [];
  const stop = run(w, subject, logged, namespacesLateMs);
  t.after(async () => {
    await stop();
    await w[Symbol.asyncDispose]();
  });
  await w.api.create(Namespace, { metadata: { name: TEAM } });
  await put(w, Secret, 'licence', LICENCE);
  await put(w, Secret, 'account', ACCOUNT);
  const pvc = { accessModes: ['ReadWriteOnce'], requestStorage: '8Gi' };
  await put(w, Hazelcast, 'hazelcast', { spec: { clusterSize: 2, version: '5.5.0', licenseKeySecretName: 'licence', persistence: { pvc } } });
  await w.until(Hazelcast, ref('hazelcast'), (now) => now !== undefined && isReady(now), 600_000);
  return { w, stored: () => buckets.stored(), left: () => logged.filter(({ reason }) => reason === 'LeftBehind') };
}

function run(w: World, subject: Subject, logged: Logged[], namespacesLateMs: number): () => Promise<void> {
  const { clock, sandbox } = w;
  const stop = new AbortController();
  const name = 'system:serviceaccount:binnacle-system:hazelcast-operator';
  const groups = ['system:serviceaccounts', 'system:serviceaccounts:binnacle-system', 'system:authenticated'];
  const line = sandbox.transport({ name, groups });
  const late = async function* (body: AsyncIterable<Uint8Array>) {
    for await (const chunk of body) {
      await clock.sleep(namespacesLateMs);
      yield chunk;
    }
  };
  const transport: Transport = {
    async send(request, signal) {
      const response = await line.send(request, signal);
      return namespacesLateMs > 0 && /^\/api\/v1\/namespaces\?.*watch=/.test(request.path) ? { ...response, body: late(response.body) } : response;
    },
    [Symbol.asyncDispose]: () => line[Symbol.asyncDispose](),
  };
  const api = connect({ clock, transport, userAgent: 'test' });
  const log = logger({ level: 'warn', destination: { write: (line) => void logged.push(JSON.parse(line) as Logged) } });
  const ended = runOperator(subject.create({ network: sandbox.network, clock, log }), {
    api,
    clock,
    log,
    namespaces: 'all',
    leaderElection: false,
    signal: stop.signal,
  });
  return async () => {
    stop.abort();
    let over = false;
    const stopped = ended.finally(() => (over = true));
    await clock.until(() => over);
    await stopped;
  };
}

const put = (w: World, kind: AnyKind, name: string, content: object) =>
  w.api.apply(kind, { metadata: ref(name), ...content }, { fieldManager: 'user', force: true });

async function taken(w: World, name: string, spec: object): Promise<readonly string[]> {
  await put(w, HotBackup, name, { spec });
  await w.until(HotBackup, ref(name), (now) => now?.status?.state === 'Success', 600_000);
  return (await w.find(HotBackup, ref(name)))?.status?.backupUUIDs ?? [];
}

const gone = (w: World) => w.until(Namespace, { name: TEAM }, (now) => now === undefined, LONG_MS);

test(
  'a namespace goes although the Secret is gone with which its backup would be deleted; what stays in the bucket is named in the log',
  { timeout: 60_000 },
  async (t) => {
    const { w, stored, left } = await started(t);
    const entries = await taken(w, 'backup', BUCKET);
    const all = stored();
    await w.api.delete(Secret, ref('account'));
    await w.api.delete(HotBackup, ref('backup'));
    await w.until(HotBackup, ref('backup'), (now) => conditionOf(now ?? {}, 'Ready')?.reason === 'SecretNotFound');
    // As long as the namespace stays, a Secret may come.
    await w.clock.advance(600_000);
    assert.ok((await w.find(HotBackup, ref('backup'))) !== undefined);
    assert.deepEqual(left(), []);
    await w.api.delete(Namespace, { name: TEAM });
    await gone(w);
    const [told, ...more] = left();
    assert.deepEqual([told?.object?.name, more], ['backup', []]);
    const keys = entries.map((entry) => entry.replace('s3://bucket?prefix=', '')).join(', ');
    assert.equal(
      told?.message,
      `2 of its 2 objects may still be in s3://bucket, since Secret account, with which it is opened, has gone with the namespace; delete them there: ${keys}`,
    );
    assert.deepEqual(stored(), all);
  },
);

test('a namespace that is deleted whole goes, and of each backup in a bucket either nothing stays, or what stays is told', { timeout: 60_000 }, async (t) => {
  const { w, stored, left } = await started(t);
  for (const name of ['one', 'two', 'three']) await taken(w, name, BUCKET);
  await w.api.delete(Namespace, { name: TEAM });
  await gone(w);
  const told = left().map(({ message }) => message);
  for (const object of stored())
    assert.ok(
      told.some((message) => message.includes(object.replace('s3://bucket/', ''))),
      `${object} stays, and nobody is told`,
    );
});

test('the backups of a schedule do not go with its namespace, whichever of them is deleted first', { timeout: 60_000 }, async (t) => {
  const { w, stored, left } = await started(t);
  const spec = { schedule: '* * * * *', hotBackupTemplate: { spec: BUCKET } };
  await put(w, CronHotBackup, 'often', { spec });
  await w.until(CronHotBackup, ref('often'), (now) => now?.status?.lastSuccessfulTime !== undefined, 600_000);
  await put(w, CronHotBackup, 'often', { spec: { ...spec, suspend: true } });
  await w.until(CronHotBackup, ref('often'), (now) => now?.status?.active === undefined);
  const all = stored();
  assert.ok(all.length >= 2);
  await w.api.delete(Namespace, { name: TEAM });
  // While pods end nothing else is deleted: on a real cluster the HotBackups may be the first, and their schedule the last.
  for (const { metadata } of (await w.api.list(HotBackup)).items) await w.api.delete(HotBackup, ref(metadata.name));
  await w.clock.advance(1_000);
  assert.equal((await w.find(CronHotBackup, ref('often')))?.metadata.deletionTimestamp, undefined);
  await gone(w);
  assert.deepEqual(stored(), all);
  assert.ok(left().length > 0 && left().every(({ message }) => message.startsWith('it stays in s3://bucket: CronHotBackup often goes')));
});

for (const namespacesLateMs of [0, 5_000])
  test(
    `a backup on volumes holds no namespace, of which it hears ${namespacesLateMs} ms later: the claims go too, and no Job can be made`,
    { timeout: 60_000 },
    async (t) => {
      const { w, left } = await started(t, { namespacesLateMs });
      const [entry = ''] = await taken(w, 'backup', { hazelcastResourceName: 'hazelcast', deletionPolicy: 'Delete' });
      // While a pod is there nothing else of the namespace is deleted: so the HotBackup goes before its cluster, as on a real one it may.
      const spec = { containers: [{ name: 'main', image: 'none' }], nodeName: 'none' };
      await put(w, Pod, 'held', { metadata: { ...ref('held'), finalizers: ['example.com/held'] }, spec });
      await w.api.delete(Namespace, { name: TEAM });
      await w.api.delete(HotBackup, ref('backup'));
      await w.until(HotBackup, ref('backup'), (now) => now === undefined, 30_000);
      assert.equal((await w.find(Hazelcast, ref('hazelcast')))?.metadata.deletionTimestamp, undefined);
      assert.deepEqual(
        left().map(({ message }) => message),
        [`${entry.split('/')[0]} stays on the volumes: its namespace goes, and the claims with it`],
      );
      await w.api.patch(Pod, ref('held'), { type: 'merge', body: { metadata: { finalizers: null } } });
      await gone(w);
    },
  );
