import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { failoverPlan } from './plan.ts';
import type { Failed, ObservedFailover, Seen } from './plan.ts';

const seen = (ordinal: number, alive: boolean): Seen => ({ pod: `prod-be-${ordinal}`, ordinal, alive });
const failed = (ordinal: number, deadSinceMs: number, addedAtMs?: number): Failed => ({ pod: `prod-be-${ordinal}`, ordinal, deadSinceMs, addedAtMs });

const observed: fc.Arbitrary<ObservedFailover> = fc
  .array(fc.record({ alive: fc.boolean(), known: fc.boolean(), since: fc.nat(100), added: fc.option(fc.nat(100), { nil: undefined }) }), { maxLength: 7 })
  .chain((rows) =>
    fc.record({
      nodes: fc.constant(rows.map(({ alive }, ordinal) => seen(ordinal, alive))),
      known: fc.constant(rows.flatMap(({ known, since, added }, ordinal) => (known ? [failed(ordinal, since, added)] : []))),
      max: fc.nat(4),
      afterMs: fc.integer({ min: 1, max: 50 }),
      withdraw: fc.boolean(),
      nowMs: fc.integer({ min: 100, max: 200 }),
    }),
  );

test('never more nodes are added than allowed, none before its time, and none while more than half are dead', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const { failed: after, added } = failoverPlan(o);
      const before = o.known.filter((one) => one.addedAtMs !== undefined).length;
      assert.ok(added.length === 0 || before + added.length <= o.max);
      for (const one of added) assert.ok(o.nowMs - one.deadSinceMs >= o.afterMs && o.nodes[one.ordinal]?.alive === false);
      if (o.nodes.filter((one) => !one.alive).length * 2 > o.nodes.length) assert.deepEqual(added, []);
      assert.equal(new Set(after.map((one) => one.pod)).size, after.length);
    }),
  ));

test('an added node stays until it is asked for and the one that it stands in for is back', () =>
  fc.assert(
    fc.property(observed, (o) => {
      const { failed: after, withdrawn } = failoverPlan(o);
      for (const one of o.known.filter(({ addedAtMs }) => addedAtMs !== undefined)) {
        const goes = withdrawn.some(({ pod }) => pod === one.pod);
        assert.equal(goes, o.withdraw && o.nodes[one.ordinal]?.alive === true);
        assert.equal(
          after.some(({ pod, addedAtMs }) => pod === one.pod && addedAtMs !== undefined),
          !goes,
        );
      }
    }),
  ));

test('a node that is back in time is forgotten', () => {
  const at = (alive: boolean, nowMs: number, known: readonly Failed[]) =>
    failoverPlan({ nodes: [seen(0, true), seen(1, alive)], known, max: 1, afterMs: 10, withdraw: false, nowMs });
  const first = at(false, 100, []);
  assert.deepEqual(first.failed, [failed(1, 100)]);
  assert.deepEqual(at(true, 105, first.failed).failed, []);
  assert.deepEqual(at(false, 110, first.failed).added, [failed(1, 100)]);
});
