import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Memory } from './pace.ts';
import { pace, remember } from './pace.ts';

const wishes = fc.record({
  start: fc.integer({ min: 2, max: 8 }),
  step: fc.integer({ min: 1, max: 3 }),
  windowSeconds: fc.constantFrom(0, 30, 120),
  wishes: fc.array(fc.nat(30), { minLength: 1, maxLength: 40 }),
});

test('it stays in its bounds, keeps to its pace, and never goes below what was wished for within the window', () => {
  fc.assert(
    fc.property(wishes, ({ start, step, windowSeconds, wishes: all }) => {
      const rules = (stabilizationWindowSeconds: number) => ({ stabilizationWindowSeconds, policies: [{ type: 'Pods', value: step, periodSeconds: 60 }] });
      const behavior = { scaleUp: rules(0), scaleDown: rules(windowSeconds) };
      let memory: Memory = { wishes: [], changes: [] };
      const sizes = [start];
      for (const [i, wanted] of all.entries()) {
        const [current, nowMs] = [sizes.at(-1)!, (i + 1) * 15_000];
        const { replicas, limited } = pace({ current, wanted, min: 2, max: 8, behavior, nowMs }, memory);
        assert.ok(replicas >= 2 && replicas <= 8, 'bounds');
        const recent = [wanted, ...all.slice(0, i).filter((_, j) => (j + 1) * 15_000 > nowMs - windowSeconds * 1000)];
        if (replicas < current) assert.ok(replicas >= Math.min(8, Math.max(...recent)), 'window');
        assert.ok(replicas === current || replicas > current === wanted > current, 'direction');
        if (wanted > 8 && replicas === 8) assert.equal(limited, 'TooManyReplicas');
        memory = remember(memory, nowMs, wanted, replicas - current);
        sizes.push(replicas);
        // From where it stood a minute ago, in the direction of the move: what went down since may come up again, and what came up go down.
        const minuteAgo = sizes.slice(-5)[0]!;
        const moved = replicas > current ? replicas - minuteAgo : minuteAgo - replicas;
        if (replicas !== current) assert.ok(moved <= step, `pace: ${sizes.join()}`);
      }
    }),
    { numRuns: 200 },
  );
});
