import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, isReady } from '@binnacle/client';
import { Node, Pod } from '@binnacle/client/kinds';
import { DorisCluster } from '../src/index.ts';
import { AT, sized, story, table } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';
import { HeartbeatThreads } from './heartbeat-threads.ts';

// `Degraded` is what people have an alarm on: it tells of every outage, whatever else the operator is at, and of nothing that is meant.

const MINUTE_MS = 60_000;

/** Pods of these names stay away until the function that is returned is called. */
async function away({ w }: Story, ...names: readonly string[]): Promise<() => Promise<unknown>> {
  const [node] = (await w.api.list(Node)).items;
  const schedulable = (yes: boolean) => w.api.patch(Node, { name: node!.metadata.name }, { type: 'merge', body: { spec: { unschedulable: !yes } } });
  await schedulable(false);
  for (const name of names) await w.api.delete(Pod, { ...AT, name });
  return () => schedulable(true);
}

const degraded = (s: Story, status: 'True' | 'False') => s.w.until(DorisCluster, AT, (now) => conditionOf(now, 'Degraded')?.status === status);
const said = async (s: Story, type: string) => conditionOf(await s.cluster(), type);

/** Lets time pass until Ready; the words of `Degraded` whenever it was True. */
async function alarms(s: Story): Promise<readonly string[]> {
  const heard: string[] = [];
  for (let seconds = 0; seconds < 1_800; seconds += 1) {
    await s.w.clock.advance(1_000);
    const now = await s.cluster();
    const condition = conditionOf(now, 'Degraded');
    if (condition?.status === 'True') heard.push(condition.message ?? '');
    if (isReady(now) && now.status?.observedGeneration === now.metadata.generation) return heard;
  }
  throw new Error('not ready after half an hour');
}

test('front ends that are away, all of them too, are told as an outage, and so is their return', async () => {
  await using s = await story();
  await s.apply(sized(3, 1));
  await s.ready();
  for (const gone of [
    ['prod-fe-0', 'prod-fe-1', 'prod-fe-2'],
    ['prod-fe-1', 'prod-fe-2'],
  ]) {
    const back = await away(s, ...gone);
    await degraded(s, 'True');
    await s.w.clock.advance(2 * MINUTE_MS);
    const condition = await said(s, 'Degraded');
    assert.deepEqual([condition?.status, condition?.reason], ['True', gone.length === 3 ? 'FrontEndsAway' : 'MembersMissing']);
    const { status } = await s.cluster();
    for (const node of status?.fe?.nodes ?? []) assert.equal(node.alive, !gone.includes(node.host.split('.')[0]!), node.host);
    for (const pod of gone) assert.match(condition?.message ?? '', new RegExp(`${pod} is not ready`));
    await back();
    await s.ready();
    assert.equal((await said(s, 'Degraded'))?.status, 'False');
  }
});

test('a back end that dies while another one leaves is told, though that takes days', async () => {
  const threads = new HeartbeatThreads();
  await using s = await story({ images: (all) => threads.images(all) });
  await s.apply(sized(1, 3));
  await s.ready();
  await s.sql(...table('t', 4, 3)); // three copies: none may leave
  await s.apply(sized(1, 2));
  await s.reason('TooFewBackends');
  threads.hang((pod) => pod === 'prod-be-0');
  await degraded(s, 'True');
  assert.match((await said(s, 'Degraded'))?.message ?? '', /^prod-be-0 is not alive$/);
  assert.equal((await said(s, 'ScalingIn'))?.status, 'True');
});

test('nodes that are added, and those that restart in an upgrade, degrade nothing', async () => {
  await using s = await story();
  await s.apply(sized(1, 1));
  await s.ready();
  await s.apply(sized(3, 2));
  assert.deepEqual(await alarms(s), []);
  await s.apply({ ...sized(3, 2), version: '2.0.4' });
  // That there is no master for some seconds is true, and clients notice it too.
  assert.deepEqual(
    (await alarms(s)).filter((one) => !one.startsWith('no front end answers')),
    [],
  );
});
