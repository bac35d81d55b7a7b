import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { ConfigMap, PersistentVolumeClaim, Pod, Service, StatefulSet } from '@binnacle/client/kinds';
import { DorisCluster, DorisClusterAutoscaler, DorisInitializer } from '../src/index.ts';
import type { Spec } from '../src/api/spec.ts';
import { AT, component, sized, story, table } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';

const whole: Spec = { ...sized(3, 2), cn: component('cn', 1), broker: component('broker', 1) };
const suspended = (spec: Spec): Spec => ({ ...spec, suspend: true });

async function names(s: Story, kind: typeof Pod | typeof PersistentVolumeClaim | typeof Service | typeof ConfigMap): Promise<readonly string[]> {
  return (await s.w.api.list(kind, { namespace: AT.namespace })).items.map((one) => one.metadata.name).toSorted();
}

async function condition(s: Story, type: string) {
  return (await s.cluster()).status?.conditions?.find((one) => one.type === type);
}

/** Lets time pass until it holds: pods in the order in which they went, and in which they came and then were `<pod> ready`. */
async function watched(s: Story, until: () => Promise<boolean>): Promise<{ readonly went: readonly string[]; readonly came: readonly string[] }> {
  const [went, came]: [string[], string[]] = [[], []];
  const first = (what: string) => void (came.includes(what) || came.push(what));
  const over = new AbortController();
  const { resourceVersion } = await s.w.api.list(Pod, { namespace: AT.namespace });
  const follow = async () => {
    for await (const event of s.w.api.watch(Pod, { namespace: AT.namespace, resourceVersion, signal: over.signal })) {
      if (event.type === 'ADDED') first(event.object.metadata.name);
      if (event.type === 'MODIFIED' && isReady(event.object)) first(`${event.object.metadata.name} ready`);
      if (event.type === 'DELETED') went.push(event.object.metadata.name);
    }
  };
  const followed = follow().catch((error: unknown) => assert.ok(over.signal.aborted, String(error)));
  await s.w.clock.until(until, { describe: () => `went ${went.join()}, came ${came.join()}` });
  over.abort();
  await followed;
  return { went, came };
}

const isSuspended = (s: Story) => async () => (await condition(s, 'Suspended'))?.status === 'True';
const isReadyNow = (s: Story) => async () => {
  const { metadata, status } = await s.cluster();
  return status?.observedGeneration === metadata.generation && (await condition(s, 'Ready'))?.status === 'True';
};

test('suspended: compute nodes and brokers stop, then back ends, then front ends, and all comes back with its data in the other order', async () => {
  await using s = await story();
  await s.apply(whole);
  const { clusterId } = (await s.ready()).status ?? {};
  await s.sql(...table('t', 6, 2));
  const kept = async () => [await names(s, PersistentVolumeClaim), await names(s, Service), await names(s, ConfigMap)];
  const before = await kept();
  const statements = s.statements.length;
  await s.apply(suspended(whole));
  const { went } = await watched(s, isSuspended(s));
  assert.deepEqual(went.slice(0, 2).toSorted(), ['prod-broker-0', 'prod-cn-0']);
  assert.deepEqual(went.slice(2, 4).toSorted(), ['prod-be-0', 'prod-be-1']);
  assert.deepEqual(went.slice(4), ['prod-fe-2', 'prod-fe-1', 'prod-fe-0']);
  assert.deepEqual(await kept(), before);
  assert.equal(s.statements.length, statements, 'nobody is dropped or decommissioned');
  const { status } = await s.cluster();
  assert.equal(status?.phase, 'Suspended');
  assert.deepEqual([(await condition(s, 'Ready'))?.reason, (await condition(s, 'Progressing'))?.status, status?.allReady], ['Suspended', 'False', false]);
  assert.deepEqual([status?.be?.members, status?.be?.nodes?.map((one) => one.alive)], [[], [false, false]]);

  await s.apply(whole);
  const { came } = await watched(s, isReadyNow(s));
  assert.equal(came[0], 'prod-fe-0');
  const at = (what: string) => came.indexOf(what);
  assert.ok(at('prod-be-0') > at('prod-fe-0 ready') && at('prod-be-1') > at('prod-fe-0 ready'), `a back end before the front ends: ${came.join()}`);
  const backEnd = Math.min(at('prod-be-0 ready'), at('prod-be-1 ready'));
  assert.ok(at('prod-cn-0') > backEnd && at('prod-broker-0') > backEnd, `before the back ends: ${came.join()}`);
  assert.equal((await s.cluster()).status?.clusterId, clusterId);
  assert.deepEqual(
    (await s.backends()).map((one) => [one.role, one.alive, one.tablets]),
    [
      ['mix', true, 6],
      ['mix', true, 6],
      ['computation', true, 0],
    ],
  );
  assert.equal(s.statements.length, statements, 'nobody has to join again');
  assert.equal((await condition(s, 'Suspended'))?.status, 'False');
});

test('a suspended cluster is asked nothing and written nothing, however long it lasts, and goes on being suspended', async () => {
  let asked = 0;
  await using s = await story({ ear: () => (asked += 1) });
  await s.apply(sized(1, 1));
  await s.ready();
  await s.apply(suspended(sized(1, 1)));
  await watched(s, isSuspended(s));
  asked = 0;
  const writes = s.process().door.writes.length;
  await s.w.clock.advance(3_600_000);
  assert.equal(asked, 0);
  assert.deepEqual(
    s
      .process()
      .door.writes.slice(writes)
      .filter((one) => !one.includes('/leases')),
    [],
  );
  await s.w.api.patch(StatefulSet, { namespace: AT.namespace, name: 'prod-be' }, { type: 'merge', body: { spec: { replicas: 3 } } });
  await s.w.until(StatefulSet, { namespace: AT.namespace, name: 'prod-be' }, (now) => now?.spec?.replicas === 0);
  await s.apply(sized(1, 1));
  await s.ready();
  assert.equal((await s.set('be')).spec?.replicas, 1, 'as many as there were');
});

test('what is edited while it is suspended comes after: nodes start as they were, then the upgrade goes its way and a back end leaves with its data moved', async () => {
  await using s = await story();
  await s.apply(sized(1, 3));
  await s.ready();
  await s.sql(...table('t', 6, 2));
  await s.apply(suspended(sized(1, 3)));
  await watched(s, isSuspended(s));
  const edited = { ...sized(1, 2), version: '2.0.4' };
  await s.apply(suspended(edited));
  await s.w.clock.advance(60_000);
  assert.deepEqual(await names(s, Pod), []);
  const images: string[] = [];
  await s.apply(edited);
  await watched(s, async () => {
    for (const pod of (await s.w.api.list(Pod, { namespace: AT.namespace })).items) {
      const seen = `${pod.metadata.name} ${pod.spec?.containers[0]?.image?.replace(/.*:/, '')}`;
      if (!images.includes(seen)) images.push(seen);
    }
    return await isReadyNow(s)();
  });
  const at = (pod: string, version: string) => images.indexOf(`${pod} ${version}`);
  assert.ok(at('prod-fe-0', '2.0.3') >= 0 && at('prod-be-2', '2.0.3') >= 0, 'as they were');
  assert.ok(at('prod-fe-0', '2.0.4') > at('prod-be-0', '2.0.4') && at('prod-be-0', '2.0.4') > at('prod-be-0', '2.0.3'), 'back ends first');
  const backends = await s.backends();
  assert.deepEqual([backends.length, backends.reduce((sum, one) => sum + one.tablets, 0)], [2, 12]);
});

test('suspended while a back end is leaving: it is told, and goes on leaving afterwards', async () => {
  await using s = await story();
  await s.apply(sized(1, 3));
  await s.ready();
  await s.sql(...table('t', 40, 2));
  await s.apply(sized(1, 2));
  await s.reason('MovingTablets');
  await s.apply(suspended(sized(1, 2)));
  await watched(s, isSuspended(s));
  assert.match((await condition(s, 'Suspended'))?.message ?? '', /^4 pods are stopped.*prod-be-2\.[^;]* will go on leaving/);
  await s.apply(sized(1, 2));
  await s.ready();
  const backends = await s.backends();
  assert.deepEqual([backends.length, backends.reduce((sum, one) => sum + one.tablets, 0)], [2, 80]);
});

test('an upgrade that is under way is brought to its end before the cluster is suspended', async () => {
  await using s = await story();
  await s.apply(sized(1, 2));
  await s.ready();
  const upgraded = { ...sized(1, 2), version: '2.0.4' };
  await s.apply(upgraded);
  await s.w.until(Pod, { namespace: AT.namespace, name: 'prod-be-1' }, (pod) => pod?.spec?.containers[0]?.image?.endsWith('2.0.4') === true);
  await s.apply(suspended(upgraded));
  await s.w.until(DorisCluster, AT, (now) => now?.status?.conditions?.some((one) => one.type === 'Suspended' && one.reason === 'Restarting') === true);
  await watched(s, isSuspended(s));
  assert.equal((await s.cluster()).status?.schedulingBefore, undefined);
  await s.apply(upgraded);
  const { status } = await s.ready();
  assert.ok([...(status?.fe?.nodes ?? []), ...(status?.be?.nodes ?? [])].every((one) => one.version === 'doris-2.0.4'));
});

test('an autoscaler keeps its number over a suspension, and a cluster that is made suspended starts nothing', async () => {
  await using s = await story();
  const spec = { ...sized(1, 1), cn: component('cn', 1) };
  await s.apply(suspended(spec));
  await watched(s, isSuspended(s));
  assert.deepEqual([await names(s, Pod), await names(s, PersistentVolumeClaim)], [[], []]);
  await s.apply(spec);
  await s.ready();
  const scaler = { metadata: AT, spec: { cluster: AT.name, replicas: 3, cn: { replicas: { min: 1, max: 3 }, rules: { cpu: { max: 80 } } } } };
  await s.w.api.apply(DorisClusterAutoscaler, scaler, { fieldManager: 'user' });
  await s.w.until(StatefulSet, { namespace: AT.namespace, name: 'prod-cn' }, (now) => now?.spec?.replicas === 3);
  await s.ready();
  await s.apply(suspended(spec));
  await watched(s, isSuspended(s));
  await s.w.clock.advance(600_000);
  assert.equal(((await s.w.api.get(DorisClusterAutoscaler, AT)).spec as { replicas?: number }).replicas, 3);
  await s.apply(spec);
  await s.ready();
  assert.equal((await s.set('cn')).spec?.replicas, 3);
});

test('an initializer waits while its cluster is suspended, also with a changed password, and goes on afterwards', async () => {
  await using s = await story();
  await s.apply(sized(1, 1));
  await s.ready();
  const password = (rootPassword: string) =>
    s.w.api.apply(DorisInitializer, { metadata: AT, spec: { cluster: AT.name, rootPassword } }, { fieldManager: 'user', force: true });
  const reason = (wanted: string) =>
    s.w.until(DorisInitializer, AT, (now) => now?.status?.conditions?.some((one) => one.type === 'Ready' && one.reason === wanted) === true);
  await password('first');
  await s.w.until(DorisInitializer, AT, (now) => now !== undefined && isReady(now));
  await s.apply(suspended(sized(1, 1)));
  await watched(s, isSuspended(s));
  await password('second');
  await reason('ClusterSuspended');
  await s.w.clock.advance(600_000);
  await s.apply(sized(1, 1));
  await s.w.until(DorisInitializer, AT, (now) => now?.status?.run?.number === 2 && isReady(now));
});
