import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf } from '@binnacle/client';
import { ConfigMap } from '@binnacle/client/kinds';
import { crashEverywhere } from '@binnacle/testing';
import type { Story, World } from '@binnacle/testing';
import { Hazelcast, HotBackup } from '../src/index.ts';
import { put } from './put.ts';
import { life } from './stories.ts';
import { stubborn } from './stubborn.ts';
import { REF, membersOf, ready, want } from './subject.ts';

const BACKUP = { namespace: 'default', name: 'backup' };
const LONG_MS = 7_200_000;
const stored = (clusterSize: number) => ({
  clusterSize,
  licenseKeySecretName: 'licence',
  persistence: { pvc: { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi' } },
});

/** `prod`, which a backup has made PASSIVE and cannot make ACTIVE again: it goes down so, with `down`, comes back on its volumes, and serves. */
function passed(down: (w: World) => Promise<void>): Story {
  const refuse = { now: false };
  const told = life({
    given: stored(2),
    when: {
      async passive(w) {
        refuse.now = true;
        await put(w, HotBackup, BACKUP.name, { spec: { hazelcastResourceName: REF.name } });
        await w.until(HotBackup, BACKUP, (now) => conditionOf(now ?? {}, 'ClusterPassive')?.status === 'True', LONG_MS);
      },
      down,
      async back(w) {
        refuse.now = false;
        await want(w, stored(2));
        const { status } = await ready(w);
        assert.equal(status?.hazelcastClusterStatus?.state, 'ACTIVE');
        assert.deepEqual(
          (await w.api.list(ConfigMap)).items.flatMap(({ metadata: { name } }) => (name.endsWith('-made-passive') ? name : [])),
          [],
        );
      },
    },
    together: true,
  });
  // PASSIVE at rest it is here on purpose, until it is back.
  const always = (told.always ?? []).map((rule) => async (w: World) => {
    if (!refuse.now) await rule(w);
  });
  return { ...told, always, subject: stubborn(refuse, told.subject) };
}

async function gone(w: World): Promise<void> {
  await w.api.delete(HotBackup, BACKUP);
  await w.until(HotBackup, BACKUP, (now) => now === undefined, LONG_MS);
}

test('a Hazelcast that went while a backup had it PASSIVE comes back ACTIVE, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(t, () =>
    passed(async (w) => {
      await w.api.delete(Hazelcast, REF);
      await w.until(Hazelcast, REF, (now) => now === undefined);
      await w.clock.until(async () => (await membersOf(w)).length === 0, { withinMs: LONG_MS });
      await gone(w);
    }),
  );
  assert.ok((ran.calls['message'] ?? 0) > 4);
});

test('a cluster that was paused while a backup had it PASSIVE comes back ACTIVE without its HotBackup, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(t, () =>
    passed(async (w) => {
      await want(w, stored(0));
      await w.until(Hazelcast, REF, (now) => now?.status?.phase === 'Paused', LONG_MS);
      await gone(w);
    }),
  );
  assert.ok((ran.calls['message'] ?? 0) > 4);
});
