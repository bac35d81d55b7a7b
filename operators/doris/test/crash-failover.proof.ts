import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crashEverywhere } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { DorisCluster } from '../src/index.ts';
import type { Spec } from '../src/api/spec.ts';
import { AT, prod, sized, table } from './cluster-world.ts';
import { HeartbeatThreads } from './heartbeat-threads.ts';
import { crashStory } from './crash-story.ts';
import { onlooker } from './onlooker.ts';
import { doris } from './subject.ts';

const of = (withdraw: boolean): Spec => ({ ...sized(1, 2), be: { ...sized(1, 2).be!, failover: { maxNodes: 1, afterSeconds: 60, withdraw } } });
const nodes = (w: World, wanted: number) =>
  w.until(DorisCluster, AT, (now) => {
    const { be } = now?.status ?? {};
    return be?.nodes?.length === wanted && be.readyMembers?.length === wanted;
  });

test('one node is added for a dead one and leaves again, wherever the operator dies', async (t) => {
  await crashEverywhere(t, () => {
    const threads = new HeartbeatThreads();
    return crashStory({
      seen: onlooker(threads.images(doris.images)),
      async given(w) {
        await prod(w).apply(of(false));
        await prod(w).ready();
        await prod(w).sql(...table('t', 4, 1));
      },
      when: {
        async added(w) {
          threads.hang((pod) => pod === 'prod-be-1');
          await nodes(w, 3);
        },
        async withdrawn(w) {
          threads.hang(() => false);
          await prod(w).apply(of(true));
          await w.until(DorisCluster, AT, (now) => now?.status?.failover === undefined);
          await nodes(w, 2);
          await prod(w).ready();
        },
      },
      async finally(w) {
        const backends = await prod(w).backends();
        assert.deepEqual(
          backends.map((one) => [one.host.split('.')[0], one.alive, one.decommissioned]),
          [
            ['prod-be-0', true, false],
            ['prod-be-1', true, false],
          ],
        );
        assert.equal(
          backends.reduce((sum, one) => sum + one.tablets, 0),
          4,
        );
      },
    });
  });
});
