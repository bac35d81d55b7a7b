import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { CoreEvent, Job, Secret } from '@binnacle/client/kinds';
import { crashEverywhere } from '@binnacle/testing';
import type { Story, World } from '@binnacle/testing';
import { CronHotBackup, Hazelcast, HotBackup } from '../src/index.ts';
import { agentDoor } from './agent-door.ts';
import { messageDoor } from './message-door.ts';
import { LICENCE, put } from './put.ts';
import { restDoor } from './rest-door.ts';
import { nothingLost, restoredAtMost } from './stories.ts';
import { overheard } from './subject.ts';

const ref = (name: string) => ({ namespace: 'default', name });
const CLUSTER = 'hazelcast';
const ACCOUNT = { data: Object.fromEntries(['access-key-id', 'secret-access-key', 'region'].map((name) => [name, 'YQ=='])) };
/** More than an upload that nobody knows of is waited for; ms. */
const LONG_MS = 7_200_000;

const finished = (w: World, name: string) =>
  w.until(HotBackup, ref(name), (now) => now?.status?.state === 'Success' || now?.status?.state === 'Failure', LONG_MS);

/** Of the schedule whose backups age: of 2026-01-01T00:20:00Z, and then of the year after. */
const LAST = 'aging-1798762200';

/** A cluster, and what is watched in all stories: it is PASSIVE only while a backup is being taken, and of one backup at a time. */
function story(clusterSize: number, when: Story['when'], end: (w: World, lines: readonly string[], stored: readonly string[]) => Promise<void>): Story {
  const { subject, lines, buckets } = overheard();
  const agent = agentDoor(subject, buckets);
  return {
    subject: agent.subject,
    doors: [messageDoor, restDoor, agent.door],
    async given(w) {
      await put(w, Secret, 'licence', LICENCE);
      const pvc = { accessModes: ['ReadWriteOnce'], requestStorage: '8Gi' };
      await put(w, Hazelcast, CLUSTER, { spec: { clusterSize, version: '5.5.0', licenseKeySecretName: 'licence', persistence: { pvc } } });
      await w.until(Hazelcast, ref(CLUSTER), (now) => now !== undefined && isReady(now));
    },
    when,
    always: [
      nothingLost(lines),
      restoredAtMost(lines, 0),
      async (w) => {
        const taken = (await w.api.list(HotBackup)).items.filter(({ status }) => status?.run !== undefined);
        assert.ok(taken.length <= 1, `taken at once: ${taken.map(({ metadata }) => metadata.name).join(', ')}`);
        if (taken.length === 0) assert.notEqual(stateOf(lines), 'PASSIVE', 'PASSIVE at rest');
      },
    ],
    async finally(w) {
      assert.notEqual(stateOf(lines), 'PASSIVE', 'the cluster was left PASSIVE');
      await end(w, lines, buckets.stored());
    },
  };
}

/** The state that the cluster was last put in. */
function stateOf(lines: readonly string[]): string {
  return lines.findLast((line) => line.includes('Cluster state is '))?.replace(/.*Cluster state is /, '') ?? 'ACTIVE';
}

/** What is in the bucket, by what agents said that they did. */
function bucketOf(lines: readonly string[]): readonly string[] {
  const there = new Set<string>();
  for (const line of lines) {
    const [verb, key = ''] = line.split(' ');
    if (verb === 'uploaded') there.add(key);
    if (verb === 'removed') there.delete(key);
  }
  return [...there].toSorted();
}

const sequences = (lines: readonly string[]) => new Set(lines.flatMap((line) => /Starting new hot restart backup with sequence (\d+)/.exec(line)?.[1] ?? []));

test('a backup on the volumes is taken once, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(t, () =>
    story(
      2,
      {
        async taken(w) {
          await put(w, HotBackup, 'backup', { spec: { hazelcastResourceName: CLUSTER } });
          await finished(w, 'backup');
        },
      },
      async (w, lines) => {
        const { status } = (await w.find(HotBackup, ref('backup'))) ?? {};
        assert.equal(status?.state, 'Success', status?.message);
        assert.equal(status?.backupUUIDs?.length, 2);
        assert.equal(sequences(lines).size, 1, 'members were told twice');
      },
    ),
  );
  assert.ok((ran.calls['message'] ?? 0) >= 10, 'members were told and not asked');
});

test('a backup that goes with its HotBackup goes from every volume and leaves no Job, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(t, () =>
    story(
      2,
      {
        async gone(w) {
          await put(w, HotBackup, 'backup', { spec: { hazelcastResourceName: CLUSTER, deletionPolicy: 'Delete' } });
          await put(w, HotBackup, 'kept', { spec: { hazelcastResourceName: CLUSTER } });
          for (const name of ['backup', 'kept']) await finished(w, name);
          await w.api.delete(HotBackup, ref('backup'));
          await w.until(HotBackup, ref('backup'), (now) => now === undefined, LONG_MS);
        },
      },
      async (w, lines) => {
        const removed = lines.filter((line) => line.startsWith('rm -rf -- '));
        const kept = (await w.find(HotBackup, ref('kept')))?.status?.backupUUIDs?.[0]?.split('/')[0] ?? 'none';
        assert.ok(removed.length >= 2 && new Set(removed).size === 1, removed.join());
        assert.ok(!removed[0]!.includes(kept));
        assert.deepEqual((await w.api.list(Job)).items, []);
      },
    ),
  );
  assert.ok((ran.calls['write'] ?? 0) > 4);
});

test('a backup that goes with its HotBackup goes from its bucket, alone and whole, wherever the operator dies', async (t) => {
  const spec = { hazelcastResourceName: CLUSTER, bucketURI: 's3://bucket/backups', secretName: 'account' };
  const ran = await crashEverywhere(t, () =>
    story(
      2,
      {
        async gone(w) {
          await put(w, Secret, 'account', ACCOUNT);
          await put(w, HotBackup, 'backup', { spec: { ...spec, deletionPolicy: 'Delete' } });
          await put(w, HotBackup, 'kept', { spec });
          for (const name of ['backup', 'kept']) await finished(w, name);
          await w.api.delete(HotBackup, ref('backup'));
          await w.until(HotBackup, ref('backup'), (now) => now === undefined, LONG_MS);
        },
      },
      async (w, _, stored) => {
        const { status } = (await w.find(HotBackup, ref('kept'))) ?? {};
        assert.equal(status?.state, 'Success', status?.message);
        assert.deepEqual(status?.backupUUIDs?.map((entry) => entry.replace('?prefix=', '/')).toSorted(), stored);
      },
    ),
  );
  assert.equal(ran.calls['bucket'], 2);
});

test('what a copy to a bucket that failed has left goes from volume and bucket with its HotBackup, wherever the operator dies', async (t) => {
  const spec = { hazelcastResourceName: CLUSTER, bucketURI: 's3://unreachable', secretName: 'account', deletionPolicy: 'Delete' };
  const ran = await crashEverywhere(t, () =>
    story(
      1,
      {
        async failed(w) {
          await put(w, Secret, 'account', ACCOUNT);
          await put(w, HotBackup, 'backup', { spec });
          await finished(w, 'backup');
        },
        async gone(w) {
          await w.api.delete(HotBackup, ref('backup'));
          await w.until(HotBackup, ref('backup'), (now) => now === undefined, LONG_MS);
        },
      },
      async (w, lines) => {
        const removed = new Set(lines.filter((line) => line.startsWith('rm -rf -- ')));
        assert.deepEqual([...removed], [`rm -rf -- /data/persistence/base-dir/hot-backup/backup-${[...sequences(lines)].at(-1)}`]);
        assert.deepEqual((await w.api.list(Job)).items, []);
      },
    ),
  );
  assert.equal(ran.calls['bucket'], 1);
});

test('a backup to a bucket is there once and whole, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(t, () =>
    story(
      1,
      {
        async taken(w) {
          await put(w, HotBackup, 'backup', { spec: { hazelcastResourceName: CLUSTER, bucketURI: 's3://bucket' } });
          await finished(w, 'backup');
        },
      },
      async (w, lines) => {
        const { status } = (await w.find(HotBackup, ref('backup'))) ?? {};
        assert.equal(status?.state, 'Success', status?.message);
        assert.deepEqual(status?.backupUUIDs, bucketOf(lines));
        assert.equal(lines.filter((line) => line.startsWith('uploaded ')).length, 1, 'uploaded twice');
      },
    ),
  );
  assert.ok((ran.calls['agent'] ?? 0) >= 2);
});

test('of a backup that is deleted half-way nothing stays, wherever the operator dies', async (t) => {
  await crashEverywhere(t, () =>
    story(
      1,
      {
        async deleted(w) {
          await put(w, HotBackup, 'backup', { spec: { hazelcastResourceName: CLUSTER, bucketURI: 's3://bucket' } });
          await w.until(HotBackup, ref('backup'), (now) => now?.status?.run?.uploads !== undefined, LONG_MS);
          await w.api.delete(HotBackup, ref('backup'));
          await w.until(HotBackup, ref('backup'), (now) => now === undefined, LONG_MS);
        },
      },
      async (w, lines) => {
        // Nobody knows the number of an upload whose answer got lost, so nobody can take it out again: then the user is told.
        const told = (await w.api.list(CoreEvent)).items.some(({ reason }) => reason === 'LeftBehind');
        if (!told) assert.deepEqual(bucketOf(lines), []);
      },
    ),
  );
});

test('a schedule makes its backup once, and goes with it, wherever the operator dies', async (t) => {
  await crashEverywhere(t, () =>
    story(
      1,
      {
        async ticked(w) {
          // Once a year.
          await put(w, CronHotBackup, 'nightly', { spec: { schedule: '10 0 1 1 *', hotBackupTemplate: { spec: { hazelcastResourceName: CLUSTER } } } });
          await w.until(CronHotBackup, ref('nightly'), (now) => now?.status?.lastScheduleTime === '2026-01-01T00:10:00Z', LONG_MS);
          const [made] = (await w.api.list(HotBackup)).items;
          await finished(w, made?.metadata.name ?? '');
        },
        async gone(w) {
          await w.api.delete(CronHotBackup, ref('nightly'));
          await w.until(CronHotBackup, ref('nightly'), (now) => now === undefined, LONG_MS);
        },
      },
      async (_, lines) => {
        await Promise.resolve();
        assert.equal(sequences(lines).size, 1);
      },
    ),
  );
});

test('backups that are too old go with what they hold, and the last one stays, wherever the operator dies', async (t) => {
  const hotBackupTemplate = { spec: { hazelcastResourceName: CLUSTER, bucketURI: 's3://bucket/backups', secretName: 'account', deletionPolicy: 'Delete' } };
  // Twice a year.
  const spec = { schedule: '10,20 0 1 1 *', hotBackupTemplate };
  const ran = await crashEverywhere(t, () => {
    const told = story(
      1,
      {
        async aged(w) {
          // The first is a quarter of an hour old at half past.
          await put(w, CronHotBackup, 'aging', { spec: { ...spec, historyMaxAgeSeconds: 900 } });
          await w.clock.until(async () => (await w.api.list(HotBackup)).items.every(({ metadata }) => metadata.name === LAST), { withinMs: LONG_MS });
        },
      },
      async (w, _, stored) => {
        const { status } = (await w.find(HotBackup, ref(LAST))) ?? {};
        assert.equal(status?.state, 'Success', status?.message);
        assert.deepEqual(
          status?.backupUUIDs?.map((entry) => entry.replace('?prefix=', '/')),
          stored,
        );
      },
    );
    // What befalls backups while they are taken is told above: here both are there before anything goes wrong.
    const given = async (w: World) => {
      await told.given?.(w);
      await put(w, Secret, 'account', ACCOUNT);
      await put(w, CronHotBackup, 'aging', { spec });
      await w.until(CronHotBackup, ref('aging'), (now) => now?.status?.lastHotBackup === LAST, LONG_MS);
      await finished(w, LAST);
      assert.equal((await w.api.list(HotBackup)).items.length, 2);
    };
    return { ...told, given };
  });
  assert.equal(ran.calls['bucket'], 1);
});
