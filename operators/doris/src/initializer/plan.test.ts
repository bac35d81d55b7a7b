import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { adopted, decide, ended } from './plan.ts';
import type { Fingerprints, Run } from '../api/doris-initializer.ts';

const fingerprint = fc.constantFrom('a', 'b');
const wish = fc.record({ root: fingerprint, admin: fingerprint, sql: fingerprint, again: fc.constantFrom('1', '2') }, { requiredKeys: [] });

function settle(wanted: Fingerprints, run: Run | undefined, how: 'completed' | 'failed'): { readonly run: Run | undefined; readonly ranSql: boolean } {
  const decided = decide(wanted, run);
  if (decided.do !== 'start') return { run, ranSql: false };
  return { run: ended(decided.run, how), ranSql: decided.run.parts.includes('sql') };
}

test('a script that succeeded never runs again, whatever is edited, unless it is asked for', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(wish, fc.constantFrom('completed' as const, 'failed' as const)), { maxLength: 8 }), (edits) => {
      let run: Run | undefined;
      for (const [wanted, how] of edits) {
        const done = run?.sqlDone !== undefined && run.wish.again === wanted.again;
        const next = settle(wanted, run, how);
        assert.ok(!done || !next.ranSql);
        run = next.run;
        // Nothing changed since: nothing is run, not even after a failure.
        if (run !== undefined) assert.notEqual(decide(run.wish, run).do, 'start');
      }
    }),
  );
});

test('what an earlier operator has run is not run again', () => {
  const wanted = { root: 'a', sql: 'a' };
  const run = adopted({ LastApplySpecHash: 'x', phase: 'applied' }, undefined, wanted);
  assert.equal(decide(wanted, run).do, 'nothing');
  assert.equal(adopted({}, undefined, wanted), undefined);
  assert.equal(decide(wanted, adopted({}, 'failed', wanted)).do, 'refuse');
});
