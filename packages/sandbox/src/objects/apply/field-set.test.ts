import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decode, encode, fieldSet, paths } from './field-set.ts';

const element = fc.constantFrom('f:spec', 'f:data', 'f:metadata', 'f:a', 'f:b', 'f:a{', 'k:{"name":"a"}', 'v:"x"');
const sets = fc.array(fc.array(element, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 }).map((all) => fieldSet(...all));

test('what is written of a set is what it holds, whatever was written before', () => {
  fc.assert(
    fc.property(fc.array(sets, { minLength: 1, maxLength: 60 }), (all) => {
      for (const set of all) assert.deepEqual([...paths(decode(JSON.parse(JSON.stringify(encode(set)))))], [...paths(set)]);
    }),
    { numRuns: 50 },
  );
});

test('what two objects own alike is kept once', () => {
  const spec = ['f:spec', 'f:replicas'];
  const [one, other] = ['a', 'b'].map((uid) => encode(fieldSet(spec, ['f:metadata', 'f:ownerReferences', `k:{"uid":"${uid}"}`])));
  assert.notDeepEqual(one, other);
  assert.equal(one!['f:spec'], other!['f:spec']);
});
