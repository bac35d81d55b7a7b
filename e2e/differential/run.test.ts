import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@binnacle/client';
import { compare } from './run.ts';
import type { Pair } from './run.ts';
import type { Step } from './step.ts';

const text = (steps: readonly Step[]) => JSON.stringify(steps);

/** Both servers answer alike, each script after another while, but for these scripts. */
function pairOf(differing: (script: string) => string | undefined): Pair & { readonly played: string[] } {
  const played: string[] = [];
  return {
    played,
    async both(steps) {
      played.push(text(steps));
      await systemClock().sleep(Math.random() * 4);
      const signature = differing(text(steps));
      const difference = signature === undefined ? undefined : { step: 0, signatures: [signature], ours: 1, real: 2 };
      return { difference, met: [], compared: steps.length };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

const options = { seed: 3, requests: 400, known: [], shrinks: false };

test('a seed is always the same scripts, whichever of them are played fastest', async () => {
  const [one, other] = [pairOf(() => undefined), pairOf(() => undefined)];
  const [a, b] = [await compare(one, options), await compare(other, options)];
  assert.deepEqual(one.played, other.played);
  assert.deepEqual([a.compared, a.scripts, a.alike], [b.compared, one.played.length, one.played.length]);
});

test('a difference is told with how often it shows when it is played again', async () => {
  const before = pairOf(() => undefined);
  await compare(before, options);
  let left = 2;
  const now = pairOf((script) => (script === before.played[5] && left-- > 0 ? 'get pods: at .spec' : undefined));
  const { found } = await compare(now, options);
  assert.deepEqual(
    found.map(({ signature, seed, times, again }) => [signature, seed, times, again]),
    [['get pods: at .spec', 8, 1, 1]],
  );
});

test('a script that cannot be played is told by its seed', async () => {
  const broken = pairOf(() => {
    throw new Error('no answer');
  });
  await assert.rejects(compare(broken, options), /the script of seed 3: no answer/);
});
