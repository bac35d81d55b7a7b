import {
  ConfigMap,
  Deployment,
  EndpointSlice,
  Endpoints,
  Job,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  Service,
  ServiceAccount,
} from '@binnacle/client/kinds';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Image } from '../program.ts';
import { ready, testCluster } from '../../test/cluster.ts';

const pod = (name: string, spec: object = {}, container: object = {}) => ({
  metadata: { labels: { app: name } },
  spec: { containers: [{ name: 'main', image: 'web:1', ...container }], ...spec },
});
const deployment = (image: string, spec: object = {}) => ({
  spec: {
    replicas: 4,
    selector: { matchLabels: { app: 'web' } },
    template: pod('web', {}, { image, readinessProbe: { tcpSocket: { port: 8080 }, initialDelaySeconds: 5 } }),
    ...spec,
  },
});

test('endpoints follow readiness: a service finds its pods, by number and by name of their ports', async () => {
  await using cluster = await testCluster();
  const ports = [{ name: 'http', port: 80, targetPort: 'web' }];
  await cluster.create(Service, 'web', { spec: { selector: { app: 'web' }, ports } });
  await cluster.create(Service, 'all', { spec: { selector: { app: 'web' }, ports, clusterIP: 'None', publishNotReadyAddresses: true } });
  const container = { ports: [{ name: 'web', containerPort: 8080 }], readinessProbe: { tcpSocket: { port: 'web' }, initialDelaySeconds: 30 } };
  await cluster.create(Pod, 'web-0', pod('web', { hostname: 'web-0', subdomain: 'all' }, container));
  const running = await cluster.until(Pod, 'web-0', ({ status }) => status?.phase === 'Running');
  await cluster.clock.settle();
  const slice = async (service: string) =>
    (await cluster.list(EndpointSlice)).filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service);
  assert.equal((await slice('web'))[0]?.metadata.generateName, 'web-');
  assert.deepEqual((await slice('web'))[0]?.endpoints?.[0]?.conditions, { ready: false, serving: false, terminating: false });
  assert.deepEqual((await slice('all'))[0]?.endpoints?.[0]?.conditions, { ready: true, serving: false, terminating: false });
  assert.equal((await slice('all'))[0]?.endpoints?.[0]?.hostname, 'web-0');
  assert.equal((await cluster.get(Endpoints, 'web'))?.subsets?.[0]?.notReadyAddresses?.[0]?.ip, running.status?.podIP);
  await cluster.until(Pod, 'web-0', ready);
  await cluster.clock.settle();
  assert.deepEqual((await slice('web'))[0]?.ports, [{ name: 'http', port: 8080, protocol: 'TCP' }]);
  assert.equal((await cluster.get(Endpoints, 'web'))?.subsets?.[0]?.addresses?.[0]?.ip, running.status?.podIP);
  await cluster.merge(Pod, 'web-0', { metadata: { labels: { app: 'other' } } });
  await cluster.clock.settle();
  assert.deepEqual(
    (await slice('web')).flatMap(({ endpoints }) => endpoints ?? []),
    [],
  );
  await cluster.delete(Service, 'web');
  await cluster.untilGone(Endpoints, 'web');
  await cluster.clock.until(async () => (await slice('web')).length === 0);
});

test('a load balancer has an address that leads to its pods, from outside', async () => {
  await using cluster = await testCluster();
  await cluster.create(Service, 'web', { spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] } });
  await cluster.create(Service, 'other', { spec: { type: 'LoadBalancer', selector: { app: 'other' }, ports: [{ port: 80 }] } });
  const address = async (name: string) =>
    (await cluster.until(Service, name, ({ status }) => status?.loadBalancer?.ingress !== undefined)).status!.loadBalancer!.ingress![0]!.ip!;
  const ip = await address('web');
  assert.match(ip, /^192\.0\.2\.\d+$/);
  assert.notEqual(await address('other'), ip);
  await cluster.create(Pod, 'web', pod('web'));
  await cluster.until(Pod, 'web', ready);
  await cluster.clock.settle();
  (await cluster.network.outside().connect({ host: ip, port: 80 }, new AbortController().signal)).destroy();
});

test('a deployment rolls out without ever having too few pods, and back to the revision before', async () => {
  await using cluster = await testCluster();
  await cluster.create(Deployment, 'web', deployment('web:1'));
  const complete = (image: string) =>
    cluster.until(
      Deployment,
      'web',
      ({ status, metadata, spec }) =>
        spec?.template.spec?.containers[0]?.image === image &&
        status?.observedGeneration === metadata.generation &&
        status?.updatedReplicas === 4 &&
        status.availableReplicas === 4 &&
        status.replicas === 4,
    );
  const first = await complete('web:1');
  assert.equal(first.metadata.annotations?.['deployment.kubernetes.io/revision'], '1');
  await cluster.merge(Deployment, 'web', { spec: deployment('web:2').spec });
  let fewest = 4;
  let most = 4;
  await cluster.clock.until(async () => {
    const pods = await cluster.list(Pod);
    const serving = pods.filter((one) => ready(one) && one.metadata.deletionTimestamp === undefined).length;
    fewest = Math.min(fewest, serving);
    most = Math.max(most, pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length);
    const { status, metadata } = (await cluster.get(Deployment, 'web'))!;
    return status?.observedGeneration === metadata.generation && status?.updatedReplicas === 4 && status.availableReplicas === 4 && status.replicas === 4;
  });
  assert.ok(fewest >= 3 && most <= 5, `${fewest} to ${most} pods`);
  await cluster.merge(Deployment, 'web', { spec: deployment('web:1').spec });
  const back = await complete('web:1');
  assert.equal(back.metadata.annotations?.['deployment.kubernetes.io/revision'], '3');
  assert.equal((await cluster.list(ReplicaSet)).length, 2);
  assert.equal(back.status?.conditions?.find(({ type }) => type === 'Progressing')?.reason, 'NewReplicaSetAvailable');
  const before = await cluster.version();
  await cluster.clock.advance(3_600_000);
  assert.equal(await cluster.version(), before);
});

test('a rollout that gets nowhere says so after its deadline; Recreate never runs two versions', async () => {
  const together = new Set<string>();
  let mixed = false;
  const single: Image = {
    image: /^single:/,
    async program(container) {
      together.add(container.image);
      mixed ||= together.size > 1;
      await container.clock.sleep(1e12, container.signal).catch(() => undefined);
      await container.clock.sleep(4000);
      together.delete(container.image);
      return 0;
    },
  };
  await using cluster = await testCluster([single]);
  await cluster.create(Deployment, 'web', deployment('nobody/knows:1', { progressDeadlineSeconds: 60 }));
  await cluster.until(
    Deployment,
    'web',
    ({ status }) => status?.conditions?.some(({ reason, status: is }) => reason === 'ProgressDeadlineExceeded' && is === 'False') === true,
  );
  await cluster.delete(Deployment, 'web');
  const recreate = (image: string) => ({
    spec: { replicas: 1, strategy: { type: 'Recreate' }, selector: { matchLabels: { app: 'one' } }, template: pod('one', {}, { image }) },
  });
  await cluster.create(Deployment, 'one', recreate('single:1'));
  await cluster.until(Deployment, 'one', ({ status }) => status?.availableReplicas === 1);
  await cluster.merge(Deployment, 'one', recreate('single:2'));
  await cluster.until(
    Deployment,
    'one',
    ({ status, metadata }) =>
      status?.observedGeneration === metadata.generation && status?.updatedReplicas === 1 && status.availableReplicas === 1 && status.replicas === 1,
  );
  assert.deepEqual([...together], ['single:2']);
  assert.equal(mixed, false);
});

test('a claim grows, is protected while a pod uses it, and its volume goes with it', async () => {
  await using cluster = await testCluster();
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
  await cluster.create(PersistentVolumeClaim, 'data', { spec });
  await cluster.create(Pod, 'p', pod('p', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }));
  const bound = await cluster.until(PersistentVolumeClaim, 'data', ({ status }) => status?.phase === 'Bound');
  await cluster.until(Pod, 'p', ready);
  await cluster.merge(PersistentVolumeClaim, 'data', { spec: { resources: { requests: { storage: '2Gi' } } } });
  await cluster.until(PersistentVolumeClaim, 'data', ({ status }) => status?.capacity?.['storage'] === '2Gi');
  await cluster.delete(PersistentVolumeClaim, 'data');
  await cluster.clock.advance(60_000);
  assert.ok(await cluster.get(PersistentVolumeClaim, 'data'));
  await cluster.delete(Pod, 'p');
  await cluster.untilGone(PersistentVolumeClaim, 'data');
  await cluster.untilGone(PersistentVolume, bound.spec!.volumeName!);
});

test('a retained volume is kept when its claim goes, for a person to look at', async () => {
  await using cluster = await testCluster();
  const capacity = { capacity: { storage: '5Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/x' } };
  await cluster.create(PersistentVolume, 'pv', { spec: { ...capacity, persistentVolumeReclaimPolicy: 'Retain', storageClassName: 'by-hand' } });
  await cluster.until(PersistentVolume, 'pv', ({ status }) => status?.phase === 'Available');
  await cluster.create(PersistentVolumeClaim, 'data', {
    spec: { storageClassName: 'by-hand', accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  });
  const claim = await cluster.until(PersistentVolumeClaim, 'data', ({ status }) => status?.phase === 'Bound');
  assert.equal(claim.status?.capacity?.['storage'], '5Gi');
  await cluster.delete(PersistentVolumeClaim, 'data');
  await cluster.until(PersistentVolume, 'pv', ({ status }) => status?.phase === 'Released');
});

test('a disruption budget counts what is healthy', async () => {
  await using cluster = await testCluster();
  await cluster.create(PodDisruptionBudget, 'web', { spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'web' } } } });
  await cluster.create(Deployment, 'web', deployment('web:1'));
  const { status } = await cluster.until(PodDisruptionBudget, 'web', ({ status: now }) => now?.disruptionsAllowed === 1);
  assert.deepEqual([status?.expectedPods, status?.currentHealthy, status?.desiredHealthy], [4, 4, 3]);
});

test('every namespace has its account and the authority of the cluster, also after somebody deleted them', async () => {
  await using cluster = await testCluster();
  await cluster.until(ServiceAccount, 'default', () => true);
  const { data } = await cluster.until(ConfigMap, 'kube-root-ca.crt', () => true);
  assert.match(data?.['ca.crt'] ?? '', /BEGIN CERTIFICATE/);
  await cluster.delete(ServiceAccount, 'default');
  await cluster.until(ServiceAccount, 'default', () => true);
});

test('a job runs until it has succeeded often enough, retries later each time, and gives up at its limit', async () => {
  const starts: number[] = [];
  const task: Image = {
    image: /^task:/,
    async program(container) {
      starts.push(container.clock.now());
      await container.clock.sleep(1000);
      return container.args[0] === 'fail' ? 1 : 0;
    },
  };
  await using cluster = await testCluster([task]);
  const spec = (arg: string, more: object) => ({
    spec: { ...more, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'task:1', args: [arg] }] } } },
  });
  await cluster.create(Job, 'good', spec('succeed', { completions: 3, parallelism: 2, ttlSecondsAfterFinished: 100 }));
  const good = await cluster.until(Job, 'good', ({ status }) => status?.conditions?.some(({ type }) => type === 'Complete') === true);
  assert.deepEqual([good.status?.succeeded, good.status?.active ?? 0, starts.length], [3, 0, 3]);
  assert.ok((await cluster.list(Pod)).every(({ metadata }) => metadata.finalizers === undefined));
  await cluster.untilGone(Job, 'good');
  starts.length = 0;
  await cluster.create(Job, 'bad', spec('fail', { backoffLimit: 2 }));
  const bad = await cluster.until(Job, 'bad', ({ status }) => status?.conditions?.some(({ type }) => type === 'Failed') === true);
  assert.equal(bad.status?.conditions?.find(({ type }) => type === 'Failed')?.reason, 'BackoffLimitExceeded');
  assert.equal(bad.status?.failed, 3);
  assert.deepEqual(
    starts.slice(1).map((at, i) => (at - starts[i]!) / 1000),
    [11, 21],
  );
  const before = await cluster.version();
  await cluster.clock.advance(3_600_000);
  assert.equal(await cluster.version(), before);
});

test('a suspended job stops its pods without counting them as failed, and goes on when resumed', async () => {
  await using cluster = await testCluster();
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'web:1' }] } };
  await cluster.create(Job, 'job', { spec: { parallelism: 2, completions: 2, template } });
  await cluster.until(Job, 'job', ({ status }) => status?.ready === 2);
  await cluster.merge(Job, 'job', { spec: { suspend: true } });
  await cluster.until(
    Job,
    'job',
    ({ status }) => (status?.active ?? 0) === 0 && status?.conditions?.some(({ type, status: is }) => type === 'Suspended' && is === 'True') === true,
  );
  await cluster.clock.advance(60_000);
  assert.equal((await cluster.list(Pod)).length, 0);
  await cluster.merge(Job, 'job', { spec: { suspend: false } });
  const { status } = await cluster.until(Job, 'job', ({ status: now }) => now?.ready === 2);
  assert.equal(status?.failed ?? 0, 0);
});
