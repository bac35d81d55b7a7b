import assert from 'node:assert/strict';
import { test } from 'node:test';
import { slowStart } from './batches.ts';

const SEVEN = [0, 1, 2, 3, 4, 5, 6];

test('one is tried first, then twice as many each time', async () => {
  const sizes: number[] = [];
  let running = 0;
  await slowStart(SEVEN, async () => {
    running += 1;
    await Promise.resolve();
    if (running > 0) sizes.push(running);
    running = 0;
  });
  assert.deepEqual(sizes, [1, 2, 4]);
});

test('what fails stops those that would come after it, not those beside it', async () => {
  const done: number[] = [];
  const tried = slowStart(SEVEN, async (item) => {
    if (item === 1) throw new Error('quota');
    done.push(item);
  });
  await assert.rejects(tried, /quota/);
  assert.deepEqual(done, [0, 2]);
});
