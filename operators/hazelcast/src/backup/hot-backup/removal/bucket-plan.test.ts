import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bucketPlan } from './bucket-plan.ts';
import type { Observed } from './bucket-plan.ts';

const OWN = ['a', 'b', 'c'].map((name) => ({ entry: `s3://bucket?prefix=${name}`, key: name }));
/** As often absent as not: what deletes needs most of them absent at once. */
const ABSENT = { nil: undefined, freq: 2 };
const RUNS = { numRuns: 5_000 };
const text = (value: string) => fc.option(fc.constant(value), ABSENT);
const observed: fc.Arbitrary<Observed> = fc.record({
  wanted: fc.boolean(),
  bucket: fc.constant('s3://bucket'),
  own: fc.subarray(OWN),
  strange: fc.subarray(['s3://bucket?prefix=other']),
  neededBy: text('restored'),
  keptBecause: text('its schedule goes'),
  problem: text('there is no Secret'),
  left: fc.option(fc.subarray([...OWN.map(({ entry }) => entry), 's3://bucket?prefix=other']), ABSENT),
});

test('nothing is deleted that was not asked for and written down before, and only what is the backup’s own', () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(observed, (o) => {
      const action = bucketPlan(o);
      if (action.do === 'begin')
        assert.ok(o.wanted && o.neededBy === undefined && o.keptBecause === undefined && o.problem === undefined && o.strange.length === 0);
      seen.add(action.do);
      if (action.do !== 'delete') return;
      assert.ok(o.wanted && o.problem === undefined && o.strange.length === 0);
      assert.ok(action.archives.length > 0 && action.archives.every((one) => o.own.includes(one) && o.left?.includes(one.entry)));
    }),
    RUNS,
  );
  assert.deepEqual([...seen].toSorted(), ['begin', 'delete', 'finish', 'wait']);
});

test('a HotBackup does not go before its backup is gone, unless that was not asked for or it says what stays', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const action = bucketPlan(o);
      if (action.do !== 'finish' || !o.wanted || action.kept !== undefined) return;
      assert.ok(o.strange.length === 0 && o.own.every(({ entry }) => o.left !== undefined && !o.left.includes(entry)));
      assert.equal(action.removed, o.own.length);
    }),
    RUNS,
  ));

test('half a backup is not called one, whoever wants it back', () => {
  const half = {
    wanted: false,
    bucket: 's3://bucket',
    own: OWN,
    strange: [],
    neededBy: undefined,
    keptBecause: undefined,
    problem: undefined,
    left: [OWN[0]!.entry],
  };
  const action = bucketPlan(half);
  assert.ok(action.do === 'finish');
  assert.match(action.kept ?? '', /^1 of its 3 objects may still be in s3:\/\/bucket/);
});

test('what cannot be deleted holds the HotBackup, and the user is told the way out', () => {
  const action = bucketPlan({
    wanted: true,
    bucket: 's3://bucket',
    own: OWN,
    strange: ['s3://b?prefix=x'],
    neededBy: undefined,
    keptBecause: undefined,
    problem: undefined,
    left: undefined,
  });
  assert.ok(action.do === 'wait' && action.reason === 'RemovalFails');
  assert.match(action.message, /names what is not of this backup: s3:\/\/b\?prefix=x\. Delete it there, or set spec\.deletionPolicy to Retain/);
});
