import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { world } from '@binnacle/testing';
import type { Subject, World } from '@binnacle/testing';
import { example } from './examples.ts';
import { doris, hazelcast } from './subjects.ts';

const BOTH: readonly (readonly [Subject, string])[] = [
  [doris, 'doris/basic.yaml'],
  [hazelcast, 'hazelcast/basic.yaml'],
];
const TEN = Array.from({ length: 10 }, (_, index) => `c${index}`);

async function applyTenOfEach(w: World): Promise<void> {
  for (const name of TEN)
    for (const [subject, file] of BOTH) await w.api.apply(subject.resources[0]!, example(file, name), { fieldManager: 'user', force: true });
}

async function allReady(w: World): Promise<void> {
  for (const name of TEN)
    for (const [subject] of BOTH) await w.until(subject.resources[0]!, { namespace: 'default', name }, (now) => now !== undefined && isReady(now));
}

test('ten of each kind become Ready at once, the operators being restarted in the middle', async () => {
  await using w = await world([doris, hazelcast]);
  const first = BOTH.map(([subject]) => w.start(subject));
  await applyTenOfEach(w);
  await w.clock.advance(15_000);
  for (const process of first) process.kill();
  for (const [subject] of BOTH) w.start(subject);
  await allReady(w);
});
