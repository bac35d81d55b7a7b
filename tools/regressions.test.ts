import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { REGRESSIONS } from './regressions.ts';

const textOf = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

test('each of the 25 pains that others had has a test with its number, and a cause that can be put back', () => {
  assert.deepEqual(
    REGRESSIONS.map(({ number }) => number),
    Array.from({ length: 25 }, (_, index) => index + 1),
  );
  for (const { number, test: file, cause } of REGRESSIONS) {
    assert.match(
      textOf(file),
      new RegExp(`\\(regressions? ([\\d, ]+, )?${number}(, [\\d, ]+)?\\)'`),
      `regression ${number}: no test of that number in ${file}`,
    );
    assert.equal(textOf(cause.file).split(cause.is).length, 2, `regression ${number}: ${cause.file} does not say once: ${cause.is}`);
  }
});
