import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { CustomResourceDefinition, Deployment } from '@binnacle/client/kinds';
import { crd } from '@binnacle/schema';
import { world } from '../src/index.ts';
import type { World } from '../src/index.ts';
import { Web } from './web-operator.ts';
import { web } from './web.ts';

const SHOP = { namespace: 'default', name: 'shop' };
const DEFINITION = { name: `${Web.plural}.${Web.group}` };

const make = async (w: World): Promise<void> => {
  await w.api.create(Web, { metadata: SHOP, spec: { image: 'nginx:1' } });
  await w.until(Web, SHOP, isReady);
};
const takeAway = async (w: World): Promise<void> => {
  await w.api.delete(CustomResourceDefinition, DEFINITION);
  await w.until(CustomResourceDefinition, DEFINITION, (now) => now === undefined);
};
const putBack = async (w: World): Promise<void> => {
  await w.api.apply(CustomResourceDefinition, { ...crd(Web), metadata: DEFINITION }, { fieldManager: 'user', force: true });
  await w.until(
    CustomResourceDefinition,
    DEFINITION,
    (now) => now?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') === true,
  );
};

for (const [when, awayMs] of Object.entries({ 'at once': 0, 'after an hour': 3_600_000 }))
  test(`an operator whose CRD is taken away and put back ${when} goes on without a restart`, async () => {
    await using w = await world([web]);
    w.start(web);
    await make(w);
    const { uid } = (await w.find(Web, SHOP))!.metadata;
    await takeAway(w);
    if (awayMs > 0) await w.until(Deployment, SHOP, (now) => now === undefined);
    await w.clock.advance(awayMs);
    await putBack(w);
    await make(w);
    const [deployment, again] = [await w.find(Deployment, SHOP), await w.find(Web, SHOP)];
    assert.notEqual(again?.metadata.uid, uid);
    assert.equal(deployment?.metadata.ownerReferences?.[0]?.uid, again?.metadata.uid);
  });

test('an operator that starts before its CRD is there begins when it comes', async () => {
  await using w = await world([web]);
  await takeAway(w);
  w.start(web);
  await w.clock.advance(600_000);
  await putBack(w);
  await make(w);
});
