import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { PersistentVolumeClaim, Pod } from '@binnacle/client/kinds';
import { virtualClock, world } from '@binnacle/testing';
import type { Subject } from '@binnacle/testing';
import { isReady } from '@binnacle/client';
import { example } from './examples.ts';
import { doris, hazelcast } from './subjects.ts';

const BOTH: readonly (readonly [Subject, string])[] = [
  [doris, 'doris/basic.yaml'],
  [hazelcast, 'hazelcast/basic.yaml'],
];
test('a sandbox killed and started again on its state goes on: same objects, same volumes, Ready again', { timeout: 150_000 }, async () => {
  const state = mkdtempSync(join(tmpdir(), 'binnacle-state-'));
  try {
    const clock = virtualClock();
    let claims: readonly string[];
    let uids: readonly string[];
    {
      await using w = await world([doris, hazelcast], { state, clock });
      for (const [subject] of BOTH) w.start(subject);
      for (const [subject, file] of BOTH) await w.api.apply(subject.resources[0]!, example(file), { fieldManager: 'user', force: true });
      for (const [subject, file] of BOTH) await w.until(subject.resources[0]!, example(file).metadata, (now) => now !== undefined && isReady(now));
      claims = (await w.api.list(PersistentVolumeClaim)).items.map((claim) => `${claim.metadata.name} ${claim.metadata.uid}`);
      uids = (await w.api.list(Pod)).items.map((pod) => `${pod.metadata.name} ${pod.metadata.uid}`);
    }
    await using again = await world([doris, hazelcast], { state, clock });
    for (const [subject] of BOTH) again.start(subject);
    await again.clock.advance(30_000);
    for (const [subject, file] of BOTH) await again.until(subject.resources[0]!, example(file).metadata, (now) => now !== undefined && isReady(now));
    assert.deepEqual(
      (await again.api.list(PersistentVolumeClaim)).items.map((claim) => `${claim.metadata.name} ${claim.metadata.uid}`),
      claims,
    );
    assert.deepEqual(
      (await again.api.list(Pod)).items.map((pod) => `${pod.metadata.name} ${pod.metadata.uid}`),
      uids,
    );
  } finally {
    rmSync(state, { recursive: true, force: true });
  }
});
