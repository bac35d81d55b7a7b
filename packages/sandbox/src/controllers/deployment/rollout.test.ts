import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { limits, proportional, rollingStep } from './rollout.ts';

test('surge is rounded up, unavailability down, and something can always move', () => {
  assert.deepEqual(limits(10, '25%', '25%'), { maxSurge: 3, maxUnavailable: 2 });
  assert.deepEqual(limits(1, '25%', '25%'), { maxSurge: 1, maxUnavailable: 0 });
  assert.deepEqual(limits(3, 0, '10%'), { maxSurge: 0, maxUnavailable: 1 });
  assert.deepEqual(limits(0, '25%', '25%'), { maxSurge: 0, maxUnavailable: 0 });
});

test('scaling in the middle of a rollout keeps the shares: three to six makes four new and three old', () => {
  const share = (name: string) => ({ name, replicas: 2, available: 2, allowedBefore: 4 });
  assert.deepEqual(
    new Map([
      ['new', 4],
      ['old', 3],
    ]),
    proportional([share('old'), share('new')], 7),
  );
  // Down to two: of two of one size the older one gives most.
  assert.deepEqual(new Map([['old', 1]]), proportional([share('old'), share('new')], 3));
  assert.deepEqual(
    new Map([
      ['old', 0],
      ['new', 0],
    ]),
    proportional([share('old'), share('new')], 0),
  );
});

const setups = fc.record({ wanted: fc.integer({ min: 1, max: 12 }), surge: fc.nat(4), unavailable: fc.nat(4), ready: fc.infiniteStream(fc.boolean()) });

test('a rollout never has too many pods or too few that serve, and ends', () => {
  fc.assert(
    fc.property(setups, ({ wanted, surge, unavailable, ready }) => {
      const { maxSurge, maxUnavailable } = limits(wanted, surge, unavailable);
      let [current, currentAvailable, old] = [0, 0, wanted];
      let steps = 0;
      while (current < wanted || old > 0 || currentAvailable < wanted) {
        const sizes = rollingStep({
          wanted,
          maxSurge,
          maxUnavailable,
          current: { name: 'new', replicas: current, available: currentAvailable },
          old: [{ name: 'old', replicas: old, available: old }],
        });
        current = sizes.get('new') ?? current;
        old = sizes.get('old') ?? old;
        assert.ok(current + old <= wanted + maxSurge, 'surge');
        assert.ok(currentAvailable + old >= wanted - maxUnavailable, 'availability');
        // At the latest every second look a new pod has become ready.
        if (currentAvailable < current && (ready.next().value === true || steps % 2 === 0)) currentAvailable += 1;
        assert.ok(steps++ < 200, 'stuck');
      }
    }),
  );
});
