import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { goldenFiles } from './golden.ts';

test('what examples are built into is as reviewed; run `make generate` after a change that is meant', () => {
  const files = Object.entries(goldenFiles());
  assert.ok(files.length >= 3);
  for (const [name, content] of files) {
    const path = new URL(`golden/${name}`, import.meta.url);
    assert.ok(existsSync(path), `golden/${name} is missing`);
    assert.equal(content, readFileSync(path, 'utf8'), name);
  }
});
