import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSame, planKey } from './plan.ts';
import type { ObservedKey } from './plan.ts';

const text = fc.constantFrom('1', '2', 'true', 'a "quote"');
const observed: fc.Arbitrary<ObservedKey> = fc.record({
  key: fc.constant('k'),
  start: fc.option(text, { nil: undefined }),
  wanted: fc.option(text, { nil: undefined }),
  standard: fc.option(text, { nil: null }),
  settings: fc.array(fc.option(fc.record({ value: text, mutable: fc.boolean() }), { nil: undefined }), { minLength: 1, maxLength: 3 }),
});

test('only what every node calls mutable is set, and only to what the file says or to what held without it', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const action = planKey(o);
      if (action.do !== 'set') return;
      assert.ok(o.settings.every((one) => one?.mutable === true));
      assert.equal(action.value, o.wanted ?? o.standard);
      assert.ok(o.start !== undefined || o.standard !== null, 'set without a way back');
    }),
  ));

test('done as told, nothing is left to do', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const action = planKey(o);
      if (action.do === 'set') assert.equal(planKey({ ...o, settings: o.settings.map(() => ({ value: action.value, mutable: true })) }).do, 'nothing');
      if (action.do === 'remember') assert.equal(planKey({ ...o, standard: action.standard }).do, 'set');
    }),
  ));

test('a change is made or left to a restart: never is a difference passed over', () =>
  fc.assert(
    fc.property(observed, (o) => {
      if (planKey(o).do !== 'nothing' || o.wanted === o.start) return;
      if (o.wanted === undefined) assert.ok(o.start === undefined);
      else assert.ok(o.settings.every((one) => one !== undefined && isSame(one.value, o.wanted!)));
    }),
  ));

test('a line that is what pods started with never asks for a restart: none would come', () =>
  fc.assert(fc.property(observed, (o) => assert.notEqual(planKey({ ...o, wanted: o.start }).do, 'restart'))));

test('a value is the same in whichever form the server shows it', () => {
  for (const [shown, file] of [
    ['[a, b]', 'a,b'],
    ['true', 'TRUE'],
    ['0.50', '0.5'],
    ['x', ' x '],
  ] as const)
    assert.ok(isSame(shown, file), `${shown} and ${file}`);
  for (const [shown, file] of [
    ['1', '10'],
    ['', '0'],
    ['a', 'A'],
    ['********', 'x'],
  ] as const)
    assert.ok(!isSame(shown, file), `${shown} and ${file}`);
});
