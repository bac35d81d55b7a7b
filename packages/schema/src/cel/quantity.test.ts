import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantityNanos } from './quantity.ts';

test('amounts are exact, whatever way they are written', () => {
  const one = 1_000_000_000n;
  assert.equal(quantityNanos('1Gi'), 1024n ** 3n * one);
  assert.equal(quantityNanos('1.5Gi'), (1024n ** 3n * one * 3n) / 2n);
  assert.equal(quantityNanos('100m'), one / 10n);
  for (const same of ['1', '1.', '1000m', '1e0', '1E0', '+1', '0.001k', 1]) assert.equal(quantityNanos(same), one, String(same));
  assert.equal(quantityNanos('-.5'), -one / 2n);
  assert.equal(quantityNanos('0.1n'), 1n); // finer than nano rounds up
  assert.equal(quantityNanos('1E'), 10n ** 27n);
});

test('what is no amount is none', () => {
  for (const text of ['', 'x', '1X', '1 Gi', '1gi', '1GiB', '--1', '1e', '.', '1e9999', '9'.repeat(65)]) assert.equal(quantityNanos(text), undefined, text);
});
