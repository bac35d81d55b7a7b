/** Fields that the existing operator wrote go when the spec drops them: who owns them is carried over. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Service, StatefulSet } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import { MANAGER } from './existing.ts';
import { drop, isDone, left, nothingLeft, pods } from './ownership.ts';
import { REF, hazelcast, ready, want } from './subject.ts';

test('what a cluster that was taken over drops from its spec goes, by the restart that the edit brings, and by none before', async () => {
  await using w = await world([hazelcast]);
  await left(w);
  // Somebody else's mark is not ours to take.
  await w.api.patch(Service, REF, { type: 'merge', body: { metadata: { labels: { theirs: 'yes' } } } }, { fieldManager: 'kubectl' });
  const before = await pods(w);
  const first = w.start(hazelcast);
  await isDone(w);
  await w.clock.advance(300_000);
  assert.deepEqual(await pods(w), before);
  const owners = (await w.api.get(StatefulSet, REF)).metadata.managedFields ?? [];
  assert.ok(owners.every(({ manager }) => manager !== MANAGER));
  assert.equal((await w.api.get(Service, REF)).metadata.labels?.['team'], 'data');

  await first.stop();
  const second = w.start(hazelcast);
  await isDone(w);
  await w.clock.advance(60_000);
  const children = second.door.writes.filter((one) => one.includes('/namespaces/default/') && !one.includes('/hazelcasts/'));
  assert.equal(new Set(children).size, children.length, 'each is applied once, as ever after a restart');
  assert.deepEqual(await pods(w), before);

  await drop(w);
  await nothingLeft(w);
  assert.equal((await w.api.get(Service, REF)).metadata.labels?.['theirs'], 'yes');
});

test('of objects that were never the other operator’s nothing is asked', async () => {
  await using w = await world([hazelcast]);
  const running = w.start(hazelcast);
  await want(w, { clusterSize: 1 });
  await ready(w);
  const services = running.door.writes.filter((one) => one.includes('/services/'));
  assert.equal(services.length, 1, services.join('\n'));
});
