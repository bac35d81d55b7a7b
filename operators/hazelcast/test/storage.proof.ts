import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PersistentVolumeClaim, Pod } from '@binnacle/client/kinds';
import { crashEverywhere } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { Hazelcast, HotBackup } from '../src/index.ts';
import { put } from './put.ts';
import { life } from './stories.ts';
import type { Wish } from './stories.ts';
import { REF, membersOf, ready, want } from './subject.ts';

const PVC = { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi' };
const stored = (more: object = {}): Wish => ({ clusterSize: 2, licenseKeySecretName: 'licence', persistence: { pvc: PVC, ...more } });

async function paused(w: World): Promise<void> {
  await want(w, { ...stored(), clusterSize: 0 });
  await w.until(Hazelcast, REF, (now) => now?.status?.phase === 'Paused');
}

test('a cluster pauses and comes back on its volumes, wherever the operator dies', async (t) => {
  await crashEverywhere(t, () => life({ given: stored(), when: { paused, resumed: stored() }, together: true, round: true }));
});

test('a backup is restored once, wherever the operator dies', async (t) => {
  const ref = { namespace: 'default', name: 'before' };
  const restore = { restore: { hotBackupResourceName: ref.name } };
  await crashEverywhere(t, () =>
    life({
      given: stored(),
      async since(w) {
        await put(w, HotBackup, ref.name, { spec: { hazelcastResourceName: REF.name } });
        await w.until(HotBackup, ref, (now) => now?.status?.state === 'Success', 600_000);
        await w.api.delete(Hazelcast, REF);
        await w.until(Hazelcast, REF, (now) => now === undefined);
        await w.clock.until(async () => (await membersOf(w)).length === 0);
      },
      when: {
        async restored(w) {
          await want(w, stored(restore));
          const { status } = await ready(w);
          assert.ok(status?.members?.every(({ state }) => state === 'ACTIVE'));
        },
        restarted: { ...stored(restore), properties: { a: 'b' } },
      },
      restores: 2,
      finally: (_, lines) => assert.equal(lines.filter((line) => line.startsWith('restored member')).length, 2, 'each member once'),
    }),
  );
});

test('members that wait for data that is gone start without it once, wherever the operator dies', async (t) => {
  const gone = { namespace: 'default', name: 'persistence-prod-1' };
  const ran = await crashEverywhere(t, () =>
    life({
      given: stored(),
      async since(w) {
        await paused(w);
        await w.api.delete(PersistentVolumeClaim, gone);
        await w.until(PersistentVolumeClaim, gone, (now) => now === undefined);
        await want(w, stored());
        await w.until(Pod, { ...gone, name: 'prod-1' }, (now) => now !== undefined);
        await w.clock.advance(30_000);
      },
      when: { forced: stored({ startupAction: 'ForceStart' }), restarted: { ...stored({ startupAction: 'ForceStart' }), properties: { a: 'b' } } },
      together: true,
      finally: (_, lines) => assert.equal(lines.filter((line) => line.includes('Force start:')).length, 1, 'forced once'),
    }),
  );
  assert.ok((ran.calls['rest'] ?? 0) >= 1);
});
