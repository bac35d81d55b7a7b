import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PersistentVolumeClaim, Pod, StatefulSet } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { Hazelcast } from '../src/api/hazelcast.ts';
import { ABRUPT, REF, hazelcast, licence, membersOf, overheard, ready, uidsOf, want } from './subject.ts';

/** What a member writes when partitions went with their last copy. */
const LOST = /all their copies are lost/;

/** Watches how many members are missing at a time, until disposed of; what a user fears is two. */
function watchful(w: World): Disposable & { readonly fewest: () => number } {
  let fewest = Number.POSITIVE_INFINITY;
  let watching = true;
  const look = () => {
    if (!watching) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    w.clock.timer(500, () => resolve());
    promise
      .then(async () => {
        const pods = await membersOf(w);
        fewest = Math.min(
          fewest,
          pods.filter(
            ({ status, metadata }) =>
              metadata.deletionTimestamp === undefined && status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
          ).length,
        );
      })
      .then(look, () => undefined);
  };
  look();
  return {
    fewest: () => fewest,
    [Symbol.dispose]: () => {
      watching = false;
    },
  };
}

test('8.1.1: five members become three one after the other, and no partition is lost on the way', async () => {
  const { subject, lines } = overheard();
  await using w = await world([subject]);
  w.start(subject);
  await want(w, { clusterSize: 5 });
  await ready(w);
  await want(w, { clusterSize: 3 });
  const replicas: number[] = [];
  for (const next of [4, 3]) {
    await w.until(StatefulSet, REF, (now) => now?.spec?.replicas !== undefined && now.spec.replicas <= next);
    replicas.push((await w.find(StatefulSet, REF))?.spec?.replicas ?? -1);
  }
  assert.deepEqual(replicas, [4, 3], 'never two at a time');
  const { status } = await ready(w);
  assert.equal(status?.hazelcastClusterStatus?.readyMembers, '3/3');
  assert.ok(lines.some((line) => line.includes('is SHUTDOWN')));
  assert.deepEqual(
    lines.filter((line) => LOST.test(line)),
    [],
  );
});

test('8.1.1: two members that are told to go at once hand over what they hold; with the policy TERMINATE a part of it is lost', async () => {
  for (const jvm of [{}, ABRUPT]) {
    const { subject, lines } = overheard();
    await using w = await world([subject]);
    w.start(subject);
    await want(w, { jvm });
    await ready(w);
    await w.clock.advance(60_000);
    for (const { metadata } of (await membersOf(w)).slice(1)) await w.api.delete(Pod, { namespace: 'default', name: metadata.name });
    await w.clock.advance(60_000);
    await ready(w);
    assert.equal(
      lines.some((line) => LOST.test(line)),
      jvm === ABRUPT,
    );
  }
});

test('8.1.1: an upgrade takes one member at a time', async () => {
  const { subject, lines } = overheard();
  await using w = await world([subject]);
  w.start(subject);
  await want(w, {});
  await ready(w);
  const pods = await uidsOf(w);
  using watched = watchful(w);
  await want(w, { version: '5.5.2' });
  const { status } = await ready(w);
  assert.ok((await uidsOf(w)).every((uid) => !pods.includes(uid)));
  assert.deepEqual(
    status?.members?.map(({ version }) => version),
    ['5.5.2', '5.5.2', '5.5.2'],
  );
  assert.equal(watched.fewest(), 2);
  assert.deepEqual(
    lines.filter((line) => LOST.test(line)),
    [],
  );
});

test('8.1.7: a paused cluster keeps its volumes and comes back on them', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await licence(w);
  const spec = { licenseKeySecretName: 'licence', persistence: { pvc: { accessModes: ['ReadWriteOnce'] } } };
  await want(w, spec);
  await ready(w);
  const claims = async () => (await w.api.list(PersistentVolumeClaim, { namespace: 'default' })).items.map(({ metadata }) => metadata.uid).toSorted();
  const before = await claims();
  assert.equal(before.length, 3);
  await want(w, { ...spec, clusterSize: 0 });
  const paused = await ready(w);
  assert.equal(paused.status?.phase, 'Paused');
  assert.deepEqual([(await membersOf(w)).length, await claims()], [0, before]);
  await want(w, spec);
  const resumed = await ready(w);
  assert.deepEqual([resumed.status?.phase, await claims()], ['Running', before]);
});

test('an upgrade to an image that is not there stops at one member, and says why instead of waiting in silence; set back, it goes on', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await want(w, {});
  await ready(w);
  const pods = await uidsOf(w);
  await want(w, { repository: 'docker.io/nobody/nothing' });
  await w.until(Hazelcast, REF, (now) => now?.status?.phase === 'Failed', 600_000);
  const { status } = (await w.find(Hazelcast, REF)) ?? {};
  assert.match(status?.message ?? '', /pod prod-2 .*ImagePull.*; meanwhile member 1 restarts when it is safe: not all members are back/);
  await w.clock.advance(600_000);
  assert.deepEqual((await uidsOf(w)).slice(0, 2), pods.slice(0, 2));
  await want(w, {});
  assert.equal((await ready(w)).status?.phase, 'Running');
  assert.deepEqual((await uidsOf(w)).slice(0, 2), pods.slice(0, 2));
});

test('a member for which there is no room is named, with what the scheduler says', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await want(w, { clusterSize: 1, resources: { requests: { cpu: '9000' } } });
  await w.until(Hazelcast, REF, (now) => now?.status?.message?.includes('Unschedulable') === true, 60_000);
  const { status } = (await w.find(Hazelcast, REF)) ?? {};
  assert.match(status?.message ?? '', /^0 of 1 members are ready; not ready: prod-0 \(Unschedulable: .*[Ii]nsufficient cpu/);
  assert.equal(status?.phase, 'Pending');
});

test('a licence that comes late starts the cluster when it comes', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await want(w, { licenseKeySecretName: 'licence' });
  await w.until(Hazelcast, REF, (now) => now?.status?.message?.includes('licenseKeySecret is not found') === true);
  await w.clock.advance(60_000);
  assert.deepEqual(await membersOf(w), []);
  await licence(w);
  await w.until(StatefulSet, REF, (now) => now !== undefined, 1_000);
  await ready(w);
  assert.ok((await membersOf(w)).every(({ spec }) => spec?.containers[0]?.image?.includes('hazelcast-enterprise')));
});

test('open-source members of another minor come when the user says so, all at once; without that no member stops', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await want(w, { version: '5.4.0' });
  await ready(w);
  const pods = await uidsOf(w);
  await want(w, { version: '5.5.0' });
  await w.until(Hazelcast, REF, (now) => now?.status?.conditions?.some(({ reason }) => reason === 'VersionRefused') === true);
  await w.clock.advance(60_000);
  assert.deepEqual(await uidsOf(w), pods);
  await want(w, { version: '5.5.0' }, { 'binnacle.dev/upgrade-losing-data': '5.5.0' });
  const { status } = await ready(w);
  assert.deepEqual(
    status?.members?.map(({ version }) => version),
    ['5.5.0', '5.5.0', '5.5.0'],
  );
});
