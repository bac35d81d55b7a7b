import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '@binnacle/client/kinds';
import { crashEverywhere } from '@binnacle/testing';
import { AT, prod, sized, table } from './cluster-world.ts';
import { crashStory } from './crash-story.ts';
import { onlooker } from './onlooker.ts';

const TABLETS = 2;
const COPIES = 2;
const OLD = sized(3, 2);

/** Two points of an upgrade at which back ends are through: one front end has the new version, or all but the master. */
const POINTS = { 'front ends are half-way': ['prod-fe-2'], 'the master alone is left': ['prod-fe-2', 'prod-fe-1'] } as const;

for (const [point, through] of Object.entries(POINTS)) {
  test(`Doris: an upgrade that is taken back when ${point} ends on the old version, wherever the operator dies`, async (t) => {
    const ran = await crashEverywhere(
      t,
      () => {
        const seen = onlooker();
        return crashStory({
          seen,
          round: true,
          async given(w) {
            await prod(w).apply(OLD);
            await prod(w).ready();
            await prod(w).sql(...table('t', TABLETS, COPIES));
          },
          when: {
            async takenBack(w) {
              await prod(w).apply({ ...OLD, version: '2.0.4' });
              for (const name of through)
                await w.until(Pod, { namespace: AT.namespace, name }, (pod) => pod?.spec?.containers[0]?.image?.endsWith('2.0.4') === true);
              const images = (await w.api.list(Pod, { namespace: AT.namespace })).items.map((pod) => [pod.metadata.name, pod.spec?.containers[0]?.image]);
              assert.deepEqual(
                images.filter(([, image]) => image?.endsWith('2.0.3')).map(([name]) => name),
                ['prod-fe-0', 'prod-fe-1'].slice(0, 3 - through.length),
              );
              await prod(w).apply(OLD);
              await prod(w).ready();
            },
          },
          async finally(w) {
            const nodes = [...(await prod(w).backends()), ...(await prod(w).frontends())];
            assert.deepEqual(
              nodes.map((one) => [one.alive, one.version]),
              nodes.map(() => [true, 'doris-2.0.3']),
            );
            assert.equal((await prod(w).cluster()).status?.schedulingBefore, undefined);
            assert.deepEqual(
              seen.metadata()?.tables.flatMap((one) => one.tablets.map(({ backends, behind }) => [backends.length, behind])),
              Array.from({ length: TABLETS }, () => [COPIES, []]),
            );
          },
        });
      },
      { every: 3 },
    );
    assert.ok((ran.calls['statement'] ?? 0) >= 12, 'scheduling was not switched off on each front end, and on again on the one that never restarted');
  });
}
