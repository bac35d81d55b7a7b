import type { Live } from '@binnacle/client';
import { CoreEvent, Deployment, Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '@binnacle/client/kinds';
import type { Logger } from '@binnacle/runtime';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestCluster } from '../../test/cluster.ts';
import { ready, testCluster, web } from '../../test/cluster.ts';
import type { NodeContext } from './context.ts';
import { startNode } from './index.ts';
import { scheduler } from './scheduler.ts';

const quiet: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => quiet };
const another = ({ api, clock, network }: TestCluster, ip: number, allocatable: Readonly<Record<string, string>>) =>
  startNode({ name: `extra-${ip}`, api, clock, network, images: [web], log: quiet, hostIp: `10.0.0.${ip}`, labels: { extra: 'yes' }, allocatable });

const deployment = (replicas: number, spec: object) => ({
  spec: {
    replicas,
    selector: { matchLabels: { app: 'x' } },
    template: { metadata: { labels: { app: 'x' } }, spec: { nodeSelector: { extra: 'yes' }, containers: [{ name: 'main', image: 'web:1' }], ...spec } },
  },
});
const asks = (cpu: string) => ({ containers: [{ name: 'main', image: 'web:1', resources: { requests: { cpu } } }] });

test('a pod waits for room, says so, and comes up when another one leaves', async () => {
  await using cluster = await testCluster();
  await using _small = await another(cluster, 2, { cpu: '4', memory: '8Gi', pods: '10' });
  await cluster.create(Pod, 'first', { spec: { nodeSelector: { extra: 'yes' }, ...asks('3') } });
  await cluster.until(Pod, 'first', ready);
  await cluster.create(Pod, 'second', { spec: { nodeSelector: { extra: 'yes' }, ...asks('2') } });
  const { status } = await cluster.until(Pod, 'second', (pod) => pod.status?.conditions?.some(({ reason }) => reason === 'Unschedulable') === true);
  assert.equal(status?.phase, 'Pending');
  await cluster.clock.settle();
  const events = (await cluster.list(CoreEvent)).filter(({ reason }) => reason === 'FailedScheduling');
  assert.deepEqual(
    events.map(({ message }) => message),
    ["0/2 nodes are available: 1 Insufficient cpu, 1 node(s) didn't match Pod's node affinity/selector. cpu: asked for 2, free at most 1 of 4."],
  );
  await cluster.delete(Pod, 'first');
  await cluster.until(Pod, 'second', ready);
});

test('pods that come all at once are still apart, spread and within what the nodes have', async () => {
  await using cluster = await testCluster();
  const room = { cpu: '2', memory: '8Gi', pods: '10' };
  await using _a = await another(cluster, 2, room);
  await using _b = await another(cluster, 3, room);
  await using _c = await another(cluster, 4, room);
  const perNode = async () => {
    const bound = (await cluster.list(Pod)).map(({ spec }) => spec?.nodeName ?? '').filter((name) => name !== '');
    return [...Map.groupBy(bound, (name) => name).values()].map((all) => all.length);
  };
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'x' } } };
  await cluster.create(Deployment, 'apart', deployment(4, { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } }));
  await cluster.until(Deployment, 'apart', ({ status }) => status?.readyReplicas === 3);
  await cluster.clock.advance(60_000);
  assert.deepEqual(await perNode(), [1, 1, 1]);
  await cluster.delete(Deployment, 'apart');
  await cluster.clock.until(async () => (await cluster.list(Pod)).length === 0);
  await cluster.create(Deployment, 'full', deployment(8, asks('1')));
  await cluster.until(Deployment, 'full', ({ status }) => status?.readyReplicas === 6);
  await cluster.clock.advance(60_000);
  assert.deepEqual(await perNode(), [2, 2, 2]);
  // Past the deadline at which the Deployment says that it gets no further.
  await cluster.clock.advance(600_000);
  const before = await cluster.version();
  await cluster.clock.advance(600_000);
  assert.equal(await cluster.version(), before);
});

test('a pod that was bound a moment ago counts, although no watch has told of it yet', async () => {
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'x' } } };
  const pod = (name: string) =>
    ({
      metadata: { name, namespace: 'ns', uid: name, labels: { app: 'x' }, creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { containers: [], affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } },
    }) as unknown as Live<typeof Pod>;
  const node = { metadata: { name: 'n', labels: { 'kubernetes.io/hostname': 'n' } }, status: { allocatable: { pods: '10' } } } as unknown as Live<typeof Node>;
  const bound: string[] = [];
  const refused = Promise.withResolvers<string>();
  const api = {
    raw: async ({ path }: { path: string }) => void bound.push(path),
    patch: async (_kind: unknown, ref: { name: string }) => refused.resolve(ref.name),
  };
  const context = { name: 'n', api, clock: { now: () => 0 }, log: quiet, errands: { add: () => undefined } } as unknown as NodeContext;
  const none = { get: () => undefined };
  await using _running = scheduler(context, {
    nodes: { values: () => [node] },
    pods: { values: () => [pod('a'), pod('b')] },
    claims: none,
    volumes: { ...none, values: () => [] },
    classes: none,
  });
  assert.equal(await refused.promise, 'b');
  assert.deepEqual(bound, ['/api/v1/namespaces/ns/pods/a/binding']);
});

test('volumes that are on some nodes only, made by hand: a pod goes where its claim finds one, says so where there is none, and comes back to it', async () => {
  await using cluster = await testCluster();
  await using _second = await another(cluster, 2, {});
  await using _third = await another(cluster, 3, {});
  const local = { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' };
  await cluster.create(StorageClass, 'local', local);
  await cluster.create(PersistentVolumeClaim, 'data', {
    spec: { storageClassName: 'local', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  const spec = { containers: [{ name: 'main', image: 'web:1' }], volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
  await cluster.create(Pod, 'p', { spec });
  const waiting = await cluster.until(Pod, 'p', ({ status }) => status?.conditions?.some(({ reason }) => reason === 'Unschedulable') === true);
  assert.match(waiting.status?.conditions?.[0]?.message ?? '', /3 node\(s\) didn't find available persistent volumes to bind/);
  const terms = [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['extra-3'] }] }];
  await cluster.create(PersistentVolume, 'there', {
    spec: {
      storageClassName: 'local',
      capacity: { storage: '2Gi' },
      accessModes: ['ReadWriteOnce'],
      local: { path: '/data' },
      nodeAffinity: { required: { nodeSelectorTerms: terms } },
    },
  });
  for (let life = 0; life < 2; life += 1) {
    const bound = await cluster.until(Pod, 'p', ready);
    assert.equal(bound.spec?.nodeName, 'extra-3');
    assert.equal((await cluster.get(PersistentVolumeClaim, 'data'))?.spec?.volumeName, 'there');
    await cluster.delete(Pod, 'p');
    await cluster.untilGone(Pod, 'p');
    await cluster.create(Pod, 'p', { spec });
  }
});
