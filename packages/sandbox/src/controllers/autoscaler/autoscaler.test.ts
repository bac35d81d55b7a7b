import { CoreEvent, Deployment, Pod, StatefulSet, V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestCluster } from '../../../test/cluster.ts';
import { testCluster } from '../../../test/cluster.ts';

const MINUTE = 60_000;
const workload = (more: object = {}) => ({
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'x' } },
    template: {
      metadata: { labels: { app: 'x' } },
      spec: { containers: [{ name: 'main', image: 'web:1', resources: { requests: { cpu: '1', memory: '1Gi' } } }] },
    },
    ...more,
  },
});
const autoscaler = (kind: string, spec: object) => ({
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind, name: 'x' }, minReplicas: 1, maxReplicas: 10, ...spec },
});
const cpu = (averageUtilization: number) => ({
  metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } }],
});

/** All pods there are use so much, until told otherwise. */
async function busy(cluster: TestCluster, usage: string, what = 'cpu'): Promise<void> {
  for (const { metadata } of await cluster.list(Pod))
    await cluster.merge(Pod, metadata.name, { metadata: { annotations: { [`binnacle.dev/${what}-usage`]: usage } } });
}
const condition = async (cluster: TestCluster, type: string) =>
  (await cluster.get(V2HorizontalPodAutoscaler, 'x'))?.status?.conditions?.find((one) => one.type === type);

test('73. a busy deployment grows in proportion, and shrinks only when it was idle for the whole window', async () => {
  await using cluster = await testCluster();
  await cluster.create(Deployment, 'x', workload());
  await cluster.until(Deployment, 'x', ({ status }) => status?.readyReplicas === 2);
  await busy(cluster, '900m');
  await cluster.create(V2HorizontalPodAutoscaler, 'x', autoscaler('Deployment', cpu(50)));
  const grown = await cluster.until(Deployment, 'x', ({ status }) => status?.readyReplicas === 4);
  assert.equal(grown.spec?.replicas, 4);
  await busy(cluster, '500m');
  await cluster.clock.advance(2 * MINUTE);
  assert.equal((await cluster.get(Deployment, 'x'))?.spec?.replicas, 4);
  const hpa = await cluster.get(V2HorizontalPodAutoscaler, 'x');
  assert.deepEqual(hpa?.status?.currentMetrics?.[0]?.resource?.current, { averageUtilization: 50, averageValue: '500m' });
  await busy(cluster, '100m');
  await cluster.clock.advance(2 * MINUTE);
  assert.equal((await cluster.get(Deployment, 'x'))?.spec?.replicas, 4);
  assert.equal((await condition(cluster, 'AbleToScale'))?.reason, 'ScaleDownStabilized');
  await cluster.until(Deployment, 'x', ({ spec }) => spec?.replicas === 1, 10 * MINUTE);
  const messages = (await cluster.list(CoreEvent)).filter(({ reason }) => reason === 'SuccessfulRescale').map(({ message }) => message);
  assert.ok(messages.includes('New size: 4; reason: cpu resource utilization (percentage of request) above target'), messages.join('\n'));
  assert.ok(messages.includes('New size: 1; reason: All metrics below target'), messages.join('\n'));
});

test('73. policies slow it down, bounds stop it, and the conditions say which', async () => {
  await using cluster = await testCluster();
  await cluster.create(StatefulSet, 'x', workload({ serviceName: 'x', podManagementPolicy: 'Parallel' }));
  await cluster.until(StatefulSet, 'x', ({ status }) => status?.readyReplicas === 2);
  const memory = { metrics: [{ type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '100Mi' } } }], maxReplicas: 4 };
  const slow = { behavior: { scaleUp: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] } } };
  await busy(cluster, '1Gi', 'memory');
  await cluster.create(V2HorizontalPodAutoscaler, 'x', autoscaler('StatefulSet', { ...memory, ...slow }));
  await cluster.until(StatefulSet, 'x', ({ spec }) => spec?.replicas === 3);
  await cluster.clock.advance(45_000);
  assert.equal((await cluster.get(StatefulSet, 'x'))?.spec?.replicas, 3);
  assert.equal((await condition(cluster, 'ScalingLimited'))?.reason, 'ScaleUpLimit');
  await busy(cluster, '1Gi', 'memory');
  await cluster.until(StatefulSet, 'x', ({ spec }) => spec?.replicas === 4);
  await busy(cluster, '1Gi', 'memory');
  await cluster.clock.advance(2 * MINUTE);
  await busy(cluster, '1Gi', 'memory');
  await cluster.clock.advance(2 * MINUTE);
  assert.equal((await cluster.get(StatefulSet, 'x'))?.spec?.replicas, 4);
  assert.equal((await condition(cluster, 'ScalingLimited'))?.reason, 'TooManyReplicas');
});

test('73. without metrics nothing is scaled and the reason is told; the same for a target that is not there or switched off', async () => {
  await using cluster = await testCluster();
  await cluster.create(V2HorizontalPodAutoscaler, 'x', autoscaler('Deployment', cpu(50)));
  await cluster.clock.advance(20_000);
  assert.deepEqual([(await condition(cluster, 'AbleToScale'))?.status, (await condition(cluster, 'AbleToScale'))?.reason], ['False', 'FailedGetScale']);
  await cluster.create(Deployment, 'x', workload());
  await cluster.until(Deployment, 'x', ({ status }) => status?.readyReplicas === 2);
  await cluster.clock.advance(20_000);
  const active = await condition(cluster, 'ScalingActive');
  assert.deepEqual([active?.status, active?.reason], ['False', 'FailedGetResourceMetric']);
  assert.match(active?.message ?? '', /no metrics returned from resource metrics API/);
  const before = await cluster.version();
  await cluster.clock.advance(10 * MINUTE);
  assert.equal(await cluster.version(), before);
  assert.equal((await cluster.get(Deployment, 'x'))?.spec?.replicas, 2);
  // One silent pod counts as busy when the others would have it shrink.
  const [first] = await cluster.list(Pod);
  await cluster.merge(Pod, first!.metadata.name, { metadata: { annotations: { 'binnacle.dev/cpu-usage': '10m' } } });
  await cluster.clock.advance(10 * MINUTE);
  assert.equal((await cluster.get(Deployment, 'x'))?.spec?.replicas, 2);
  await cluster.merge(Deployment, 'x', { spec: { replicas: 0 } });
  await cluster.clock.advance(MINUTE);
  assert.equal((await condition(cluster, 'ScalingActive'))?.reason, 'ScalingDisabled');
  assert.equal((await cluster.get(Deployment, 'x'))?.spec?.replicas, 0);
});
