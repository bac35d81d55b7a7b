import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Live } from '@binnacle/client';
import type { Job, Pod } from '@binnacle/client/kinds';
import { INDEX, completed, ranges } from './indexes.ts';

test('indexes are written as Kubernetes writes them, and read back with what has succeeded since', () => {
  assert.equal(ranges([0, 1, 3, 4, 5, 7]), '0,1,3-5,7');
  assert.equal(ranges([]), '');
  const job = { status: { completedIndexes: '0,1,3-5' } } as Live<typeof Job>;
  const pod = (index: string, phase: string) => ({ metadata: { annotations: { [INDEX]: index } }, status: { phase } }) as unknown as Live<typeof Pod>;
  assert.deepEqual(completed(job, [pod('2', 'Succeeded'), pod('3', 'Succeeded'), pod('6', 'Running')]), [0, 1, 2, 3, 4, 5]);
});
