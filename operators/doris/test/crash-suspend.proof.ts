import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '@binnacle/client/kinds';
import { crashEverywhere } from '@binnacle/testing';
import { AT, component, prod, sized, table } from './cluster-world.ts';
import { crashStory } from './crash-story.ts';
import { onlooker } from './onlooker.ts';

const SPEC = { ...sized(3, 2), cn: component('cn', 1) };

/** Nobody is dropped on the way, no pod of a later turn is left, and it is the same cluster with all its data afterwards. */
test('a cluster is suspended and resumed the same way wherever the operator dies', async (t) => {
  const statements: string[] = [];
  await crashEverywhere(t, () => {
    const seen = onlooker();
    return crashStory({
      seen,
      told: (sql) => statements.push(sql),
      async given(w) {
        await prod(w).apply(SPEC);
        await prod(w).ready();
        await prod(w).sql(...table('t', 6, 2));
        statements.length = 0;
      },
      when: {
        async suspended(w) {
          seen.rests(true);
          await prod(w).apply({ ...SPEC, suspend: true });
          await prod(w).reason('Suspended');
          assert.deepEqual((await w.api.list(Pod, { namespace: AT.namespace })).items, []);
        },
        async resumed(w) {
          await prod(w).apply(SPEC);
          await prod(w).ready();
          seen.rests(false);
        },
      },
      async finally(w) {
        const backends = await prod(w).backends();
        assert.deepEqual(
          backends.map((one) => [one.host.split('.')[0], one.alive, one.decommissioned, one.tablets]),
          [
            ['prod-be-0', true, false, 6],
            ['prod-be-1', true, false, 6],
            ['prod-cn-0', true, false, 0],
          ],
        );
        assert.equal((await prod(w).frontends()).filter((one) => one.alive).length, 3);
        assert.deepEqual(statements, [], 'nothing is changed in Doris');
      },
    });
  });
});
