import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashEverywhere } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { HotBackup } from '../src/index.ts';
import { put } from './put.ts';
import { life } from './stories.ts';
import { REF, membersOf, ready, uidsOf, want } from './subject.ts';

const BACKUP = { namespace: 'default', name: 'backup' };
const stored = (more: object = {}) => ({
  clusterSize: 2,
  licenseKeySecretName: 'licence',
  persistence: { pvc: { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi' } },
  ...more,
});

/** No member stops that a backup is being taken of. */
async function noneStops(w: World): Promise<void> {
  const taken = (await w.api.list(HotBackup)).items.find(({ status }) => status?.run !== undefined);
  if (taken === undefined) return;
  const going = (await membersOf(w)).filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  assert.deepEqual(
    going.map(({ metadata }) => metadata.name),
    [],
    'stops while the backup is being taken',
  );
}

test('an edit and a backup of the same moment both come to their end, one after the other, wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(t, () => {
    const told = life({
      given: stored(),
      when: {
        async both(w) {
          const pods = await uidsOf(w);
          await want(w, stored({ properties: { a: 'b' } }));
          await put(w, HotBackup, BACKUP.name, { spec: { hazelcastResourceName: REF.name } });
          await w.until(HotBackup, BACKUP, (now) => now?.status?.state === 'Success' || now?.status?.state === 'Failure', 7_200_000);
          const { status } = (await w.find(HotBackup, BACKUP)) ?? {};
          assert.equal(status?.state, 'Success', status?.message);
          await ready(w);
          assert.ok((await uidsOf(w)).every((uid) => !pods.includes(uid)));
        },
      },
    });
    // While it is taken the cluster is PASSIVE for moments in which it is Ready: that is told in backup.proof.ts.
    const [nothingLost, , ...others] = told.always ?? [];
    return { ...told, always: [nothingLost!, ...others, noneStops] };
  });
  assert.ok((ran.calls['write'] ?? 0) > 10);
});
