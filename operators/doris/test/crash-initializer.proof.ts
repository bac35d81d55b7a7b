import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { Job, Secret } from '@binnacle/client/kinds';
import { crashEverywhere } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { DorisInitializer } from '../src/index.ts';
import type { InitializerStatus } from '../src/api/doris-initializer.ts';
import { AT, prod, sized } from './cluster-world.ts';
import { crashStory } from './crash-story.ts';

const user = { fieldManager: 'user', force: true };
// Would be refused the second time, and with it the run: that it ended well shows that it ran once.
const SCRIPT = 'CREATE DATABASE shop; CREATE USER app';
const SPEC = {
  cluster: AT.name,
  maxRetry: 0,
  adminPasswordFrom: { name: 'passwords', key: 'admin' },
  initSqlScriptFrom: [{ secretKeyRef: { name: 'passwords', key: 'sql' } }],
};

async function secret(w: World, admin: string): Promise<void> {
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  const object = { metadata: { namespace: AT.namespace, name: 'passwords' }, type: 'Opaque', data: { admin: encoded(admin), sql: encoded(SCRIPT) } };
  await w.api.apply(Secret, object, user);
}

const run = async (w: World, number: number): Promise<void> => {
  const of = (object: unknown) => (object as { readonly status?: InitializerStatus } | undefined)?.status?.run;
  await w.until(DorisInitializer, AT, (now) => now !== undefined && isReady(now) && of(now)?.number === number && of(now)?.state === 'Succeeded');
};

test('initialise: passwords and script are brought in once wherever the operator dies, and a changed password once more', async (t) => {
  await crashEverywhere(t, () =>
    crashStory({
      async given(w) {
        await secret(w, 'first');
        await prod(w).apply(sized(1, 1));
        await prod(w).ready();
      },
      when: {
        async initialised(w) {
          await w.api.apply(DorisInitializer, { metadata: AT, spec: SPEC }, user);
          await run(w, 1);
        },
        async changed(w) {
          await secret(w, 'second');
          await run(w, 2);
        },
      },
      async finally(w) {
        const job = await w.find(Job, { namespace: AT.namespace, name: 'prod-initializer' });
        assert.equal(job?.status?.succeeded, 1);
        assert.equal(job?.status?.failed ?? 0, 0, 'no pod failed');
        const { run: last } = (await w.api.get(DorisInitializer, AT)).status as InitializerStatus;
        assert.deepEqual([last?.parts, last?.number], [['admin'], 2]);
      },
    }),
  );
});
