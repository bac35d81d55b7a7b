import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashEverywhere } from '@binnacle/testing';
import { Hazelcast } from '../src/index.ts';
import { life } from './stories.ts';
import type { Wish } from './stories.ts';
import { REF, ready, want } from './subject.ts';

const TWO: Wish = { clusterSize: 2 };

test('members come and leave one at a time, wherever the operator dies', async (t) => {
  await crashEverywhere(t, () => life({ given: TWO, when: { out: { clusterSize: 3 }, in: TWO }, round: true }));
});

test('a changed configuration reaches members one at a time, and going back as well, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(t, () => life({ given: TWO, when: { changed: { ...TWO, properties: { a: 'b' } }, back: TWO }, round: true }));
  assert.ok((ran.calls['rest'] ?? 0) >= 4, 'members were stopped without being asked');
  assert.ok((ran.calls['message'] ?? 0) >= 30, 'questions about the state of members are calls');
});

test('an executor reaches members that run, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(t, () => life({ given: TWO, when: { added: { ...TWO, executorServices: [{ name: 'x' }] } } }));
  assert.ok((ran.calls['message'] ?? 0) >= 8);
});

test('a scale-in that is taken back half-way ends with all members, wherever the operator dies', async (t) => {
  const four: Wish = { clusterSize: 4 };
  await crashEverywhere(t, () =>
    life({
      given: four,
      when: {
        async reversed(w) {
          await want(w, TWO);
          await w.until(Hazelcast, REF, (now) => now?.status?.conditions?.some(({ reason }) => reason === 'ScalingIn') === true);
          await want(w, four);
          await ready(w);
        },
      },
      round: true,
    }),
  );
});
