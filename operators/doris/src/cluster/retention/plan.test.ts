import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { retentionPlan } from './plan.ts';
import type { ObservedVolumes } from './plan.ts';

const volume = fc.record({
  claim: fc.constant('be-storage-prod-be-1'),
  ordinal: fc.nat(4),
  left: fc.boolean(),
  kept: fc.boolean(),
  deleteAtMs: fc.option(fc.oneof(fc.integer({ min: 0, max: 100 }), fc.constant(NaN)), { nil: undefined }),
  used: fc.boolean(),
});
const observed: fc.Arbitrary<ObservedVolumes> = fc.record({
  wanted: fc.nat(4),
  afterMs: fc.option(fc.nat(50), { nil: undefined }),
  nowMs: fc.nat(100),
  volumes: fc.array(volume, { maxLength: 5 }),
});

test('only what its node has left, nobody wants or uses, nobody keeps, and was announced for a time that is over, is deleted', () =>
  fc.assert(
    fc.property(observed, (o) => {
      for (const action of retentionPlan(o).actions) {
        if (action.do !== 'delete') continue;
        const { left, kept, used, ordinal, deleteAtMs } = action.volume;
        assert.ok(left && !kept && !used && ordinal >= o.wanted && o.afterMs !== undefined);
        assert.ok(deleteAtMs !== undefined && deleteAtMs <= o.nowMs);
      }
    }),
  ));

test('a volume whose end has not come is looked at again when it has', () => {
  const left = { claim: 'c', ordinal: 1, left: true, kept: false, used: false };
  const at = (deleteAtMs: number | undefined, nowMs: number) => retentionPlan({ wanted: 1, afterMs: 10, nowMs, volumes: [{ ...left, deleteAtMs }] });
  assert.deepEqual(
    at(undefined, 5).actions.map((one) => ('atMs' in one ? one.atMs : one.do)),
    [15],
  );
  assert.deepEqual(at(15, 5), { actions: [], nextMs: 10 });
  assert.deepEqual(
    at(15, 15).actions.map((one) => one.do),
    ['delete'],
  );
});
