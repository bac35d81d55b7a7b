import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod, StatefulSet } from '@binnacle/client/kinds';
import type { World } from '@binnacle/testing';
import { AT, prod, sized, story, table } from './cluster-world.ts';
import { doris } from './subject.ts';

const TABLETS = 12;
const COPIES = 2;
const named = (name: string) => ({ namespace: AT.namespace, name });

/** As `kubectl delete statefulset --cascade=orphan`, by which people change what a StatefulSet cannot. */
async function orphaned(w: World, name: string): Promise<void> {
  await w.api.delete(StatefulSet, named(name), { propagation: 'Orphan' });
}

const copies = async (w: World) => (await prod(w).backends()).reduce((sum, one) => sum + (one.alive ? one.tablets : 0), 0);
const uidsOf = async (w: World) => new Map((await w.api.list(Pod, { namespace: AT.namespace })).items.map(({ metadata }) => [metadata.name, metadata.uid]));

test('a StatefulSet that is deleted and leaves its pods while data moves is made anew over all of them: none goes before its data', async () => {
  await using s = await story();
  await s.apply(sized(1, 5));
  await s.ready();
  await s.sql(...table('t', TABLETS, COPIES));
  await s.w.clock.advance(30_000);
  await s.apply(sized(1, 3));
  await s.w.clock.until(async () => (await s.backends()).some((one) => one.decommissioned && one.tablets > 0));
  const before = await uidsOf(s.w);
  await orphaned(s.w, 'prod-be');
  await s.w.until(StatefulSet, named('prod-be'), (now) => now !== undefined);
  await s.w.clock.advance(3_000);
  for (const name of ['prod-be-0', 'prod-be-1', 'prod-be-2', 'prod-be-3']) assert.equal((await uidsOf(s.w)).get(name), before.get(name), name);
  assert.equal(await copies(s.w), TABLETS * COPIES, 'copies are gone with a node');
  await s.ready();
  const left = await s.backends();
  assert.deepEqual(left.map(({ host }) => host.split('.')[0]!).toSorted(), ['prod-be-0', 'prod-be-1', 'prod-be-2']);
  assert.equal(await copies(s.w), TABLETS * COPIES);
});

test('front ends whose StatefulSet is made anew leave the group before their pods do, as ever', async () => {
  await using s = await story();
  await s.apply(sized(3, 1));
  await s.ready();
  s.process().kill();
  await s.apply(sized(1, 1));
  await orphaned(s.w, 'prod-fe');
  await s.w.until(StatefulSet, named('prod-fe'), (now) => now === undefined);
  s.w.start(doris);
  await s.ready();
  assert.deepEqual(
    (await s.frontends()).map(({ host, alive }) => [host.split('.')[0], alive]),
    [['prod-fe-0', true]],
  );
  assert.deepEqual(
    [...(await uidsOf(s.w)).keys()].filter((name) => name.startsWith('prod-fe')),
    ['prod-fe-0'],
  );
});
