import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deref } from '../engine/resolve.ts';
import { builtinResources, builtinSchema, definition } from './table.ts';

test('every built-in resource has a schema', () => {
  assert.ok(builtinResources().length > 80);
  for (const { group, version, kind } of builtinResources()) assert.ok(builtinSchema(group, version, kind) !== undefined, `${group}/${version} ${kind}`);
});

test('an event of the core group is not one of events.k8s.io', () => {
  assert.ok(builtinSchema('', 'v1', 'Event')!.properties!['involvedObject'] !== undefined);
  assert.ok(builtinSchema('events.k8s.io', 'v1', 'Event')!.properties!['regarding'] !== undefined);
});

test('every reference leads somewhere', () => {
  const seen = new Set<string>();
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    // A property may be called $ref too, in the schema of schemas; only text is a reference.
    if ('$ref' in node && typeof node.$ref === 'string' && !seen.has(node.$ref)) {
      seen.add(node.$ref);
      visit(deref({ $ref: node.$ref }));
    }
    for (const part of Object.values(node)) visit(part);
  };
  for (const { group, version, kind } of builtinResources()) visit(builtinSchema(group, version, kind));
  assert.ok(seen.size > 300);
});

test('a kind that is not built in has none, and a name that is none says so', () => {
  assert.equal(builtinSchema('ex.io', 'v1', 'Thing'), undefined);
  assert.throws(() => definition('io.k8s.Nope'), /io\.k8s\.Nope/);
});
