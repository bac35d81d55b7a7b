/** Whose PASSIVE it is: a backup's is undone, also when its HotBackup or its Hazelcast are gone by then; a person's stays. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf } from '@binnacle/client';
import { ConfigMap, CoreEvent } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { Hazelcast, HotBackup } from '../src/index.ts';
import { connectMember } from '../src/protocol/connection.ts';
import { changeClusterState } from '../src/protocol/messages.ts';
import { put } from './put.ts';
import { stubborn } from './stubborn.ts';
import { REF, licence, membersOf, overheard, ready, want } from './subject.ts';

const BACKUP = { namespace: 'default', name: 'backup' };
const NOTE = { namespace: 'default', name: 'prod-made-passive' };
const LONG_MS = 1_800_000;
const stored = (more: object = {}) => ({
  clusterSize: 2,
  licenseKeySecretName: 'licence',
  persistence: { pvc: { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi' } },
  ...more,
});

interface Stage extends AsyncDisposable {
  readonly w: World;
  readonly lines: readonly string[];
  /** Whether members refuse to become ACTIVE. */
  readonly refuse: { now: boolean };
}

async function started(more: object = {}): Promise<Stage> {
  const { subject, lines } = overheard();
  const refuse = { now: false };
  const operator = stubborn(refuse, subject);
  const w = await world([operator]);
  w.start(operator);
  await licence(w);
  await want(w, stored(more));
  await ready(w);
  return { w, lines, refuse, [Symbol.asyncDispose]: () => w[Symbol.asyncDispose]() };
}

/** A backup that has made the cluster PASSIVE, and cannot undo it for now. */
async function passive({ w, refuse }: Stage, spec: object = {}): Promise<void> {
  refuse.now = true;
  await put(w, HotBackup, BACKUP.name, { spec: { hazelcastResourceName: REF.name, ...spec } });
  await w.until(HotBackup, BACKUP, (now) => conditionOf(now ?? {}, 'ClusterPassive')?.status === 'True', LONG_MS);
}

const deleted = (w: World) => deletedWith(w, () => Promise.resolve());

/** It is deleted in the moment in which something else happens. */
async function deletedWith(w: World, happens: () => Promise<void>): Promise<void> {
  await happens();
  await w.api.delete(Hazelcast, REF);
  await w.until(Hazelcast, REF, (now) => now === undefined);
  await w.clock.until(async () => (await membersOf(w)).length === 0, { withinMs: LONG_MS });
}

async function backupDeleted(w: World): Promise<void> {
  await w.api.delete(HotBackup, BACKUP);
  await w.until(HotBackup, BACKUP, (now) => now === undefined, LONG_MS);
}

/** As from Management Center. */
async function chosen(w: World, state: 'PASSIVE' | 'ACTIVE'): Promise<void> {
  const never = new AbortController().signal;
  const [first] = await membersOf(w);
  let over = false;
  const told = (async () => {
    using connection = await connectMember({ network: w.sandbox.network, clock: w.clock }, { host: first?.status?.podIP ?? '', port: 5701 }, 'dev', never);
    await connection.invoke(changeClusterState(state), never);
  })().finally(() => (over = true));
  await w.clock.until(() => over);
  await told;
  await says(w, state);
}

const says = (w: World, state: string) => w.until(Hazelcast, REF, (now) => now?.status?.hazelcastClusterStatus?.state === state, LONG_MS);

test('a Hazelcast that is deleted while a backup has it PASSIVE is ACTIVE when it is made anew, whether its HotBackup is still there or not', async () => {
  for (const forgotten of [false, true]) {
    await using stage = await started();
    const { w, refuse } = stage;
    await passive(stage);
    await deleted(w);
    await w.until(HotBackup, BACKUP, (now) => now?.status?.state === 'Failure');
    assert.equal((await w.find(HotBackup, BACKUP))?.status?.message, 'the cluster was deleted while its backup was taken');
    if (forgotten) await backupDeleted(w);
    refuse.now = false;
    await want(w, stored());
    const now = await ready(w);
    assert.deepEqual(
      now.status?.members?.map(({ state }) => state),
      ['ACTIVE', 'ACTIVE'],
    );
    assert.equal(await w.find(ConfigMap, NOTE), undefined, 'what is undone is forgotten');
    const told = (await w.api.list(CoreEvent)).items.filter(({ reason }) => reason === 'Activated').map(({ message }) => message);
    assert.deepEqual(told, ['the cluster is ACTIVE again: it was PASSIVE for HotBackup backup']);
  }
});

test('a Hazelcast that is made anew before anything of it has gone is another one: its backup fails, and it is ACTIVE', async () => {
  await using stage = await started();
  const { w, refuse } = stage;
  await passive(stage);
  await w.api.delete(Hazelcast, REF);
  await w.until(Hazelcast, REF, (now) => now === undefined);
  await want(w, stored());
  await w.until(HotBackup, BACKUP, (now) => now?.status?.state === 'Failure');
  assert.equal((await w.find(HotBackup, BACKUP))?.status?.message, 'the cluster was deleted while its backup was taken');
  await w.clock.advance(60_000);
  assert.equal(conditionOf((await w.find(Hazelcast, REF)) ?? {}, 'Ready')?.status, 'False');
  refuse.now = false;
  await ready(w);
  await says(w, 'ACTIVE');
  await put(w, HotBackup, 'next', { spec: { hazelcastResourceName: REF.name } });
  await w.until(HotBackup, { ...BACKUP, name: 'next' }, (now) => now?.status?.state === 'Success', LONG_MS);
});

test('nothing is remembered of a cluster whose volumes go with it', async () => {
  await using stage = await started({ persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } });
  const { w } = stage;
  await passive(stage);
  await deleted(w);
  assert.equal(await w.find(ConfigMap, NOTE), undefined);
});

test('a cluster that went while the existing operator had it PASSIVE comes back ACTIVE, and that backup is taken then', async () => {
  await using stage = await started();
  const { w } = stage;
  await chosen(w, 'PASSIVE');
  const annotations = { 'hazelcast.com/last-successful-spec': '{}' };
  await deletedWith(w, () => put(w, HotBackup, BACKUP.name, { metadata: { ...BACKUP, annotations }, spec: { hazelcastResourceName: REF.name } }));
  await want(w, stored());
  await ready(w);
  await says(w, 'ACTIVE');
  await w.until(HotBackup, BACKUP, (now) => now?.status?.state === 'Success', LONG_MS);
});

test('a cluster that somebody made PASSIVE is PASSIVE when it is made anew, and stays so also after a backup that was undone', async () => {
  await using stage = await started();
  const { w, refuse } = stage;
  await chosen(w, 'PASSIVE');
  await deleted(w);
  await want(w, stored());
  await ready(w);
  await says(w, 'PASSIVE');
  await chosen(w, 'ACTIVE');
  await passive(stage);
  await deleted(w);
  refuse.now = false;
  await want(w, stored());
  await ready(w);
  await chosen(w, 'PASSIVE');
  await w.clock.advance(600_000);
  await says(w, 'PASSIVE');
});

test('a HotBackup whose cluster is paused goes at once, with what it left on the volumes, and the cluster is ACTIVE when it comes back', async () => {
  await using stage = await started();
  const { w, lines, refuse } = stage;
  await passive(stage, { deletionPolicy: 'Delete' });
  await w.until(HotBackup, BACKUP, (now) => now?.status?.run?.sequence !== undefined, LONG_MS);
  await want(w, stored({ clusterSize: 0 }));
  await w.until(Hazelcast, REF, (now) => now?.status?.phase === 'Paused', LONG_MS);
  await w.api.delete(HotBackup, BACKUP);
  await w.until(HotBackup, BACKUP, (now) => now === undefined, 120_000);
  assert.equal(lines.filter((line) => /^rm -rf -- .*\/backup-\d{13}$/.test(line)).length, 2, 'of each volume');
  refuse.now = false;
  await want(w, stored());
  await ready(w);
  await says(w, 'ACTIVE');
  assert.equal(await w.find(ConfigMap, NOTE), undefined);
});

test('a backup that is deleted while a cluster waits to be restored from it is ended all the same', async () => {
  await using stage = await started();
  const { w, refuse } = stage;
  await passive(stage);
  const restore = { hotBackupResourceName: BACKUP.name };
  await put(w, Hazelcast, 'other', { spec: { version: '5.5.0', ...stored({ clusterSize: 0, persistence: { ...stored().persistence, restore } }) } });
  await w.api.delete(HotBackup, BACKUP);
  refuse.now = false;
  await w.until(HotBackup, BACKUP, (now) => now === undefined, 60_000);
  await says(w, 'ACTIVE');
});

test('a HotBackup whose members do not answer for ten minutes goes, and its Hazelcast says and does what is left, whatever is wrong with its spec', async () => {
  await using stage = await started();
  const { w, refuse } = stage;
  await passive(stage);
  await w.api.delete(HotBackup, BACKUP);
  await w.clock.advance(500_000);
  assert.equal(conditionOf((await w.find(HotBackup, BACKUP)) ?? {}, 'Ready')?.reason, 'MembersUnreachable');
  await w.until(HotBackup, BACKUP, (now) => now === undefined, 200_000);
  await want(w, stored({ customConfigCmName: 'missing' }));
  await w.until(Hazelcast, REF, (now) => conditionOf(now ?? {}, 'Ready')?.reason === 'NotFound');
  assert.match(conditionOf((await w.find(Hazelcast, REF)) ?? {}, 'ClusterPassive')?.message ?? '', /^HotBackup backup may have left the cluster PASSIVE/);
  refuse.now = false;
  await says(w, 'ACTIVE');
  await w.until(Hazelcast, REF, (now) => conditionOf(now ?? {}, 'ClusterPassive')?.status === 'False');
});
