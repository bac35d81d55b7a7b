import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../refusal.ts';
import { applyJsonPatch } from './json-patch.ts';
import { mergePatch } from './merge-patch.ts';

const doc = { metadata: { name: 'a', labels: { 'a/b': '1' } }, list: [1, 2, 3] };
const refusal = (code: number, message: RegExp) => (error: unknown) => error instanceof Refusal && error.status.code === code && message.test(error.message);

test('every operation of a JSON patch edits a copy', () => {
  const patched = applyJsonPatch(doc, [
    { op: 'test', path: '/metadata/name', value: 'a' },
    { op: 'add', path: '/list/1', value: 9 },
    { op: 'add', path: '/list/-', value: 4 },
    { op: 'remove', path: '/list/0' },
    { op: 'replace', path: '/list/-1', value: 5 },
    { op: 'copy', from: '/metadata/name', path: '/metadata/namespace' },
    { op: 'move', from: '/metadata/labels/a~1b', path: '/metadata/labels/c' },
  ]);
  assert.deepEqual(patched, { metadata: { name: 'a', namespace: 'a', labels: { c: '1' } }, list: [9, 2, 3, 5] });
  assert.deepEqual(doc.list, [1, 2, 3]);
});

test('a value that is left out is null', () => {
  assert.deepEqual(applyJsonPatch({ a: 1 }, [{ op: 'replace', path: '/a' }]), { a: null });
  assert.deepEqual(applyJsonPatch({ a: 1 }, [{ op: 'add', path: '/b' }]), { a: 1, b: null });
});

test('a failing test, a missing path and an unknown operation are refused with 422 and one text', () => {
  for (const operation of [
    { op: 'test', path: '/metadata/name', value: 'b' },
    { op: 'remove', path: '/metadata/none' },
    { op: 'replace', path: '/list/7', value: 1 },
    { op: 'replace', path: '/none/deeper', value: 1 },
    { op: 'add', path: '/none/deeper', value: 1 },
    { op: 'add', path: '/list/7', value: 1 },
    { op: 'add', path: '/list/x', value: 1 },
    { op: 'sing', path: '/metadata/name' },
    { op: 'remove' },
  ]) {
    assert.throws(
      () => applyJsonPatch(doc, [operation]),
      refusal(422, /^the server rejected our request due to an error in our request$/),
      JSON.stringify(operation),
    );
  }
});

test('testing a missing key for null passes', () => {
  assert.equal(applyJsonPatch(doc, [{ op: 'test', path: '/metadata/none', value: null }]), doc);
});

test('what is no list of operations is refused with 400', () => {
  assert.throws(() => applyJsonPatch(doc, { op: 'add' }), refusal(400, /^error decoding patch: /));
  assert.throws(() => mergePatch(doc, [1]), refusal(400, /^error decoding patch: /));
});

test('a merge patch removes by null, merges objects and replaces lists', () => {
  const patch = { metadata: { labels: null, annotations: { x: 'y', gone: null } }, list: [null] };
  assert.deepEqual(mergePatch(doc, patch), { metadata: { name: 'a', annotations: { x: 'y' } }, list: [null] });
});
