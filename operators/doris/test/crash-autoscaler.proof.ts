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
  await w.until(StatefulSet, { namespace: AT.namespace, name: `${AT.name}-cn` }, (now) => now?.spec?.replicas === wanted);
  await prod(w).ready();
};

/** A HorizontalPodAutoscaler adds two compute nodes and takes one away again; an edit in between keeps them, and in the end the cluster's own number is back. */
test('autoscale: compute nodes come and go the same way wherever the operator dies', async (t) => {
  const ran = await crashEverywhere(
    t,
    () =>
      crashStory({
        async given(w) {
          await prod(w).apply(withComputeNodes);
          await prod(w).ready();
          await prod(w).sql(...table('t', 2, 1));
        },
        when: {
          async begun(w) {
            await w.api.apply(DorisClusterAutoscaler, { metadata: AT, spec: SPEC } as never, { fieldManager: 'user', force: true });
            await w.until(DorisClusterAutoscaler, AT, (now) => now !== undefined && isReady(now) && (now.spec as { replicas?: number }).replicas === 1);
          },
          async added(w) {
            await scale(w.api, DorisClusterAutoscaler, AT, 3);
            await nodes(w, 3);
          },
          async edited(w) {
            await prod(w).apply({ ...withComputeNodes, annotations: { edited: 'yes' } });
            await nodes(w, 3);
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
      }),
    { every: 3 },
  );
  assert.ok((ran.calls['statement'] ?? 0) > 0);
});
