import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PersistentVolumeClaim, Pod, Secret } from '@binnacle/client/kinds';
import { crashEverywhere } from '@binnacle/testing';
import type { Story, World } from '@binnacle/testing';
import { DorisCluster } from '../src/index.ts';
import type { Spec } from '../src/api/spec.ts';
import { DorisError } from '../src/sql/error.ts';
import { AT, component, login, prod, sized, table } from './cluster-world.ts';
import { crashStory } from './crash-story.ts';
import type { Told } from './crash-story.ts';
import { lastLeads } from './last-leads.ts';
import { onlooker } from './onlooker.ts';

const user = { fieldManager: 'user', force: true };
const inNamespace = (name: string) => ({ namespace: AT.namespace, name });
/** Dead before a call is dead after the one before it: told by the smaller stories. */
const AFTERWARDS = { moments: ['after', 'lost'] } as const;
const TABLETS = 4;
const COPIES = 2;

/** A cluster with a table in it. */
function living(spec: Spec, copies: number, more: Told): Story {
  return crashStory({
    async given(w) {
      await prod(w).apply(spec);
      await prod(w).ready();
      await prod(w).sql(...table('t', TABLETS, copies));
    },
    ...more,
  });
}

const copiesIn = async (w: World) => (await prod(w).backends()).reduce((sum, one) => sum + one.tablets, 0);

test('Doris: an upgrade that is taken back half-way ends on the old version with scheduling as it was, wherever the operator dies', async (t) => {
  const was = { disable_balance: true, disable_colocate_balance: false, disable_tablet_scheduler: false };
  const ran = await crashEverywhere(t, () =>
    living(sized(1, 2), COPIES, {
      round: true,
      scheduling: was,
      when: {
        async takenBack(w) {
          await prod(w).sql('ADMIN SET FRONTEND CONFIG ("disable_balance" = "true")');
          const { be, ...rest } = sized(1, 2);
          await prod(w).apply({ ...rest, be: { ...be!, version: '2.0.4' } });
          await w.until(Pod, inNamespace('prod-be-1'), (pod) => pod?.spec?.containers[0]?.image?.endsWith('2.0.4') === true);
          await prod(w).apply(sized(1, 2));
          await prod(w).ready();
        },
      },
      async finally(w) {
        assert.ok((await prod(w).backends()).every((one) => one.alive && one.version === 'doris-2.0.3'));
        assert.equal((await prod(w).cluster()).status?.schedulingBefore, undefined);
        assert.equal(await copiesIn(w), TABLETS * COPIES);
      },
    }),
  );
  assert.ok((ran.calls['statement'] ?? 0) >= 4);
});

test('Doris: a password that changes twice is the only one that lets in, whoever leads, wherever the operator dies', async (t) => {
  const encoded = (text: string) => Buffer.from(text).toString('base64');
  const rotate = async (w: World, password: string) => {
    const data = { user: encoded('k8sopr'), password: encoded(password) };
    await w.api.apply(Secret, { metadata: inNamespace('prod-opr-account'), data }, user);
    await w.until(Secret, inNamespace('prod-opr-account-applied'), (now) => now?.data?.['password'] === data.password);
    await prod(w).ready();
  };
  const ran = await crashEverywhere(
    t,
    () =>
      living(sized(3, 2), COPIES, {
        async given(w) {
          await prod(w).apply(sized(3, 2));
          await prod(w).ready();
          await prod(w).sql(...table('t', TABLETS, COPIES));
          await lastLeads(w);
        },
        when: {
          async first(w) {
            await prod(w).sql("SET PASSWORD FOR 'root' = PASSWORD('of its own')");
            await rotate(w, "it's \\' the first");
          },
          second: (w) => rotate(w, 'the second'),
        },
        async finally(w) {
          for (const pod of ['prod-fe-0', 'prod-fe-1', 'prod-fe-2']) {
            await login(w, pod, async () => await Promise.resolve());
            await assert.rejects(
              login(w, pod, async () => await Promise.resolve(), { user: 'k8sopr', password: "it's \\' the first" }),
              (error) => error instanceof DorisError && error.code === 'denied',
            );
          }
        },
      }),
    AFTERWARDS,
  );
  assert.ok((ran.calls['statement'] ?? 0) >= 2);
});

test('Doris: volumes of all kinds grow, and a node that comes with them has as much, wherever the operator dies', async (t) => {
  const withSize = (be: number, storage: string): Spec => ({
    ...sized(3, be),
    fe: { ...component('fe', 3), requests: { storage } },
    be: { ...component('be', be), requests: { storage } },
  });
  const claims = (be: number) => [
    ...[0, 1, 2].map((ordinal) => `fe-meta-prod-fe-${ordinal}`),
    ...Array.from({ length: be }, (_, ordinal) => `be-storage-prod-be-${ordinal}`),
  ];
  await crashEverywhere(
    t,
    () =>
      living(withSize(2, '1Gi'), COPIES, {
        when: {
          async grown(w) {
            await prod(w).apply(withSize(3, '2Gi'));
            await prod(w).ready();
            for (const name of claims(3)) await w.until(PersistentVolumeClaim, inNamespace(name), (now) => now?.status?.capacity?.['storage'] === '2Gi');
          },
        },
        async finally(w) {
          assert.equal(await copiesIn(w), TABLETS * COPIES);
        },
      }),
    AFTERWARDS,
  );
});

test('Doris: deleted and made again over its volumes it is the same cluster with the same tables, wherever the operator dies', async (t) => {
  await crashEverywhere(t, () => {
    const seen = onlooker();
    const { metadata } = seen;
    let born: string | undefined;
    return living(sized(1, 2), COPIES, {
      seen,
      when: {
        async gone(w) {
          seen.rests(true);
          born = metadata()?.clusterId;
          await prod(w).sql("SET PASSWORD FOR 'root' = PASSWORD('of its own')"); // else root would make up for an account that is lost
          await w.api.delete(DorisCluster, AT);
          for (const pod of ['prod-fe-0', 'prod-be-0', 'prod-be-1']) await w.until(Pod, inNamespace(pod), (now) => now === undefined);
        },
        async again(w) {
          await prod(w).apply(sized(1, 2));
          assert.equal((await prod(w).ready()).status?.clusterId, born);
          seen.rests(false);
        },
      },
      finally() {
        assert.equal(
          metadata()
            ?.tables.flatMap((one) => one.tablets)
            .reduce((sum, one) => sum + one.backends.length, 0),
          TABLETS * COPIES,
        );
      },
    });
  });
});
