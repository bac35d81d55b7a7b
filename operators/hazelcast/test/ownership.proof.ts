import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyKind } from '@binnacle/client';
import { ConfigMap, Role, RoleBinding, Secret, Service, ServiceAccount, StatefulSet } from '@binnacle/client/kinds';
import { API, MOMENTS, chosen, fate, world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { MANAGER } from './existing.ts';
import { drop, isDone, left, nothingLeft, pods } from './ownership.ts';
import { REF, hazelcast } from './subject.ts';

/** What the existing operator made for one cluster alone. */
const MADE: readonly AnyKind[] = [StatefulSet, Service, Secret, ConfigMap, ServiceAccount, Role, RoleBinding];

/** Writes of one operator that takes the cluster over, in order. */
async function writes(): Promise<readonly string[]> {
  await using w = await world([hazelcast]);
  await left(w);
  const { door } = w.start(hazelcast);
  await isDone(w);
  return door.writes;
}

/** Objects of the cluster of which the existing operator still owns something. */
async function stillOwned(w: World): Promise<readonly string[]> {
  const owned: string[] = [];
  for (const kind of MADE)
    for (const { metadata } of (await w.api.list(kind, { namespace: REF.namespace })).items)
      if (metadata.ownerReferences !== undefined && metadata.managedFields?.some(({ manager }) => manager === MANAGER) === true)
        owned.push(`${kind.kind} ${metadata.name}`);
  return owned;
}

test('wherever the operator dies while it takes over who owns what, no pod restarts, and what the spec drops goes', { timeout: 1_200_000 }, async (t) => {
  const all = await writes();
  // The apply, what is taken, and the apply that leaves out what is not wanted.
  for (const kind of ['statefulsets', 'services', 'secrets', 'configmaps', 'serviceaccounts', 'roles', 'rolebindings'])
    assert.ok(all.filter((call) => call.includes(`/${kind}/`)).length >= 3, all.join('\n'));
  const points = chosen([...all.keys()].flatMap((call) => MOMENTS.map((moment) => ({ call, moment }))));
  for (const { call, moment } of points) {
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
    assert.deepEqual([await pods(w), await stillOwned(w)], [before, []], where);
    // What was taken of other objects is gone at once; of the pods with their restart.
    if (all[call]!.includes('statefulsets')) {
      await drop(w);
      await nothingLeft(w);
    }
  }
  t.diagnostic(`${points.length} of ${all.length * MOMENTS.length} points`);
});
