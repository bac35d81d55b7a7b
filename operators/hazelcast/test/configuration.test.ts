import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, Secret, StatefulSet } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import { Hazelcast } from '../src/api/hazelcast.ts';
import { CONFIGURATION, ROLLOUT } from '../src/hazelcast/names.ts';
import { TEMPLATE_HASH } from '../src/hazelcast/names.ts';
import { REF, configurations, current, hazelcast, ready, uidsOf, want } from './subject.ts';

const LONG_MS = 300_000;

test('8.2.12: a property that members read at start restarts them one after the other, and the status says who is behind', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await want(w, {});
  const before = (await ready(w)).status?.members?.map(({ configuration }) => configuration);
  const pods = await uidsOf(w);
  await want(w, { properties: { 'hazelcast.logging.type': 'log4j2' } });
  await w.until(Hazelcast, REF, (now) => current(now) === false);
  const restarted = await ready(w);
  assert.ok(current(restarted));
  const after = restarted.status;
  assert.equal(new Set(after?.members?.map(({ configuration }) => configuration)).size, 1);
  assert.notEqual(after?.members?.[0]?.configuration, before?.[0]);
  const now = await uidsOf(w);
  assert.ok(
    now.every((uid) => !pods.includes(uid)),
    'every member restarted',
  );
  await w.clock.advance(LONG_MS);
  assert.deepEqual(await uidsOf(w), now, 'and no member a second time');
});

test('a new executor reaches members that run; one that changes restarts them', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await want(w, { executorServices: [{ name: 'first' }] });
  await ready(w);
  const pods = await uidsOf(w);
  await want(w, { executorServices: [{ name: 'first' }, { name: 'second', poolSize: 4 }], durableExecutorServices: [{ name: 'kept' }] });
  await ready(w);
  await w.until(Hazelcast, REF, (now) => now?.status?.dynamic?.executorServices.length === 2);
  assert.deepEqual(await uidsOf(w), pods, 'no member restarted');
  for (const xml of await configurations(w)) {
    assert.match(xml, /<executor-service name="second"><pool-size>4</);
    assert.match(xml, /<durable-executor-service name="kept">/);
  }
  await want(w, { executorServices: [{ name: 'first' }, { name: 'second', poolSize: 5 }], durableExecutorServices: [{ name: 'kept' }] });
  const after = await ready(w);
  assert.ok((await uidsOf(w)).every((uid) => !pods.includes(uid)));
  for (const xml of await configurations(w)) assert.match(xml, /<executor-service name="second"><pool-size>5</);
  assert.deepEqual(after.status?.dynamic?.executorServices, []);
});

test('8.2.12: a changed ConfigMap with custom sections takes effect at once', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  const custom = async (text: string) =>
    await w.api.apply(
      ConfigMap,
      { metadata: { namespace: 'default', name: 'custom' }, data: { hazelcast: text } },
      {
        fieldManager: 'user',
        force: true,
      },
    );
  await want(w, { customConfigCmName: 'custom' });
  await w.until(Hazelcast, REF, (now) => now?.status?.message?.includes('ConfigMap for Hazelcast custom configs not found') === true);
  await custom('flake-id-generator: { default: { prefetch-count: 50 } }');
  await ready(w);
  const pods = await uidsOf(w);
  await custom('flake-id-generator: { default: { prefetch-count: 60 } }');
  await w.until(Hazelcast, REF, (now) => current(now) === false, 10_000);
  await ready(w);
  assert.ok((await uidsOf(w)).every((uid) => !pods.includes(uid)));
});

test('a cluster that is taken over is not restarted for being taken over, and is for the first edit', async () => {
  await using w = await world([hazelcast]);
  const first = w.start(hazelcast);
  await want(w, { properties: { a: 'b' } });
  await ready(w);
  await first.stop();
  // As the operator before left it: no notes of ours, keys in another order.
  const secret = await w.find(Secret, REF);
  const yaml = Buffer.from(secret?.data?.['hazelcast.yaml'] ?? '', 'base64').toString();
  const [root = '', ...lines] = yaml.split('\n');
  const at = lines.findIndex((line) => line.startsWith('    cluster-name'));
  const reordered = [root, lines[at], ...lines.filter((_, index) => index !== at)].join('\n');
  await w.api.patch(Secret, REF, {
    type: 'merge',
    body: { metadata: { annotations: { [ROLLOUT]: null } }, data: { 'hazelcast.yaml': Buffer.from(reordered).toString('base64') } },
  });
  const body = {
    metadata: { annotations: { [TEMPLATE_HASH]: null } },
    spec: { updateStrategy: { rollingUpdate: { partition: 0 } }, template: { metadata: { annotations: { [CONFIGURATION]: null } } } },
  };
  await w.api.patch(StatefulSet, REF, { type: 'merge', body });
  await w.until(
    StatefulSet,
    REF,
    (now) => now?.status?.updatedReplicas === 3 && now.status.readyReplicas === 3 && now.status.currentRevision === now.status.updateRevision,
    LONG_MS,
  );
  const pods = await uidsOf(w);
  w.start(hazelcast);
  await w.until(Secret, REF, (now) => now?.metadata.annotations?.[ROLLOUT] !== undefined);
  await w.clock.advance(LONG_MS);
  await ready(w);
  assert.deepEqual(await uidsOf(w), pods);
  await want(w, { properties: { a: 'c' } });
  await w.until(Hazelcast, REF, (now) => current(now) === false);
  await ready(w);
  assert.ok((await uidsOf(w)).every((uid) => !pods.includes(uid)));
});
