import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CrashPoint } from '@binnacle/testing';
import { showBackends } from '../src/sql/backends.ts';
import { sized, story, subject, table } from './cluster-world.ts';
import { recorded } from './statement-door.ts';
import type { StatementCrash } from './statement-door.ts';

const TABLETS = 6;
const COPIES = 2;

interface Told {
  readonly writes: number;
  readonly statements: number;
  readonly died: boolean;
}

/**
 * Five back ends become three. A first process brings the cluster up; a second one carries out the change and dies at the given write or statement; a third
 * one finishes. At every instant each tablet has all its copies on living nodes that are in the cluster.
 */
async function fiveBecomeThree(crash: { readonly write?: CrashPoint; readonly statement?: StatementCrash }): Promise<Told> {
  await using s = await story();
  await s.apply(sized(1, 5));
  await s.ready();
  await s.sql(...table('t', TABLETS, COPIES));
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
  await s.apply(sized(1, 3));
  await s.ready();
  const backends = await s.asRoot((fe) => showBackends(fe, new AbortController().signal));
  assert.deepEqual(
    backends.map((one) => [one.host.split('.')[0], one.alive, one.decommissioned]),
    ['prod-be-0', 'prod-be-1', 'prod-be-2'].map((pod) => [pod, true, false]),
  );
  assert.equal(
    backends.reduce((sum, one) => sum + one.tablets, 0),
    TABLETS * COPIES,
    'copies were lost',
  );
  assert.equal((await s.set('be')).spec?.replicas, 3);
  assert.ok(!door.statements.some((one) => /DROPP?/.test(one) && /prod-be-[012]\./.test(one)), 'a node that stays was dropped');
  return { writes: second.door.writes.length, statements: door.statements.length, died };
}

test('five back ends become three wherever the operator dies', async (t) => {
  const reference = await fiveBecomeThree({});
  assert.ok(reference.writes > 0 && reference.statements > 0, 'nothing was done: the story did not run');
  let runs = 0;
  for (const [door, count] of [
    ['write', reference.writes],
    ['statement', reference.statements],
  ] as const) {
    for (let at = 0; at < count; at += 1) {
      // Dead before a write is dead after the one before it: told once. Statements are few.
      for (const moment of door === 'write' && at > 0 ? (['after'] as const) : (['before', 'after'] as const)) {
        const point = door === 'write' ? { write: { write: at, moment } } : { statement: { statement: at, moment } };
        const told = await fiveBecomeThree(point).catch((error: unknown) => Promise.reject(new Error(`died ${moment} ${door} ${at}`, { cause: error })));
        assert.ok(told.died, `died ${moment} ${door} ${at}: never came that far`);
        runs += 1;
      }
    }
  }
  t.diagnostic(`${runs} runs: ${reference.writes} writes, ${reference.statements} statements`);
});
