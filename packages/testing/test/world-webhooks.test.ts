import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, Secret } from '@binnacle/client/kinds';
import { world } from '../src/index.ts';
import type { Subject } from '../src/index.ts';
import { guarded } from './guarded-web.ts';
import { Web } from './web-operator.ts';

const SHOP = { namespace: 'default', name: 'shop' };
const spec = { image: 'nginx:1' };

const subject: Subject = { name: 'web', resources: [Web], images: [], create: guarded };

test('in a world with webhooks an operator guards and fills in, in virtual time and until it is killed', async () => {
  await using w = await world([subject], { webhooks: true });
  await w.api.create(Secret, { metadata: { namespace: 'default', name: 'shop-env' } });
  const running = w.start(subject);
  await running.ready();
  const started = w.clock.monotonic();
  assert.equal((await w.api.create(Web, { metadata: SHOP, spec })).spec.envFrom, 'shop-env');
  await w.api.create(ConfigMap, { metadata: SHOP });
  await w.clock.settle();
  await assert.rejects(w.api.delete(ConfigMap, SHOP), { code: 403, message: /"needed\.guard\.binnacle\.dev" denied the request: Web shop needs it$/ });
  assert.equal(w.clock.monotonic(), started);
  running.kill();
  await w.clock.settle();
  const deleted = w.api.delete(ConfigMap, SHOP);
  await w.clock.advance(10_000);
  await deleted;
  assert.equal(await w.find(ConfigMap, SHOP), undefined);
});

test('another replica answers when the first is killed', async () => {
  await using w = await world([subject], { webhooks: true });
  const [first, second] = [w.start(subject), w.start(subject)];
  await first.ready();
  await second.ready();
  await w.clock.settle();
  await w.api.create(Web, { metadata: SHOP, spec });
  await w.api.create(ConfigMap, { metadata: SHOP });
  await w.clock.settle();
  first.kill();
  await assert.rejects(w.api.delete(ConfigMap, SHOP), { code: 403 });
});

test('in a world without webhooks nobody is asked', async () => {
  await using w = await world([subject]);
  await w.start(subject).ready();
  await w.api.create(Web, { metadata: SHOP, spec });
  await w.api.create(ConfigMap, { metadata: SHOP });
  await w.clock.settle();
  await w.api.delete(ConfigMap, SHOP);
});
