import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { sortedKeys } from './sorted-keys.ts';

const keys = fc.array(fc.record({ key: fc.integer({ min: 0, max: 4_000 }).map((number) => `${number % 3}/${number}`), stays: fc.boolean() }), {
  minLength: 1_500,
  maxLength: 6_000,
  size: 'max',
});

test('keys come in order, each once, however many were added and taken out', () => {
  fc.assert(
    fc.property(keys, (changes) => {
      const sorted = sortedKeys();
      const expected = new Set<string>();
      for (const { key, stays } of changes) {
        sorted.add(key);
        expected.add(key);
        if (stays) continue;
        sorted.delete(key);
        expected.delete(key);
      }
      for (const prefix of ['', '0/', '1/', '1/1', '2/', '3/'])
        assert.deepEqual(sorted.startingWith(prefix), [...expected].filter((key) => key.startsWith(prefix)).sort());
      for (const key of expected) sorted.delete(key);
      assert.deepEqual(sorted.startingWith(''), []);
    }),
    { numRuns: 20, endOnFailure: true },
  );
});
