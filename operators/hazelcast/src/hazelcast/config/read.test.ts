import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sectionsIn } from './read.ts';

test('a configuration is read once, until many others were read since', () => {
  const text = 'hazelcast:\n    cluster-name: dev\n';
  const first = sectionsIn(text);
  assert.deepEqual(first, { 'cluster-name': 'dev' });
  assert.equal(sectionsIn(`${text}`), first);
  for (let other = 0; other < 600; other++) sectionsIn(`hazelcast:\n    cluster-name: c${other}\n`);
  assert.notEqual(sectionsIn(text), first);
  assert.deepEqual(sectionsIn(text), first);
});

test('a file without sections has none', () => {
  for (const text of ['', 'hazelcast:\n', 'other: 1\n']) assert.deepEqual(sectionsIn(text), {});
});
