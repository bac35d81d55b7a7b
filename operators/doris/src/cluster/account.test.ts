import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Live } from '@binnacle/client';
import type { Secret } from '@binnacle/client/kinds';
import fc from 'fast-check';
import type { Account } from '../sql/front-end.ts';
import { appliedSecret, beforeTold, candidates, isSameAccount, onceTaken, rememberedIn } from './account.ts';
import type { Remembered } from './account.ts';

const account = (password: string): Account => ({ user: 'k8sopr', password });
/** As the Secret has it. */
const kept = (known: Remembered): Remembered => rememberedIn(appliedSecret('prod', known) as unknown as Live<typeof Secret>);

/** A pass in which the Secret says something else: whether Doris heard what it was told, and whether its answer was heard. */
const passes = fc.array(fc.record({ heard: fc.boolean(), answered: fc.boolean() }), { maxLength: 20 });

test('what Doris has is among what is remembered, however often it was told something and however little of that was heard', () =>
  fc.assert(
    fc.property(passes, (all) => {
      let has = account('born');
      let known = kept(onceTaken({ tried: [], earlier: [] }, has));
      all.forEach(({ heard, answered }, at) => {
        const wanted = account(`password ${at}`);
        const as = candidates(known).find((one) => isSameAccount(one, has));
        assert.ok(as !== undefined, `nobody knows ${has.password}`);
        known = kept(beforeTold(known, as, wanted));
        if (heard) has = wanted;
        if (heard && answered) known = kept(onceTaken(known, wanted));
      });
    }),
  ));

test('who makes the account is not taken for it', () => {
  const root = { user: 'root', password: '' };
  assert.deepEqual(beforeTold({ tried: [], earlier: [] }, root, account('a')), { tried: [account('a')], earlier: [] });
});

test('what was told before the last one that let in may arrive late and is still known', () => {
  const first = onceTaken({ tried: [], earlier: [] }, account('first'));
  const second = beforeTold(beforeTold(first, account('first'), account('second')), account('second'), account('third'));
  assert.deepEqual(second, { works: account('second'), tried: [account('third')], earlier: [account('first')] });
  assert.deepEqual(onceTaken(second, account('third')), { works: account('third'), tried: [], earlier: [account('first'), account('second')] });
});
