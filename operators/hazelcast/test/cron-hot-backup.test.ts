import assert from 'node:assert/strict';
import { test } from 'node:test';
import { admit } from '@binnacle/schema';
import { isReady } from '@binnacle/client';
import { CoreEvent, Secret } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { CronHotBackup, Hazelcast, HotBackup } from '../src/index.ts';
import { LICENCE, put, subject } from './put.ts';

const REF = { namespace: 'default', name: 'nightly' };
const backups = async (w: World) => (await w.api.list(HotBackup)).items.map(({ metadata }) => metadata.name).toSorted();
const cron = (w: World, more: object = {}) =>
  put(w, CronHotBackup, REF.name, {
    spec: {
      schedule: '*/2 * * * *',
      hotBackupTemplate: { metadata: { labels: { made: 'here' }, annotations: { note: 'ours' } }, spec: { hazelcastResourceName: 'hazelcast' } },
      ...more,
    },
  });
/** From one backup to the next; ms. */
const PERIOD_MS = 120_000;
/** 2026-01-01T00:00:00Z, where the world begins; seconds. */
const START = 1_767_225_600;
const named = (...periods: readonly number[]) => periods.map((period) => `nightly-${START + (period + 1) * 120}`);

test('a schedule that was edited into none has no next time any more', async () => {
  await using w = await world([subject]);
  w.start(subject);
  await cron(w);
  await w.until(CronHotBackup, REF, (now) => now?.status?.nextScheduleTime !== undefined);
  await cron(w, { schedule: 'every now and then' });
  await w.until(CronHotBackup, REF, (now) => now?.status?.conditions?.some(({ reason }) => reason === 'InvalidSpec') === true);
  assert.equal((await w.find(CronHotBackup, REF))?.status?.nextScheduleTime, undefined);
});

test('backups are made by the clock, each once, and the newest stay', { timeout: 120_000 }, async () => {
  await using w = await world([subject]);
  let process = w.start(subject);
  await put(w, Secret, 'licence', LICENCE);
  const pvc = { accessModes: ['ReadWriteOnce'], requestStorage: '8Gi' };
  await put(w, Hazelcast, 'hazelcast', { spec: { clusterSize: 1, version: '5.5.0', licenseKeySecretName: 'licence', persistence: { pvc } } });
  await cron(w, { successfulHotBackupsHistoryLimit: 2 });
  await w.until(CronHotBackup, REF, (now) => now !== undefined && isReady(now));
  await w.clock.advance(PERIOD_MS);
  assert.deepEqual(await backups(w), named(1));
  const [made] = (await w.api.list(HotBackup)).items;
  assert.deepEqual(made?.metadata.labels, { made: 'here' });
  assert.deepEqual(made?.metadata.annotations, { note: 'ours' });
  for (let period = 2; period <= 4; period++) {
    process.kill();
    process = w.start(subject);
    await w.clock.advance(PERIOD_MS);
  }
  await w.clock.advance(60_000);
  assert.deepEqual(await backups(w), named(3, 4));
  await w.api.delete(CronHotBackup, REF);
  await w.until(CronHotBackup, REF, (now) => now === undefined);
  assert.deepEqual(await backups(w), []);
});

test('what was missed while the operator was away is made up for once; what was due while suspended is not', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  const process = w.start(subject);
  await cron(w);
  await w.until(CronHotBackup, REF, (now) => now?.status?.nextScheduleTime === '2026-01-01T00:02:00Z');
  process.kill();
  await w.clock.advance(5 * PERIOD_MS);
  w.start(subject);
  await w.clock.advance(20_000);
  assert.deepEqual(await backups(w), named(5));
  await cron(w, { suspend: true });
  await w.clock.advance(5 * PERIOD_MS);
  await cron(w, { suspend: false });
  await w.clock.advance(20_000);
  assert.deepEqual(await backups(w), named(5));
  await w.clock.advance(PERIOD_MS);
  assert.deepEqual(await backups(w), named(5, 11));
});

test('a time whose name is taken is served all the same: by a HotBackup of another schedule, or of somebody else', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  const process = w.start(subject);
  await put(w, HotBackup, named(6)[0]!, { spec: { hazelcastResourceName: 'hazelcast' } });
  await cron(w, { schedule: '*/4 * * * *' });
  await w.until(CronHotBackup, REF, (now) => now?.status?.lastHotBackup !== undefined);
  assert.deepEqual(await backups(w), [named(3)[0], named(6)[0]], 'at 00:04, called after 00:08');
  await cron(w);
  await w.until(CronHotBackup, REF, (now) => now?.status?.nextScheduleTime === '2026-01-01T00:06:00Z');
  await w.clock.advance(PERIOD_MS);
  assert.deepEqual(await backups(w), [named(3)[0], `${named(3)[0]}-2`, named(6)[0]]);
  process.kill();
  w.start(subject);
  await w.clock.advance(3 * PERIOD_MS);
  const all = await backups(w);
  assert.deepEqual(all, [named(3)[0], `${named(3)[0]}-2`, ...named(4, 5, 6), `${named(6)[0]}-2`], 'each time once');
});

test('a time that a clock noted which was ahead holds up nothing once it is right', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await cron(w);
  await w.until(CronHotBackup, REF, (now) => now?.status?.nextScheduleTime === '2026-01-01T00:02:00Z');
  const status = { lastScheduleTime: '2027-01-01T00:00:00Z', nextScheduleTime: '2027-01-01T00:02:00Z' };
  await w.api.patch(CronHotBackup, REF, { type: 'merge', body: { status } }, { subresource: 'status' });
  await w.clock.advance(2 * PERIOD_MS);
  assert.deepEqual((await w.find(CronHotBackup, REF))?.status?.lastScheduleTime, '2026-01-01T00:04:00Z');
  assert.deepEqual(await backups(w), named(2));
  const told = (await w.api.list(CoreEvent)).items.filter(({ reason }) => reason === 'ClockSetBack').map(({ message }) => message);
  assert.deepEqual(told, ['the last time, 2027-01-01T00:00:00Z, is still to come: times are counted from now on']);
});

test('the status tells the last, the next and what is under way; Replace ends what is under way', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await cron(w, { timeZone: 'Asia/Kolkata', schedule: '31,33 5 * * *', concurrencyPolicy: 'Replace' });
  await w.until(CronHotBackup, REF, (now) => now?.status?.nextScheduleTime === '2026-01-01T00:01:00Z');
  await w.until(CronHotBackup, REF, (now) => now?.status?.active?.length === 1);
  const first = (await w.find(CronHotBackup, REF))?.status;
  assert.deepEqual([first?.active, first?.nextScheduleTime], [[first?.lastHotBackup], '2026-01-01T00:03:00Z']);
  await w.until(CronHotBackup, REF, (now) => now?.status?.lastHotBackup !== first?.lastHotBackup);
  await w.until(CronHotBackup, REF, (now) => now?.status?.active?.length === 1);
  assert.deepEqual(await backups(w), [(await w.find(CronHotBackup, REF))?.status?.lastHotBackup]);
});

test('a zone is named once, and must be one', () => {
  const faults = (schedule: string, timeZone: string) => {
    const spec = { schedule, timeZone, hotBackupTemplate: { spec: { hazelcastResourceName: 'h' } } };
    return admit(CronHotBackup, { apiVersion: 'hazelcast.com/v1alpha1', kind: 'CronHotBackup', metadata: REF, spec }).errors.map(({ field }) => field);
  };
  assert.deepEqual(faults('@daily', 'Europe/Berlin'), []);
  assert.deepEqual(faults('@daily', 'Nowhere/Land'), ['spec.timeZone']);
  assert.deepEqual(faults('CRON_TZ=Europe/Berlin 0 3 * * *', 'Europe/Berlin'), ['spec.timeZone']);
});

test('a schedule that means nothing is refused with its path', () => {
  const object = {
    apiVersion: 'hazelcast.com/v1alpha1',
    kind: 'CronHotBackup',
    metadata: REF,
    spec: { schedule: 'every day', hotBackupTemplate: { spec: { hazelcastResourceName: 'h', bucketURI: 'ftp://x' } } },
  };
  assert.deepEqual(
    admit(CronHotBackup, object).errors.map(({ field }) => field),
    ['spec.schedule', 'spec.hotBackupTemplate.spec.bucketURI'],
  );
});

test('of backups that fail as many stay as are wanted', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await put(w, Hazelcast, 'hazelcast', { spec: { clusterSize: 1, version: '5.5.0' } });
  await cron(w, { failedHotBackupsHistoryLimit: 1 });
  await w.until(CronHotBackup, REF, (now) => now !== undefined && isReady(now));
  await w.clock.advance(4 * PERIOD_MS);
  const { items } = await w.api.list(HotBackup);
  assert.deepEqual([items.map(({ metadata }) => metadata.name), items[0]?.status?.state], [named(4), 'Failure']);
});
