import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '@binnacle/client/kinds';
import { crashEverywhere } from '@binnacle/testing';
import { showScheduling } from '../src/sql/scheduling.ts';
import { AT, login, prod, sized } from './cluster-world.ts';
import { statementDoor } from './statement-door.ts';
import { doris } from './subject.ts';

const WAS = { disable_balance: true, disable_colocate_balance: false, disable_tablet_scheduler: false };

/** Two back ends get a new version. What the DBA had switched off is the only thing that is off in the end. */
test('an upgrade ends as it should, scheduling included, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(
    t,
    () => ({
      subject: doris,
      doors: [statementDoor()],
      async given(w) {
        await prod(w).apply(sized(1, 2));
        await prod(w).ready();
        await prod(w).sql('ADMIN SET FRONTEND CONFIG ("disable_balance" = "true")');
      },
      when: {
        async upgraded(w) {
          const wanted = sized(1, 2);
          await prod(w).apply({ ...wanted, be: { ...wanted.be!, version: '2.0.4' } });
          await prod(w).ready();
        },
      },
      async finally(w) {
        assert.ok((await prod(w).backends()).every((one) => one.alive && one.version === 'doris-2.0.4'));
        assert.equal((await w.api.get(Pod, { namespace: AT.namespace, name: 'prod-fe-0' })).spec?.containers[0]?.image?.endsWith('2.0.3'), true);
        await login(w, 'prod-fe-0', async (fe) => assert.deepEqual(await showScheduling(fe, new AbortController().signal), WAS));
        assert.equal((await prod(w).cluster()).status?.schedulingBefore, undefined);
      },
    }),
    { every: 2 },
  );
  assert.ok((ran.calls['statement'] ?? 0) >= 6);
});
