import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalJson } from '@binnacle/schema';
import fc from 'fast-check';
import { same } from './hash.ts';

// Few keys and values, or no two would ever be alike.
const { value } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 3 }, fc.constantFrom(null, undefined, 0, 1, '', 'a', true), fc.array(tie('value'), { maxLength: 2 }), tie('object')),
  object: fc.dictionary(fc.constantFrom('a', 'b', '1', '__proto__'), tie('value'), { maxKeys: 3 }),
}));

test('two values are the same exactly when their canonical texts are', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      assert.equal(same(a, b), canonicalJson(a ?? null) === canonicalJson(b ?? null));
      assert.ok(same(a, structuredClone(a)));
    }),
    { numRuns: 2_000 },
  );
});
