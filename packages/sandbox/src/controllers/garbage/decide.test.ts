import type { OwnerReference } from '@binnacle/client/kinds';
import { ConfigMap } from '@binnacle/client/kinds';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Standing } from './decide.ts';
import { fate } from './decide.ts';
import type { Item } from './graph.ts';
import { graph } from './graph.ts';

const owner = (uid: string): OwnerReference => ({ apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid });
const item = (over: Partial<Item> = {}): Item => ({ kind: ConfigMap, ref: { name: 'x' }, uid: 'x', owners: [], finalizers: [], deleting: false, ...over });
const standings = (...all: readonly Standing[]) => all.map((standing, i) => [owner(`owner-${i}`), standing] as const);

test('an object goes when the last of its owners has gone', () => {
  assert.deepEqual(fate(item(), standings('absent'), false), { do: 'delete', propagation: 'Background' });
  assert.equal(fate(item(), standings('solid', 'absent'), false).do, 'strike');
  assert.equal(fate(item(), standings('solid'), false).do, 'nothing');
});

test('an owner that is deleted in the foreground takes dependents along in the foreground', () => {
  assert.deepEqual(fate(item(), standings('waiting'), true), { do: 'delete', propagation: 'Foreground' });
  assert.deepEqual(fate(item(), standings('waiting'), false), { do: 'delete', propagation: 'Background' });
});

test('nothing is deleted while an owner may be alive', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom<Standing[]>('solid', 'absent', 'waiting', 'unknown')), fc.boolean(), (all, hasDependents) => {
      const move = fate(item(), standings(...all), hasDependents);
      if (all.includes('solid') || all.includes('unknown')) assert.notEqual(move.do, 'delete');
      if (all.length === 0) assert.equal(move.do, 'nothing');
    }),
  );
});

test('a change that does not concern ownership wakes nobody', () => {
  const objects = graph();
  const dependent = item({ owners: [owner('o')] });
  assert.deepEqual(objects.put(dependent), ['x', 'o']);
  assert.deepEqual(objects.put({ ...dependent }), []);
  assert.deepEqual(objects.put(item({ uid: 'o', ref: { name: 'o' } })), ['o']);
  assert.deepEqual(objects.remove('o'), ['x'], 'its dependents are looked at when an owner goes');
});
