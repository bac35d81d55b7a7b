import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { differences, snapshot, world } from '@binnacle/testing';
import type { FaultPlan } from '@binnacle/testing';
import { example } from './examples.ts';

import { doris, hazelcast } from './subjects.ts';

const BAD_LINE: FaultPlan = {
  lost: 0.05,
  answerLost: 0.1,
  conflict: 0.05,
  tooManyRequests: 0.05,
  unavailable: 0.05,
  delayMs: 200,
  watchDropped: 0.02,
  watchStalled: 0.005,
  untilMs: 120_000,
};
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);

for (const [subject, file] of [
  [doris, 'doris/basic.yaml'],
  [hazelcast, 'hazelcast/basic.yaml'],
] as const) {
  test(`${subject.name}: on a line that loses, refuses, delays and stalls, the same cluster comes up`, async (t) => {
    const [kind] = subject.resources;
    const object = example(file);
    const bringUp = async (seed: number, faults: FaultPlan | undefined) => {
      await using w = await world([subject], { seed });
      w.start(subject, faults === undefined ? {} : { faults });
      await w.api.apply(kind!, object, { fieldManager: 'user', force: true });
      await w.until(kind!, object.metadata, (now) => now !== undefined && isReady(now));
      await w.clock.advance(300_000); // silent watches are noticed after 150 s
      await w.until(kind!, object.metadata, (now) => now !== undefined && isReady(now));
      return await snapshot(w, subject.resources);
    };
    const reference = await bringUp(0, undefined);
    for (const seed of SEEDS) assert.deepEqual(differences(await bringUp(seed, BAD_LINE), reference), [], `seed ${seed}`);
    t.diagnostic(`${SEEDS.length} seeds`);
  });
}
