import assert from 'node:assert/strict';
import { test } from 'node:test';
import { microTimestamp, parseTimestamp, timestamp } from './index.ts';

test('timestamps have the digits that the API server insists on (regression 16)', () => {
  const ms = parseTimestamp('2026-01-02T03:04:05.678Z');
  assert.equal(timestamp(ms), '2026-01-02T03:04:05Z');
  assert.equal(microTimestamp(ms), '2026-01-02T03:04:05.678000Z');
  assert.equal(parseTimestamp(microTimestamp(ms)), ms);
  assert.equal(parseTimestamp('2026-01-02T03:04:05.678901Z'), ms);
  assert.ok(Number.isNaN(parseTimestamp('soon')));
});
