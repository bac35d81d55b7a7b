import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const sources = new URL('../src/', import.meta.url);
const docs = new URL('../../../docs/', import.meta.url);
const read = (folder: URL, file: string) => readFileSync(new URL(file, folder), 'utf8');
const code = readdirSync(sources, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => read(sources, file));
const pages = readdirSync(docs)
  .filter((file) => /^doris.*\.md$/.test(file))
  .map((file) => read(docs, file))
  .join('\n');

/** Words that stand in code where a pattern has them. */
const words = (...patterns: readonly RegExp[]): readonly string[] => [
  ...new Set(code.flatMap((text) => patterns.flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1]!)))),
];
const untold = (all: readonly string[]) => all.filter((word) => !pages.includes(`\`${word}\``));

test('every reason for which an object is not Ready is on a page about Doris', () => {
  const reasons = words(
    /\b(?:waitFor|stop)\(\s*'([A-Z]\w+)'/g,
    /\bdo: '(?:wait|refuse|paused)', reason: '(\w+)'/g,
    /\bdo: '(?:wait|refuse)',\s*reason: '(\w+)'/g,
  );
  assert.ok(reasons.length > 50, `${reasons.length}`);
  assert.deepEqual(untold(reasons), []);
});

test('so is every condition', () => {
  const conditions = words(/\bcx\.condition\(\s*'(\w+)'/g);
  assert.ok(conditions.length > 10, `${conditions.length}`);
  assert.deepEqual(untold(conditions), []);
});

test('and every annotation that is for users to write', () => {
  const annotations = words(/export const (?:ALLOW_\w+|PAUSE|KEEP|DELETE_AT|RUN_AGAIN|RESTART_TAKEN_OVER) = '(al-assad\.github\.io\/[a-z-]+)'/g);
  assert.equal(annotations.length, 8, annotations.join(', '));
  assert.deepEqual(
    annotations.filter((name) => !pages.includes(name)),
    [],
  );
});
