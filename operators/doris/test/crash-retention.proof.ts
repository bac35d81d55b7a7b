import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PersistentVolumeClaim } from '@binnacle/client/kinds';
import { crashEverywhere } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { DorisCluster } from '../src/index.ts';
import type { Spec } from '../src/api/spec.ts';
import { AT, prod, sized, table } from './cluster-world.ts';
import { crashStory } from './crash-story.ts';
import { onlooker } from './onlooker.ts';

const POLICY = { whenScaled: 'Delete', whenDeleted: 'Delete', deleteAfterSeconds: 30 } as const;
const of = (be: number): Spec => {
  const { fe, be: back, ...rest } = sized(1, be);
  return { ...rest, fe: { ...fe!, persistentVolumeClaimRetentionPolicy: POLICY }, be: { ...back!, persistentVolumeClaimRetentionPolicy: POLICY } };
};
const claims = async (w: World) => (await w.api.list(PersistentVolumeClaim, { namespace: AT.namespace })).items.map(({ metadata }) => metadata.name);

test('volumes end with their nodes and with their cluster, and no others do, wherever the operator dies', async (t) => {
  await crashEverywhere(t, () => {
    const seen = onlooker();
    return crashStory({
      seen,
      async given(w) {
        await prod(w).apply(of(2));
        await prod(w).ready();
        await prod(w).sql(...table('t', 4, 1));
      },
      when: {
        async smaller(w) {
          await prod(w).apply(of(1));
          await prod(w).ready();
          await w.clock.until(async () => (await claims(w)).length === 2);
          assert.deepEqual(await claims(w), ['be-storage-prod-be-0', 'fe-meta-prod-fe-0']);
          assert.equal((await prod(w).backends())[0]?.tablets, 4);
        },
        async gone(w) {
          seen.rests(true);
          await w.api.delete(DorisCluster, AT);
          await w.until(DorisCluster, AT, (now) => now === undefined);
        },
      },
      leaves: ['Secret default/prod-opr-account', 'Secret default/prod-opr-account-applied'],
    });
  });
});
