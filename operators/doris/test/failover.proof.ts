import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pod } from '@binnacle/client/kinds';
import { DorisCluster } from '../src/index.ts';
import type { Failover } from '../src/api/failover.ts';
import type { Spec } from '../src/api/spec.ts';
import { AT, component, sized, story, table } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';
import { HeartbeatThreads } from './heartbeat-threads.ts';

const MINUTE_MS = 60_000;
const withFailover = (failover: Failover | undefined): Spec => ({
  ...sized(1, 3),
  be: { ...sized(1, 3).be!, ...(failover === undefined ? {} : { failover }) },
});
const hosts = async (s: Story) =>
  (await s.backends()).map((one) => `${one.host.split('.')[0]}${one.alive ? '' : ' dead'}${one.decommissioned ? ' leaving' : ''}`);
const condition = async (s: Story) => (await s.cluster()).status?.conditions?.find((one) => one.type === 'FailedOver');
const until = (s: Story, reason: string) =>
  s.w.until(DorisCluster, AT, (now) => now?.status?.conditions?.some((one) => one.type === 'FailedOver' && one.reason === reason) === true);

test('a back end that stays dead gets another one beside it, up to the maximum; withdrawn when asked and the dead one is back, with its data moved', async () => {
  const threads = new HeartbeatThreads();
  await using s = await story({ images: (all) => threads.images(all) });
  await s.apply(withFailover({ maxNodes: 1 }));
  await s.ready();
  await s.sql(...table('t', 6, 2));
  threads.hang((pod) => pod === 'prod-be-1');
  await s.w.clock.advance(4 * MINUTE_MS);
  assert.deepEqual(await hosts(s), ['prod-be-0', 'prod-be-1 dead', 'prod-be-2'], 'it may come back');
  await until(s, 'NodesAdded');
  await s.w.clock.advance(MINUTE_MS);
  assert.deepEqual(await hosts(s), ['prod-be-0', 'prod-be-1 dead', 'prod-be-2', 'prod-be-3']);
  assert.deepEqual(
    (await s.cluster()).status?.failover?.be?.map((one) => one.pod),
    ['prod-be-1'],
  );
  assert.match((await condition(s))?.message ?? '', /^a node was added for prod-be-1, dead since /);

  threads.hang((pod) => pod === 'prod-be-1' || pod === 'prod-be-2');
  await until(s, 'AtMaximum');
  assert.equal((await hosts(s)).length, 4);
  threads.hang(() => false);
  const back = await s.ready();
  assert.equal(back.status?.be?.nodes?.length, 4, 'nobody has asked for it');
  assert.ok(!s.statements.some((one) => /DECOMMISSION|DROPP/.test(one)));

  await s.apply(withFailover({ maxNodes: 1, withdraw: true }));
  await s.ready();
  await s.w.until(DorisCluster, AT, (now) => now?.status?.failover === undefined && now?.status?.be?.nodes?.length === 3);
  assert.deepEqual(await hosts(s), ['prod-be-0', 'prod-be-1', 'prod-be-2']);
  assert.equal(
    (await s.backends()).reduce((sum, one) => sum + one.tablets, 0),
    12,
  );
  assert.ok(s.statements.some((one) => /DECOMMISSION BACKEND "prod-be-3\./.test(one)));
  assert.equal((await condition(s))?.status, 'False');
});

test('without it nothing is added, while more than half are dead neither, and a compute node gets one as well', async () => {
  const threads = new HeartbeatThreads();
  await using s = await story({ images: (all) => threads.images(all) });
  const spec = (failover: Failover | undefined): Spec => ({
    ...withFailover(failover),
    cn: { ...component('cn', 2), ...(failover === undefined ? {} : { failover }) },
  });
  await s.apply(spec(undefined));
  await s.ready();
  threads.hang((pod) => /be-[01]|cn-1/.test(pod));
  await s.w.clock.advance(10 * MINUTE_MS);
  assert.equal((await s.backends()).length, 5);
  await s.apply(spec({ maxNodes: 3, afterSeconds: 60 }));
  await until(s, 'TooManyDead');
  await s.w.clock.advance(3 * MINUTE_MS);
  assert.deepEqual((await hosts(s)).toSorted(), ['prod-be-0 dead', 'prod-be-1 dead', 'prod-be-2', 'prod-cn-0', 'prod-cn-1 dead', 'prod-cn-2']);
});

test('a node that is back in time is forgotten, and one that a suspension stops is not dead', async () => {
  const threads = new HeartbeatThreads();
  await using s = await story({ images: (all) => threads.images(all) });
  const spec = withFailover({ maxNodes: 1, afterSeconds: 120 });
  await s.apply(spec);
  await s.ready();
  threads.hang((pod) => pod === 'prod-be-1');
  await s.w.until(DorisCluster, AT, (now) => now?.status?.failover?.be?.length === 1);
  threads.hang(() => false);
  await s.ready();
  await s.w.until(DorisCluster, AT, (now) => now?.status?.failover === undefined);
  threads.hang((pod) => pod === 'prod-be-1');
  await s.w.until(DorisCluster, AT, (now) => now?.status?.failover?.be?.length === 1);
  await s.apply({ ...spec, suspend: true });
  await s.w.until(DorisCluster, AT, (now) => now?.status?.phase === 'Suspended');
  threads.hang(() => false);
  await s.w.clock.advance(10 * MINUTE_MS);
  await s.apply(spec);
  await s.ready();
  await s.w.clock.advance(5 * MINUTE_MS);
  assert.equal((await s.backends()).length, 3);
  assert.equal(await s.w.find(Pod, { namespace: AT.namespace, name: 'prod-be-3' }), undefined);
});
