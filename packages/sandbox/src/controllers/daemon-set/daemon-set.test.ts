import { ControllerRevision, DaemonSet, Node, Pod } from '@binnacle/client/kinds';
import type { Logger } from '@binnacle/runtime';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestCluster } from '../../../test/cluster.ts';
import { ready, testCluster, web } from '../../../test/cluster.ts';
import { startNode } from '../../node/index.ts';

const quiet: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => quiet };

const another = ({ api, clock, network }: TestCluster, name: string, ip: number, labels: Readonly<Record<string, string>> = {}) =>
  startNode({ name, api, clock, network, images: [web], log: quiet, hostIp: `10.0.0.${ip}`, labels });

const daemons = (image: string, spec: object = {}, podSpec: object = {}) => ({
  spec: {
    selector: { matchLabels: { app: 'd' } },
    ...spec,
    template: {
      metadata: { labels: { app: 'd' } },
      spec: { containers: [{ name: 'main', image, readinessProbe: { tcpSocket: { port: 8080 }, initialDelaySeconds: 5 } }], ...podSpec },
    },
  },
});

const onNodes = async (cluster: TestCluster) =>
  (await cluster.list(Pod))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ spec }) => spec?.nodeName ?? '')
    .toSorted((a, b) => (a < b ? -1 : 1));

const rolled = (cluster: TestCluster, image: string, nodes: number) =>
  cluster.until(
    DaemonSet,
    'd',
    ({ metadata, spec, status }) =>
      spec?.template.spec?.containers[0]?.image === image &&
      status?.observedGeneration === metadata.generation &&
      status?.updatedNumberScheduled === nodes &&
      status.numberAvailable === nodes,
  );

test('every node has one, also a node that comes later; a new template reaches them one after the other', async () => {
  await using cluster = await testCluster();
  await using _second = await another(cluster, 'second', 2);
  await cluster.create(DaemonSet, 'd', daemons('web:1'));
  await rolled(cluster, 'web:1', 2);
  await using _third = await another(cluster, 'third', 3);
  const { status } = await rolled(cluster, 'web:1', 3);
  assert.deepEqual([status?.desiredNumberScheduled, status?.currentNumberScheduled, status?.numberReady, status?.numberMisscheduled], [3, 3, 3, 0]);
  assert.deepEqual(await onNodes(cluster), ['node', 'second', 'third']);
  await cluster.merge(DaemonSet, 'd', daemons('web:2'));
  let fewest = 3;
  await cluster.clock.until(async () => {
    const pods = await cluster.list(Pod);
    assert.equal(new Set(pods.map(({ spec }) => spec?.nodeName ?? '?')).size, pods.length, 'two on a node');
    fewest = Math.min(fewest, pods.filter((one) => ready(one) && one.metadata.deletionTimestamp === undefined).length);
    return pods.length === 3 && pods.every((one) => ready(one) && one.spec?.containers[0]?.image === 'web:2');
  });
  assert.equal(fewest, 2);
  await rolled(cluster, 'web:2', 3);
  assert.equal((await cluster.list(ControllerRevision)).length, 2);
  await cluster.merge(DaemonSet, 'd', daemons('web:1'));
  await rolled(cluster, 'web:1', 3);
  assert.equal((await cluster.list(ControllerRevision)).length, 2);
  const before = await cluster.version();
  await cluster.clock.advance(600_000);
  assert.equal(await cluster.version(), before);
  await cluster.delete(DaemonSet, 'd');
  await cluster.clock.until(async () => (await cluster.list(Pod)).length === 0);
});

test('only nodes that the template asks for, cordoned ones too; OnDelete waits for somebody to delete', async () => {
  await using cluster = await testCluster();
  await using _second = await another(cluster, 'second', 2, { disk: 'ssd' });
  await cluster.merge(Node, 'second', { spec: { unschedulable: true } });
  await cluster.create(DaemonSet, 'd', daemons('web:1', { updateStrategy: { type: 'OnDelete' } }, { nodeSelector: { disk: 'ssd' } }));
  await rolled(cluster, 'web:1', 1);
  assert.deepEqual(await onNodes(cluster), ['second']);
  await cluster.merge(Node, 'node', { metadata: { labels: { disk: 'ssd' } } });
  await rolled(cluster, 'web:1', 2);
  await cluster.merge(Node, 'second', { metadata: { labels: { disk: 'hdd' } } });
  await cluster.clock.until(async () => (await onNodes(cluster)).join() === 'node');
  await cluster.merge(DaemonSet, 'd', daemons('web:2', {}, { nodeSelector: { disk: 'ssd' } }));
  await cluster.clock.advance(60_000);
  const [old] = await cluster.list(Pod);
  assert.equal(old?.spec?.containers[0]?.image, 'web:1');
  await cluster.delete(Pod, old!.metadata.name);
  await rolled(cluster, 'web:2', 1);
});

test('with maxSurge the new daemon serves before the old one goes, on so many nodes at a time', async () => {
  await using cluster = await testCluster();
  await using _second = await another(cluster, 'second', 2, {});
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
  await cluster.create(DaemonSet, 'd', daemons('web:1', { updateStrategy, minReadySeconds: 5 }));
  await rolled(cluster, 'web:1', 2);
  await cluster.merge(DaemonSet, 'd', daemons('web:2', { updateStrategy, minReadySeconds: 5 }));
  let [most, least] = [0, 2];
  await cluster.clock.until(async () => {
    const pods = (await cluster.list(Pod)).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
    most = Math.max(most, pods.length);
    least = Math.min(least, pods.filter(ready).length);
    return pods.length === 2 && pods.every((one) => ready(one) && one.spec?.containers[0]?.image === 'web:2');
  });
  assert.deepEqual([most, least], [3, 2]);
  assert.deepEqual(await onNodes(cluster), ['node', 'second']);
});

test('a daemon and its revision carry the labels of Kubernetes: the hash, and which template of the set it is', async () => {
  await using cluster = await testCluster();
  await cluster.create(DaemonSet, 'd', daemons('web:1'));
  await rolled(cluster, 'web:1', 1);
  const [revision] = await cluster.list(ControllerRevision);
  const hash = revision?.metadata.labels?.['controller-revision-hash'];
  assert.equal(revision?.metadata.name, `d-${hash}`);
  const [pod] = await cluster.list(Pod);
  assert.deepEqual(pod?.metadata.labels, { app: 'd', 'controller-revision-hash': hash, 'pod-template-generation': '1' });
});
