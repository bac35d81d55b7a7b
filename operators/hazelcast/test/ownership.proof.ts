import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatefulSet } from '@binnacle/client/kinds';
import { API, MOMENTS, fate, world } from '@binnacle/testing';
import { MANAGER } from './existing.ts';
import { drop, isDone, left, nothingLeft, pods } from './ownership.ts';
import { REF, hazelcast } from './subject.ts';

/** Writes of one operator that takes the cluster over, in order. */
async function writes(): Promise<readonly string[]> {
  await using w = await world([hazelcast]);
  await left(w);
  const { door } = w.start(hazelcast);
  await isDone(w);
  return door.writes;
}

test('wherever the operator dies while it takes over who owns what, no pod restarts, and what the spec drops goes', { timeout: 600_000 }, async (t) => {
  const all = await writes();
  // The apply, what is taken, and the apply that leaves out what is not wanted: of the members and of their Service.
  const calls = [...all.keys()].filter((call) => /\/(statefulsets|services)\/prod\b/.test(all[call]!));
  assert.ok(calls.length >= 6, all.join('\n'));
  for (const call of calls)
    for (const moment of MOMENTS) {
      await using w = await world([hazelcast]);
      await left(w);
      const before = await pods(w);
      const its = fate({ door: API, call, moment });
      w.start(hazelcast, { fate: its });
      await w.clock.until(() => its.struck);
      if (its.dead.aborted) w.start(hazelcast);
      await isDone(w);
      await w.clock.advance(60_000);
      const where = `${moment} ${call} ${all[call]}`;
      assert.deepEqual(await pods(w), before, where);
      const owners = (await w.api.get(StatefulSet, REF)).metadata.managedFields ?? [];
      assert.ok(
        owners.every(({ manager }) => manager !== MANAGER),
        where,
      );
      if (all[call]!.includes('statefulsets')) {
        await drop(w);
        await nothingLeft(w);
      }
    }
  t.diagnostic(`${calls.length * MOMENTS.length} runs`);
});
