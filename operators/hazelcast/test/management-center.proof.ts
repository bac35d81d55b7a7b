import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { crashEverywhere } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { ManagementCenter } from '../src/index.ts';
import { put } from './put.ts';
import { overheard } from './subject.ts';

const REF = { namespace: 'default', name: 'managementcenter' };

async function want(w: World, spec: object): Promise<void> {
  await put(w, ManagementCenter, REF.name, { spec });
  await w.until(ManagementCenter, REF, (now) => now !== undefined && isReady(now));
}

test('Management Center is made, changed and deleted, and never forgets a cluster, wherever the operator dies', async (t) => {
  await crashEverywhere(t, () => {
    const { subject, lines } = overheard();
    return {
      subject,
      when: {
        made: (w) => want(w, { hazelcastClusters: [{ name: 'dev', address: 'a' }] }),
        changed: (w) =>
          want(w, {
            hazelcastClusters: [{ name: 'prod', address: 'b' }],
            externalConnectivity: { type: 'ClusterIP', ingress: { hostname: 'mc.example.com' } },
          }),
        async gone(w) {
          await w.api.delete(ManagementCenter, REF);
          await w.until(ManagementCenter, REF, (now) => now === undefined);
        },
      },
      finally: () =>
        assert.equal(
          lines.findLast((line) => line.startsWith('Clusters: ')),
          'Clusters: prod',
          'a cluster that was taken out is still there',
        ),
      leaves: ['PersistentVolumeClaim default/mancenter-storage-managementcenter-0'],
    };
  });
});
