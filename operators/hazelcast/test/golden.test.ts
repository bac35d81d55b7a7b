import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { goldenFiles } from './golden.ts';

test('what follows from a spec is what was reviewed; `make generate` writes it anew', () => {
  const files = Object.entries(goldenFiles());
  assert.ok(files.length > 0);
  for (const [path, content] of files) {
    assert.equal(readFileSync(new URL(`golden/${path}`, import.meta.url), 'utf8'), content, path);
  }
});
