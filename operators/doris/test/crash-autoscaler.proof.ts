import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady, scale } from '@binnacle/client';
import { StatefulSet, V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import { crashEverywhere } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { DorisClusterAutoscaler } from '../src/index.ts';
import { AT, component, prod, sized, table } from './cluster-world.ts';
import { crashStory } from './crash-story.ts';

const withComputeNodes = { ...sized(1, 1), cn: component('cn', 1) };
const SPEC = { cluster: AT.name, cn: { replicas: { min: 1, max: 3 }, rules: { cpu: { max: 80, min: 20 } } } };

const nodes = async (w: World, wanted: number): Promise<void> => {
  const at = { namespace: AT.namespace, name: `${AT.name}-cn` };
  await w.until(StatefulSet, at, (now) => now?.spec?.replicas === wanted);
  await prod(w).ready();
  // Not only the number that was there before the operator had seen the edit.
  assert.equal((await w.find(StatefulSet, at))?.spec?.replicas, wanted);
};

/** A HorizontalPodAutoscaler adds two compute nodes and takes one away again; an edit in between keeps them, and in the end the cluster's own number is back. */
test('autoscale: compute nodes come and go the same way wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(
    t,
    () => {
      const sent: string[] = [];
      return crashStory({
        told: (sql) => sent.push(sql),
        async given(w) {
          await prod(w).apply(withComputeNodes);
          await prod(w).ready();
          await prod(w).sql(...table('t', 2, 1));
        },
        when: {
          async begun(w) {
            await w.api.apply(DorisClusterAutoscaler, { metadata: AT, spec: SPEC }, { fieldManager: 'user', force: true });
            await w.until(DorisClusterAutoscaler, AT, (now) => now !== undefined && isReady(now) && (now.spec as { replicas?: number }).replicas === 1);
          },
          async added(w) {
            await scale(w.api, DorisClusterAutoscaler, AT, 3);
            await nodes(w, 3);
          },
          async edited(w) {
            const before = sent.length;
            // Restarts nothing, so that nothing comes before who leaves.
            await prod(w).apply({ ...withComputeNodes, fe: { ...withComputeNodes.fe!, service: { type: 'NodePort' } } });
            await nodes(w, 3);
            assert.deepEqual(
              sent.slice(before).filter((sql) => /\b(DROPP?|DECOMMISSION)\b/.test(sql)),
              [],
              'an edit sends no node away',
            );
          },
          async taken(w) {
            await scale(w.api, DorisClusterAutoscaler, AT, 2);
            await nodes(w, 2);
          },
          async ended(w) {
            await w.api.delete(DorisClusterAutoscaler, AT);
            await nodes(w, 1);
            await w.until(V2HorizontalPodAutoscaler, { namespace: AT.namespace, name: 'prod-cn-autoscaler' }, (now) => now === undefined);
          },
        },
        async finally(w) {
          const backends = await prod(w).backends();
          assert.deepEqual(
            backends.map((one) => [one.host.split('.')[0], one.alive, one.decommissioned]),
            [
              ['prod-be-0', true, false],
              ['prod-cn-0', true, false],
            ],
            'a compute node that left stays in nobody’s list',
          );
        },
      });
    },
    { every: 3 },
  );
  assert.ok((ran.calls['statement'] ?? 0) > 0);
});
