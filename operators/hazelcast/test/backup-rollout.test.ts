/** One thing at a time: a backup and members that restart or leave. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf } from '@binnacle/client';
import { world } from '@binnacle/testing';
import type { Subject, World } from '@binnacle/testing';
import { Hazelcast, HotBackup } from '../src/index.ts';
import { put } from './put.ts';
import { silentAgents } from './silent-agents.ts';
import { REF, hazelcast, licence, membersOf, overheard, ready, uidsOf, want } from './subject.ts';

const BACKUP = { namespace: 'default', name: 'backup' };
const LONG_MS = 3_600_000;
const stored = (more: object = {}) => ({
  clusterSize: 2,
  licenseKeySecretName: 'licence',
  persistence: { pvc: { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi' } },
  ...more,
});
const edited = stored({ properties: { 'hazelcast.logging.type': 'log4j2' } });

async function started(subject: Subject, spec: object = stored()): Promise<World> {
  const w = await world([subject]);
  w.start(subject);
  await licence(w);
  await want(w, spec);
  await ready(w);
  return w;
}

const backup = (w: World, spec: object = {}) => put(w, HotBackup, BACKUP.name, { spec: { hazelcastResourceName: REF.name, ...spec } });
const says = (w: World, text: string) => w.until(Hazelcast, REF, (now) => now?.status?.message === text, LONG_MS);

/** Until the backup has succeeded: no member stops while it is being taken. */
async function succeeds(w: World): Promise<void> {
  for (const until = w.clock.now() + LONG_MS; w.clock.now() < until;) {
    const now = await w.find(HotBackup, BACKUP);
    if (now?.status?.state === 'Success') return;
    assert.notEqual(now?.status?.state, 'Failure', now?.status?.message);
    const going = (await membersOf(w)).filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    assert.ok(now?.status?.run === undefined || going.length === 0, 'a member stops while the backup is being taken');
    await w.clock.advance(250);
  }
  assert.fail('it was never taken');
}

test('a backup that is made while members restart waits for them, and says for which', async () => {
  await using w = await started(hazelcast);
  const pods = await uidsOf(w);
  await want(w, edited);
  await w.until(Hazelcast, REF, (now) => conditionOf(now ?? {}, 'Ready')?.reason === 'RollingUpdate');
  await backup(w);
  await w.until(HotBackup, BACKUP, (now) => /^Hazelcast 'prod' is Pending: .*member \d restarts/.test(now?.status?.message ?? ''), LONG_MS);
  await succeeds(w);
  assert.ok(
    (await uidsOf(w)).every((uid) => !pods.includes(uid)),
    'all had restarted',
  );
});

test('members restart when the backup that is being taken has ended, and the cluster says for which they wait', async () => {
  await using w = await started(hazelcast);
  const pods = await uidsOf(w);
  await backup(w, { bucketURI: 's3://bucket' });
  await w.until(HotBackup, BACKUP, (now) => now?.status?.run !== undefined, LONG_MS);
  await want(w, edited);
  await says(w, "member 1 restarts when HotBackup 'backup' has ended");
  await succeeds(w);
  await ready(w);
  assert.ok((await uidsOf(w)).every((uid) => !pods.includes(uid)));
});

test('a member leaves when the backup that is being taken has ended', async () => {
  await using w = await started(hazelcast, stored({ clusterSize: 3 }));
  await backup(w);
  await w.until(HotBackup, BACKUP, (now) => now?.status?.run !== undefined, LONG_MS);
  await want(w, stored());
  await says(w, "member 2 leaves when HotBackup 'backup' has ended");
  await succeeds(w);
  await ready(w);
  assert.equal((await membersOf(w)).length, 2);
  assert.equal((await w.find(HotBackup, BACKUP))?.status?.backupUUIDs?.length, 3);
});

test('a member that comes while a backup is being taken has no part in it', async () => {
  await using w = await started(hazelcast);
  await backup(w);
  await w.until(HotBackup, BACKUP, (now) => now?.status?.run !== undefined, LONG_MS);
  await want(w, stored({ clusterSize: 3 }));
  await succeeds(w);
  await ready(w);
  assert.equal((await w.find(HotBackup, BACKUP))?.status?.backupUUIDs?.length, 2);
});

test('an edit and a backup of the same moment both come to their end, whichever is first', { timeout: 120_000 }, async () => {
  for (const [first, afterMs] of [
    ['edit', 0],
    ['edit', 5],
    ['edit', 40],
    ['backup', 5],
    ['backup', 15],
    ['backup', 40],
  ] as const) {
    const { subject, lines } = overheard();
    await using w = await started(subject);
    const pods = await uidsOf(w);
    const both = [() => want(w, edited), () => backup(w)];
    for (const make of first === 'edit' ? both : both.toReversed()) {
      await make();
      await w.clock.advance(afterMs);
    }
    await succeeds(w);
    await ready(w);
    assert.ok((await uidsOf(w)).every((uid) => !pods.includes(uid)));
    assert.equal(lines.findLast((line) => line.includes('Cluster state is '))?.includes('ACTIVE'), true);
  }
});

test('a backup whose agent does not answer holds members up for ten minutes, no longer: their restart may be what mends it', async () => {
  const silent = { now: false };
  const operator = silentAgents(silent);
  await using w = await started(operator);
  const pods = await uidsOf(w);
  await backup(w);
  await w.until(HotBackup, BACKUP, (now) => now?.status?.run?.sequence !== undefined, LONG_MS);
  silent.now = true;
  await want(w, edited);
  await says(w, "member 1 restarts when HotBackup 'backup' has ended");
  await w.clock.advance(500_000);
  assert.deepEqual(await uidsOf(w), pods);
  await ready(w);
  assert.ok((await uidsOf(w)).every((uid) => !pods.includes(uid)));
  silent.now = false;
  await w.until(HotBackup, BACKUP, (now) => now?.status?.state === 'Failure', LONG_MS);
  assert.match((await w.find(HotBackup, BACKUP))?.status?.message ?? '', /takes no backup: it did not begin, or was restarted$/);
});
