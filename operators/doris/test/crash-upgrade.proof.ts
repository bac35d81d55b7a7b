import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '@binnacle/client/kinds';
import { crashEverywhere } from '@binnacle/testing';
import { AT, prod, sized, table } from './cluster-world.ts';
import { crashStory } from './crash-story.ts';
import { onlooker } from './onlooker.ts';

const BACK_ENDS = 3;
const WAS = { disable_balance: true, disable_colocate_balance: false, disable_tablet_scheduler: false };

/**
 * Three back ends get a new version, and each misses a row meanwhile, which is repaired before the next one goes. What the DBA had switched off is the only thing
 * that is off in the end.
 */
test('an upgrade ends as it should, scheduling included, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(t, () => {
    const seen = onlooker();
    return crashStory({
      seen,
      scheduling: WAS,
      async given(w) {
        await prod(w).apply(sized(1, BACK_ENDS));
        await prod(w).ready();
        await prod(w).sql(...table('t', 1, BACK_ENDS));
        await prod(w).sql('ADMIN SET FRONTEND CONFIG ("disable_balance" = "true")');
      },
      when: {
        async upgraded(w) {
          const wanted = sized(1, BACK_ENDS);
          await prod(w).apply({ ...wanted, be: { ...wanted.be!, version: '2.0.4' } });
          for (let ordinal = BACK_ENDS - 1; ordinal >= 0; ordinal -= 1) {
            await w.clock.until(() => seen.metadata()?.backends.some((one) => !one.alive && one.host.startsWith(`prod-be-${ordinal}.`)) === true);
            await prod(w).sql(`INSERT INTO demo.t VALUES (${ordinal})`);
          }
          await prod(w).ready();
        },
      },
      async finally(w) {
        assert.deepEqual(seen.metadata()?.tables[0]?.tablets[0]?.behind, []);
        assert.ok((await prod(w).backends()).every((one) => one.alive && one.version === 'doris-2.0.4'));
        assert.equal((await w.api.get(Pod, { namespace: AT.namespace, name: 'prod-fe-0' })).spec?.containers[0]?.image?.endsWith('2.0.3'), true);
        assert.equal((await prod(w).cluster()).status?.schedulingBefore, undefined);
      },
    });
  });
  assert.ok((ran.calls['statement'] ?? 0) >= 18, 'repair was not switched on and off between back ends');
});
