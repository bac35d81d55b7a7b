import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashEverywhere } from '@binnacle/testing';
import type { Story } from '@binnacle/testing';
import { DorisCluster } from '../src/index.ts';
import type { Spec } from '../src/api/spec.ts';
import { AT, prod, sized, table } from './cluster-world.ts';
import { crashStory } from './crash-story.ts';
import type { Told } from './crash-story.ts';
import { onlooker } from './onlooker.ts';

const TABLETS = 6;
const COPIES = 2;
/** Volumes keep the data, the account keeps the password that this data knows, and that the cluster was born is never forgotten. */
const LEAVES = [
  'ConfigMap default/prod-born',
  'PersistentVolumeClaim default/be-storage-prod-be-0',
  'PersistentVolumeClaim default/fe-meta-prod-fe-0',
  'Secret default/prod-opr-account',
  'Secret default/prod-opr-account-applied',
];

const withConfig = (config: Readonly<Record<string, string>>): Spec => {
  const { fe, ...rest } = sized(1, 1);
  return { ...rest, fe: { ...fe!, config } };
};

/** From one spec to another. */
function change(from: Spec, to: Spec, more: Partial<Told> = {}): Story {
  return crashStory({
    async given(w) {
      await prod(w).apply(from);
      await prod(w).ready();
    },
    when: {
      async changed(w) {
        await prod(w).apply(to);
        await prod(w).ready();
      },
    },
    ...more,
  });
}

test('Doris: a cluster is born and goes the same way wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(t, () => {
    const seen = onlooker();
    return crashStory({
      seen,
      when: {
        async born(w) {
          await prod(w).apply(sized(1, 1));
          await prod(w).ready();
        },
        async gone(w) {
          seen.rests(true);
          await w.api.delete(DorisCluster, AT);
          await w.until(DorisCluster, AT, (now) => now === undefined);
        },
      },
      leaves: LEAVES,
    });
  });
  assert.ok((ran.calls['statement'] ?? 0) > 0);
});

test('Doris: one back end becomes two wherever the operator dies', async (t) => {
  await crashEverywhere(t, () => change(sized(1, 1), sized(1, 2)));
});

test('Doris: an edit of the configuration ends in the same restart wherever the operator dies', async (t) => {
  await crashEverywhere(t, () => change(withConfig({ query_port: '9030' }), withConfig({ query_port: '9030', max_connections: '2000' })));
});

/** At every instant each tablet has all its copies on living nodes that are in the cluster: at the end they are counted, and no node that stays was ever dropped. */
test('Doris: five back ends become three wherever the operator dies, and every copy is there', async (t) => {
  const ran = await crashEverywhere(
    t,
    (): Story => {
      const statements: string[] = [];
      return change(sized(1, 5), sized(1, 3), {
        told: (sql) => statements.push(sql),
        async given(w) {
          await prod(w).apply(sized(1, 5));
          await prod(w).ready();
          await prod(w).sql(...table('t', TABLETS, COPIES));
        },
        async finally(w) {
          const backends = await prod(w).backends();
          assert.deepEqual(
            backends.map((one) => [one.host.split('.')[0], one.alive, one.decommissioned]),
            ['prod-be-0', 'prod-be-1', 'prod-be-2'].map((pod) => [pod, true, false]),
          );
          assert.equal(
            backends.reduce((sum, one) => sum + one.tablets, 0),
            TABLETS * COPIES,
            'copies were lost',
          );
          assert.ok(!statements.some((one) => /DROPP?/.test(one) && /prod-be-[012]\./.test(one)), 'a node that stays was dropped');
        },
      });
    },
    { moments: ['after', 'lost'] }, // dead before a call is dead after the one before it: told by the shorter stories
  );
  assert.ok((ran.calls['statement'] ?? 0) > 0);
});
