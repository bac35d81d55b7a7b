import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PersistentVolumeClaim, Pod } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import { Hazelcast } from '../src/api/hazelcast.ts';
import { nextStartup } from '../src/hazelcast/startup.ts';
import { REF, licence, overheard, ready, uidsOf, want } from './subject.ts';

const FORCED = /Force start/;

test('a wish is remembered before it is carried out, carried out only for the pods it was made for, and once', () => {
  const wish = 'ForceStart';
  const world_ = { wish, noted: undefined, pods: ['a', 'b'], complete: true, running: false } as const;
  assert.equal(nextStartup({ ...world_, wish: undefined }).do, 'nothing');
  assert.equal(nextStartup({ ...world_, complete: false }).do, 'nothing', 'not before all pods are there');
  const remembered = nextStartup(world_);
  assert.equal(remembered.do, 'remember');
  const noted = remembered.note!;
  assert.equal(nextStartup({ ...world_, noted }).do, 'act');
  assert.equal(nextStartup({ ...world_, noted, pods: ['b'], complete: false }).do, 'act');
  assert.deepEqual(nextStartup({ ...world_, noted, pods: ['c', 'd'] }), { do: 'nothing', note: { action: wish, state: 'NotNeeded', pods: [] } });
  assert.equal(nextStartup({ ...world_, noted, running: true }).note?.state, 'NotNeeded');
  for (const state of ['Done', 'NotNeeded'] as const) assert.equal(nextStartup({ ...world_, noted: { ...noted, state } }).do, 'nothing');
  assert.equal(nextStartup({ ...world_, running: true }).note?.state, 'NotNeeded', 'written while all is well it is over at once');
});

test('8.1.2: a cluster that misses the data of a member starts when it is told to, and never loses data for that wish again', async () => {
  const { subject, lines } = overheard();
  await using w = await world([subject]);
  w.start(subject);
  await licence(w);
  const stored = (more: object = {}) => ({
    licenseKeySecretName: 'licence',
    clusterSize: 2,
    persistence: { pvc: { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi' }, ...more },
  });
  await want(w, stored());
  await ready(w);
  await want(w, { ...stored(), clusterSize: 0 });
  await w.until(Hazelcast, REF, (now) => now?.status?.phase === 'Paused');
  const lost = { namespace: 'default', name: 'persistence-prod-1' };
  await w.api.delete(PersistentVolumeClaim, lost);
  await w.until(PersistentVolumeClaim, lost, (now) => now === undefined);
  await want(w, stored());
  await w.until(Pod, { namespace: 'default', name: 'prod-1' }, (now) => now !== undefined);
  await w.clock.advance(60_000);
  assert.equal((await w.find(Hazelcast, REF))?.status?.phase, 'Pending', 'one member waits for the data of the other');
  await want(w, stored({ startupAction: 'ForceStart' }));
  await ready(w);
  assert.equal((await w.find(Hazelcast, REF))?.status?.startup?.state, 'Done');
  assert.equal(lines.filter((line) => FORCED.test(line)).length, 1);
  const pods = await uidsOf(w);
  await want(w, { ...stored({ startupAction: 'ForceStart' }), properties: { a: 'b' } });
  await w.until(Hazelcast, REF, (now) => now?.status?.conditions?.some(({ reason }) => reason === 'RollingUpdate') === true);
  await ready(w);
  assert.ok((await uidsOf(w)).every((uid) => !pods.includes(uid)));
  assert.equal(lines.filter((line) => FORCED.test(line)).length, 1, 'no member was forced again');
});
