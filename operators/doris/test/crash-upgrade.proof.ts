import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '@binnacle/client/kinds';
import type { CrashPoint } from '@binnacle/testing';
import { showScheduling } from '../src/sql/scheduling.ts';
import { AT, login, sized, story, subject } from './cluster-world.ts';
import { recorded } from './statement-door.ts';
import type { StatementCrash } from './statement-door.ts';

const WAS = { disable_balance: true, disable_colocate_balance: false, disable_tablet_scheduler: false };
/** Of the writes each eighth is told: between them stand status writes that only say what was done. */
const EVERY = 8;

/** Two back ends get a new version; the operator dies on the way and is started again. What the DBA had switched off is the only thing that is off in the end. */
async function upgraded(crash: { readonly write?: CrashPoint; readonly statement?: StatementCrash }) {
  await using s = await story();
  await s.apply(sized(1, 2));
  await s.ready();
  await s.sql('ADMIN SET FRONTEND CONFIG ("disable_balance" = "true")');
  s.process().kill();

  let died = false;
  const next = () => {
    died = true;
    second.kill();
    s.w.start(subject(recorded(undefined, () => undefined)));
  };
  const door = recorded(crash.statement, next);
  const second = s.w.start(subject(door), { ...(crash.write === undefined ? {} : { crash: crash.write }), died: next });
  await s.w.clock.settle();
  const wanted = sized(1, 2);
  await s.apply({ ...wanted, be: { ...wanted.be!, version: '2.0.4' } });
  await s.ready();
  assert.ok((await s.backends()).every((one) => one.alive && one.version === 'doris-2.0.4'));
  assert.equal((await s.w.api.get(Pod, { namespace: AT.namespace, name: 'prod-fe-0' })).spec?.containers[0]?.image?.endsWith('2.0.3'), true);
  await login(s.w, 'prod-fe-0', async (fe) => assert.deepEqual(await showScheduling(fe, new AbortController().signal), WAS));
  assert.equal((await s.cluster()).status?.schedulingBefore, undefined);
  return { writes: second.door.writes.length, statements: door.statements.length, died };
}

test('an upgrade ends as it should, scheduling included, wherever the operator dies', async (t) => {
  const reference = await upgraded({});
  assert.ok(reference.writes > 0 && reference.statements >= 6, 'nothing was done: the story did not run');
  const points = [
    ...Array.from({ length: reference.statements }, (_, statement) => ({ statement: { statement, moment: 'after' as const } })),
    ...Array.from({ length: Math.floor(reference.writes / EVERY) }, (_, index) => ({ write: { write: index * EVERY, moment: 'after' as const } })),
  ];
  for (const point of points) {
    const told = await upgraded(point).catch((error: unknown) => Promise.reject(new Error(`died at ${JSON.stringify(point)}`, { cause: error })));
    assert.ok(told.died, `died at ${JSON.stringify(point)}: never came that far`);
  }
  t.diagnostic(`${points.length} runs: ${reference.writes} writes, ${reference.statements} statements`);
});
