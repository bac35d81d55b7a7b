import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hostPort } from '../../sql/host-port.ts';
import { plan } from './plan.ts';
import type { Observed, OurBackend } from './plan.ts';

const backend = (ordinal: number, facts: Partial<OurBackend> = {}): OurBackend => ({
  address: hostPort(`be-${ordinal}.x`, 9050),
  ordinal,
  alive: true,
  decommissioned: false,
  tablets: 10,
  leavingByUs: false,
  ...facts,
});

/** Any cluster, the unlikely ones above all: nodes missing, dead, half gone. */
const observed: fc.Arbitrary<Observed> = fc
  .record({
    wanted: fc.nat(5),
    replicas: fc.nat(6),
    replication: fc.nat(3),
    facts: fc.array(
      fc.record({ listed: fc.boolean(), alive: fc.boolean(), decommissioned: fc.boolean(), tablets: fc.constantFrom(0, 0, 1, 7), leavingByUs: fc.boolean() }),
      { minLength: 7, maxLength: 7 },
    ),
  })
  .map(({ facts, ...o }) => ({ ...o, backends: facts.flatMap(({ listed, ...rest }, ordinal) => (listed ? [backend(ordinal, rest)] : [])) }));

test('data first: no back end is dropped while it holds a tablet, or shut down while it is listed', () =>
  fc.assert(
    fc.property(observed, (o) => {
      for (const action of plan(o)) {
        if (action.do === 'drop') assert.ok(action.backend.tablets === 0 && action.backend.decommissioned);
        if (action.do === 'shrink') assert.ok(o.backends.every((one) => one.ordinal !== action.replicas));
      }
    }),
  ));

test('never more than asked: what is wanted is neither decommissioned nor shut down, and one pod goes at a time', () =>
  fc.assert(
    fc.property(observed, (o) => {
      for (const action of plan(o)) {
        if (action.do === 'decommission' || action.do === 'drop') assert.ok(action.backend.ordinal >= o.wanted);
        if (action.do === 'shrink') assert.ok(action.replicas >= o.wanted && action.replicas === o.replicas - 1);
        if (action.do === 'cancelDecommission') assert.ok(action.backend.leavingByUs && action.backend.ordinal < o.wanted);
      }
    }),
  ));

test('a node leaves only when as many living ones stay as tables keep copies', () =>
  fc.assert(
    fc.property(observed, (o) => {
      for (const action of plan(o)) {
        if (action.do !== 'decommission') continue;
        assert.ok(o.backends.filter((one) => one !== action.backend && one.alive && !one.decommissioned).length >= o.replication);
      }
    }),
  ));

test('five become three: data, node, pod, and again', () => {
  const at = (replicas: number, ...last: OurBackend[]) => ({ wanted: 3, replicas, replication: 3, backends: [0, 1, 2].map((n) => backend(n)).concat(last) });
  assert.deepEqual(
    plan(at(5, backend(3), backend(4))).map((one) => one.do),
    ['decommission'],
  );
  assert.deepEqual(
    plan(at(5, backend(3), backend(4, { decommissioned: true }))).map((one) => one.do),
    ['wait'],
  );
  assert.deepEqual(
    plan(at(5, backend(3), backend(4, { decommissioned: true, tablets: 0 }))).map((one) => one.do),
    ['drop'],
  );
  assert.deepEqual(plan(at(5, backend(3))), [{ do: 'shrink', replicas: 4 }]);
  assert.deepEqual(
    plan(at(4, backend(3))).map((one) => one.do),
    ['decommission'],
  );
  assert.deepEqual(plan(at(3)), []);
});

test("asked back half-way, our decommission is cancelled and a DBA's is not", () => {
  const o = {
    wanted: 3,
    replicas: 3,
    replication: 1,
    backends: [backend(1, { decommissioned: true }), backend(2, { decommissioned: true, leavingByUs: true })],
  };
  assert.deepEqual(
    plan(o).map((one) => (one.do === 'cancelDecommission' ? one.backend.ordinal : one.do)),
    [2],
  );
});
