import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { conditionOf, isReady } from '@binnacle/client';
import { Deployment, Secret, Service } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import { Web } from './web-operator.ts';
import { web } from './web.ts';

const ref = { namespace: 'default', name: 'shop' };

test('the operator of docs/runtime.md is this one', () => {
  const page = readFileSync(new URL('../../../docs/runtime.md', import.meta.url), 'utf8');
  const code = readFileSync(new URL('web-operator.ts', import.meta.url), 'utf8');
  assert.ok(page.includes(`\`\`\`ts\n${code}\`\`\``), 'docs/runtime.md shows another text than packages/testing/test/web-operator.ts');
});

test('it waits for its Secret without polling, then brings up the Deployment, and leaves nothing behind', async () => {
  await using w = await world([web]);
  w.start(web);
  await w.api.create(Web, { metadata: ref, spec: { image: 'nginx:1', envFrom: 'shop-env' } });
  await w.until(Web, ref, (now) => conditionOf(now, 'Ready')?.reason === 'SecretMissing');
  await w.api.create(Secret, { metadata: { namespace: 'default', name: 'shop-env' }, stringData: { KEY: 'value' } });
  await w.until(Web, ref, isReady);
  assert.equal((await w.find(Deployment, ref))?.spec?.replicas, 2);
  assert.equal((await w.find(Web, ref))?.status?.url, 'http://shop.default.svc');
  await w.api.delete(Web, ref);
  await w.until(Service, ref, (now) => now === undefined);
  await w.until(Deployment, ref, (now) => now === undefined);
});
