import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployment, EndpointSlice, Namespace, Node, Pod, Service } from '@binnacle/client/kinds';
import { silentLogger } from '@binnacle/runtime';
import { ready, testCluster, web } from '../../../test/cluster.ts';
import type { TestCluster } from '../../../test/cluster.ts';
import { startNode } from '../../node/index.ts';
import type { SandboxNode } from '../../node/index.ts';
import { readyOf } from './plan.ts';

/** A second node that says that it lives; the first one is cordoned, so that pods go to it. */
async function second(cluster: TestCluster): Promise<SandboxNode> {
  const { api, clock, network } = cluster;
  await api.create(Namespace, { metadata: { name: 'kube-node-lease' } }).catch(() => undefined);
  const node = await startNode({ name: 'second', api, clock, network, images: [web], log: silentLogger, hostIp: '10.0.0.2', heartbeat: true });
  await cluster.merge(Node, 'node', { spec: { unschedulable: true } });
  await clock.settle();
  return node;
}

const template = { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'web:1' }] } };
const seconds = (cluster: TestCluster, since: number) => Math.round((cluster.clock.now() - since) / 1000);

test('75. a node whose process ended is NotReady after 40 s; its pods serve no longer, and after 300 s others take their place', async () => {
  await using cluster = await testCluster();
  const node = await second(cluster);
  await cluster.create(Service, 's', { spec: { selector: { app: 'x' }, ports: [{ port: 80, targetPort: 8080 }] } });
  await cluster.create(Deployment, 'd', { spec: { replicas: 1, selector: { matchLabels: { app: 'x' } }, template } });
  await cluster.until(Deployment, 'd', ({ status }) => status?.readyReplicas === 1);
  const [pod] = await cluster.list(Pod);
  assert.equal(pod?.spec?.nodeName, 'second');
  const died = cluster.clock.now();
  await node[Symbol.asyncDispose]();
  const dead = await cluster.until(Node, 'second', (now) => readyOf(now) === 'Unknown');
  const noticed = seconds(cluster, died);
  assert.ok(noticed > 29 && noticed <= 40, `${noticed} s`);
  assert.equal(dead.status?.conditions?.find(({ type }) => type === 'Ready')?.message, 'Kubelet stopped posting node status.');
  const tainted = await cluster.until(Node, 'second', ({ spec }) => spec?.taints?.length === 2);
  assert.deepEqual(
    tainted.spec?.taints?.map(({ key, effect }) => `${key}:${effect}`),
    ['node.kubernetes.io/unreachable:NoSchedule', 'node.kubernetes.io/unreachable:NoExecute'],
  );
  await cluster.until(Pod, pod.metadata.name, (now) => !ready(now));
  await cluster.clock.until(async () =>
    (await cluster.list(EndpointSlice)).every(({ endpoints = [] }) => endpoints.every(({ conditions }) => conditions?.ready === false)),
  );
  await cluster.merge(Node, 'node', { spec: { unschedulable: null } });
  const evicted = await cluster.until(Pod, pod.metadata.name, ({ metadata }) => metadata.deletionTimestamp !== undefined);
  assert.equal(seconds(cluster, died), noticed + 300);
  assert.equal(evicted.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason, 'DeletionByTaintManager');
  await cluster.until(Deployment, 'd', ({ status }) => status?.readyReplicas === 1);
  // Nobody can say that what ran on a dead node has ended: its pod stays until the node is back or gone.
  await cluster.clock.advance(600_000);
  assert.ok(await cluster.get(Pod, pod.metadata.name));
  await cluster.delete(Node, 'second');
  await cluster.untilGone(Pod, pod.metadata.name);
});

test('75. a node that comes back in time is ready again, with its pods and without taints', async () => {
  await using cluster = await testCluster();
  const node = await second(cluster);
  await cluster.create(Pod, 'p', template);
  await cluster.until(Pod, 'p', ready);
  await node[Symbol.asyncDispose]();
  await cluster.until(Pod, 'p', (now) => !ready(now));
  await using _again = await second(cluster);
  await cluster.until(Pod, 'p', ready);
  const back = await cluster.until(Node, 'second', (now) => readyOf(now) === 'True' && (now.spec?.taints ?? []).length === 0);
  await cluster.clock.advance(600_000);
  assert.equal(readyOf(back), 'True');
  assert.ok(ready((await cluster.get(Pod, 'p'))!), 'nothing that was begun goes on');
});

test('75. a pod without time for a dead node goes at once, one that tolerates it for ever stays', async () => {
  await using cluster = await testCluster();
  const node = await second(cluster);
  const tolerations = (seconds: object) => [{ key: 'node.kubernetes.io/unreachable', operator: 'Exists', effect: 'NoExecute', ...seconds }];
  await cluster.create(Pod, 'hasty', { ...template, spec: { ...template.spec, tolerations: tolerations({ tolerationSeconds: 0 }) } });
  await cluster.create(Pod, 'patient', { ...template, spec: { ...template.spec, tolerations: tolerations({}) } });
  for (const name of ['hasty', 'patient']) await cluster.until(Pod, name, ready);
  const died = cluster.clock.now();
  await node[Symbol.asyncDispose]();
  await cluster.until(Pod, 'hasty', ({ metadata }) => metadata.deletionTimestamp !== undefined);
  assert.ok(seconds(cluster, died) <= 40);
  await cluster.clock.advance(3_600_000);
  assert.equal((await cluster.get(Pod, 'patient'))?.metadata.deletionTimestamp, undefined);
  // The administrator's word that it is off frees what waits for it.
  await cluster.merge(Node, 'second', { spec: { taints: [{ key: 'node.kubernetes.io/out-of-service', value: 'nodeshutdown', effect: 'NoSchedule' }] } });
  await cluster.untilGone(Pod, 'hasty');
});
