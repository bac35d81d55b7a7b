import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf } from '@binnacle/client';
import { Pod } from '@binnacle/client/kinds';
import { DorisCluster } from '../src/index.ts';
import { AT, prod, sized, story, table } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';

const TABLETS = 6;

/** Made anew over the same volumes, with another number of nodes. */
async function madeAnew(s: Story, spec: ReturnType<typeof sized>): Promise<void> {
  await s.w.api.delete(DorisCluster, AT);
  await s.w.clock.until(async () => (await s.w.api.list(Pod, { namespace: AT.namespace })).items.length === 0);
  await s.apply(spec);
}

const degraded = (s: Story, status: 'True' | 'False') => s.w.until(DorisCluster, AT, (now) => conditionOf(now, 'Degraded')?.status === status);

test('a cluster that is made anew with fewer back ends says whose tablets nobody reaches, and what to do; done so they leave with their data', async () => {
  await using s = await story();
  await s.apply(sized(1, 3));
  await s.ready();
  await s.sql(...table('t', TABLETS, 1));
  await s.w.clock.advance(30_000);
  await madeAnew(s, sized(1, 2));
  await s.ready();
  await degraded(s, 'True');
  assert.match(
    conditionOf(await s.cluster(), 'Degraded')?.message ?? '',
    /prod-be-2 has \d+ tablets and no pod: raise spec\.be\.replicas to 3, and lower it again/,
  );

  await s.apply(sized(1, 3));
  await s.ready();
  await degraded(s, 'False');
  await s.apply(sized(1, 2));
  await s.ready();
  const backends = await prod(s.w).backends();
  assert.deepEqual(
    backends.map(({ host, tablets }) => [host.split('.')[0], tablets > 0]),
    [
      ['prod-be-0', true],
      ['prod-be-1', true],
    ],
  );
  assert.equal(
    backends.reduce((sum, { tablets }) => sum + tablets, 0),
    TABLETS,
    'tablets were lost',
  );
});
