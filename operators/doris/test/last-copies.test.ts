import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node, Pod } from '@binnacle/client/kinds';
import type { Status } from '../src/api/status.ts';
import { copiesOf } from '../src/webhook/seen.ts';
import { AT, sized, story, table } from './cluster-world.ts';

test('while a back end is away the status tells who holds the last copies, and says nothing when all are back', { timeout: 110_000 }, async () => {
  await using s = await story();
  const { w } = s;
  await s.apply(sized(1, 3));
  await s.ready();
  await s.sql(...table('twice', 6, 2), ...table('once', 3, 1));
  const pod = { namespace: AT.namespace, name: 'prod-be-2' };
  const [node] = (await w.api.list(Node)).items;
  const schedulable = (yes: boolean) => w.api.patch(Node, { name: node!.metadata.name }, { type: 'merge', body: { spec: { unschedulable: !yes } } });
  await schedulable(false);
  await w.api.delete(Pod, pod);
  const seen = async () => ((await s.cluster()).status as Status | undefined)?.lastCopies;
  let found: Status['lastCopies'];
  await w.clock.until(async () => (found = await seen()) !== undefined);
  assert.deepEqual(found?.away, ['prod-be-2']);
  // Two copies of each of six tablets on three nodes, one of each of three: with one node gone the others hold what they had alone, and what they shared with it.
  assert.deepEqual(
    found?.holders.map((one) => one.pod),
    ['prod-be-0', 'prod-be-1'],
  );
  assert.equal(
    found?.holders.reduce((sum, one) => sum + one.tablets, 0),
    4 + 2,
  );
  const guarded = { cluster: await s.cluster(), name: 'prod', namespace: AT.namespace, component: 'be' } as const;
  assert.deepEqual(copiesOf(guarded, w.clock.now())?.away, ['prod-be-2']);
  assert.equal(copiesOf(guarded, w.clock.now() + 600_000), undefined, 'nobody has looked for ten minutes');

  await schedulable(true);
  await s.ready();
  assert.equal(await seen(), undefined);
});
