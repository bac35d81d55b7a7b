import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hostPort } from '../../sql/host-port.ts';
import { frontendPlan } from './fe-plan.ts';
import type { Follower, ObservedFrontends } from './fe-plan.ts';

const frontend = (ordinal: number, facts: Partial<Follower> = {}): Follower => ({
  address: hostPort(`fe-${ordinal}.x`, 9010),
  ordinal,
  role: 'FOLLOWER',
  alive: true,
  master: false,
  ...facts,
});

const observed: fc.Arbitrary<ObservedFrontends> = fc
  .record({
    wanted: fc.nat(4),
    replicas: fc.nat(5),
    master: fc.nat(5),
    facts: fc.array(fc.record({ listed: fc.boolean(), alive: fc.boolean(), role: fc.constantFrom('FOLLOWER', 'FOLLOWER', 'OBSERVER') }), {
      minLength: 6,
      maxLength: 6,
    }),
  })
  .map(({ wanted, replicas, master, facts }) => ({
    wanted,
    replicas,
    frontends: facts.flatMap(({ listed, ...rest }, ordinal) => (listed ? [frontend(ordinal, { ...rest, master: ordinal === master && rest.alive })] : [])),
  }));

test('those that stay always have a living majority among themselves', () =>
  fc.assert(
    fc.property(observed, (o) => {
      for (const action of frontendPlan(o)) {
        if (action.do !== 'drop' || action.frontend.role !== 'FOLLOWER') continue;
        const staying = o.frontends.filter((one) => one.role === 'FOLLOWER' && one !== action.frontend);
        assert.ok(staying.filter((one) => one.alive).length * 2 > staying.length);
      }
    }),
  ));

test('a pod goes only when its front end is no member, never the last one, and the master is never dropped', () =>
  fc.assert(
    fc.property(observed, (o) => {
      for (const action of frontendPlan(o)) {
        if (action.do === 'shrink') assert.ok(action.replicas >= 1 && o.frontends.every((one) => one.ordinal !== action.replicas));
        if (action.do === 'drop') assert.ok(!(action.frontend.master && action.frontend.role === 'FOLLOWER') && (action.frontend.ordinal ?? 0) >= o.wanted);
      }
    }),
  ));

test('whoever leads and has to leave later is relieved while others can be elected: in the end nobody has to wait for a person', () => {
  const led = (by: number) => [0, 1, 2].map((ordinal) => frontend(ordinal, { master: ordinal === by }));
  assert.deepEqual(frontendPlan({ wanted: 1, replicas: 3, frontends: led(1) }), [{ do: 'moveMaster', ordinal: 1 }]);
  assert.deepEqual(frontendPlan({ wanted: 2, replicas: 3, frontends: led(1) })[0]?.do, 'drop');
  const [first, second, third] = led(1);
  // With one away there is nobody to elect: the group gets as small as it can.
  assert.deepEqual(frontendPlan({ wanted: 1, replicas: 3, frontends: [first!, second!, { ...third!, alive: false }] })[0]?.do, 'drop');
});

test('of two the one that leads cannot be relieved, and the way out is told: with a third it can', () => {
  const two = [frontend(0), frontend(1, { master: true })];
  const [stuck] = frontendPlan({ wanted: 1, replicas: 2, frontends: two });
  assert.equal(stuck?.do, 'wait');
  assert.match(stuck?.do === 'wait' ? stuck.message : '', /ask for 3 front ends first, and for 1 once they are there/);
  assert.deepEqual(frontendPlan({ wanted: 1, replicas: 3, frontends: [...two, frontend(2)] }), [{ do: 'moveMaster', ordinal: 1 }]);
  const [down] = frontendPlan({ wanted: 2, replicas: 3, frontends: [frontend(0), frontend(1, { alive: false }), frontend(2, { master: true })] });
  assert.equal(down?.do, 'wait');
});

test('three become one, the master last', () => {
  const all = [frontend(0), frontend(1), frontend(2, { master: true })];
  assert.deepEqual(frontendPlan({ wanted: 1, replicas: 3, frontends: all }), [{ do: 'moveMaster', ordinal: 2 }]);
  const moved = [frontend(0, { master: true }), frontend(1), frontend(2)];
  assert.deepEqual(frontendPlan({ wanted: 1, replicas: 3, frontends: moved }), [{ do: 'drop', frontend: moved[2] }]);
  assert.deepEqual(frontendPlan({ wanted: 1, replicas: 3, frontends: moved.slice(0, 2) }), [{ do: 'shrink', replicas: 2 }]);
  assert.deepEqual(frontendPlan({ wanted: 1, replicas: 2, frontends: [frontend(0, { alive: false }), frontend(1)] })[0]?.do, 'wait');
  assert.deepEqual(frontendPlan({ wanted: 0, replicas: 1, frontends: [frontend(0)] })[0]?.do, 'refuse');
});
