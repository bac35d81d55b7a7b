import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, isReady } from './index.ts';
import type { Conditioned } from './index.ts';

const object = (generation: number, ready: object) => ({
  metadata: { generation },
  status: {
    conditions: [
      { type: 'Other', status: 'True' },
      { type: 'Ready', ...ready },
    ],
  },
});
const withStatus = (status: object) => ({ metadata: {}, status });

test('a condition is found by its type, and is absent where nobody set it', () => {
  assert.deepEqual(conditionOf(object(1, { status: 'False', reason: 'No' }), 'Ready'), { type: 'Ready', status: 'False', reason: 'No' });
  const without: readonly (Conditioned | undefined)[] = [undefined, {}, withStatus({}), withStatus({ conditions: null }), object(1, {})];
  for (const none of without) assert.equal(conditionOf(none, 'Gone'), undefined);
});

test('ready is what was said about the present spec', () => {
  assert.equal(isReady(object(2, { status: 'True' })), true);
  assert.equal(isReady(object(2, { status: 'True', observedGeneration: 2 })), true);
  assert.equal(isReady(object(2, { status: 'True', observedGeneration: 1 })), false);
  assert.equal(isReady(object(2, { status: 'Unknown' })), false);
  assert.equal(isReady(undefined), false);
});
