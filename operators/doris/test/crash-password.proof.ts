import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Secret } from '@binnacle/client/kinds';
import { crashEverywhere } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { DorisError } from '../src/sql/error.ts';
import { AT, login, prod, sized } from './cluster-world.ts';
import { crashStory } from './crash-story.ts';

const encoded = (text: string) => Buffer.from(text).toString('base64');
const named = (name: string) => ({ namespace: AT.namespace, name });
const nothing = async () => await Promise.resolve();

async function write(w: World, password: string): Promise<void> {
  const data = { user: encoded('k8sopr'), password: encoded(password) };
  await w.api.apply(Secret, { metadata: named('prod-opr-account'), data }, { fieldManager: 'user', force: true });
}

/** Doris may have the one in the middle, which is in no Secret of the user's any more by the time that anybody asks. */
test('Doris: a password that changes again while Doris is being told is followed, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(t, () => {
    let again: () => void = () => undefined;
    return crashStory({
      async given(w) {
        await prod(w).apply(sized(1, 1));
        await prod(w).ready();
        await prod(w).sql("SET PASSWORD FOR 'root' = PASSWORD('of its own')"); // else root would make up for an account that is lost
      },
      told: (sql) => {
        if (sql.startsWith('ALTER USER')) again();
      },
      when: {
        async changed(w) {
          let changing: Promise<void> | undefined;
          again = () => void (changing ??= write(w, 'the second'));
          await write(w, 'the first');
          await w.clock.until(() => changing !== undefined);
          await changing;
          await w.until(
            Secret,
            named('prod-opr-account-applied'),
            (now) => now?.data?.['password'] === encoded('the second') && now.data['tried'] === undefined,
          );
          await prod(w).ready();
        },
      },
      async finally(w) {
        await login(w, 'prod-fe-0', nothing);
        const old = { user: 'k8sopr', password: 'the first' };
        await assert.rejects(login(w, 'prod-fe-0', nothing, old), (error) => error instanceof DorisError && error.code === 'denied');
      },
    });
  });
  assert.ok((ran.calls['statement'] ?? 0) >= 4);
});
