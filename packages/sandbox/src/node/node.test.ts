import { ConfigMap, CoreEvent, Pod, Secret, Service } from '@binnacle/client/kinds';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ready, testCluster } from '../../test/cluster.ts';
import type { Container, Image } from '../program.ts';

const pod = (container: object, spec: object = {}) => ({
  metadata: { labels: { app: 'x' } },
  spec: { ...spec, containers: [{ name: 'main', image: 'web:1', ...container }] },
});
const program = (name: string, run: (container: Container) => Promise<number>): Image => ({ image: new RegExp(`^${name}:`), program: run });
const forever = (container: Container) => container.clock.sleep(1e12, container.signal).then(() => 0);

test('a pod runs, is ready when its probe says so, and then nothing more is written', async () => {
  const slow = program('slow', async (container) => {
    await container.clock.sleep(25_000);
    container.network.listen(80, (stream) => stream.end('HTTP/1.1 204 No Content\r\n\r\n'));
    return forever(container);
  });
  await using cluster = await testCluster([slow]);
  const start = cluster.clock.now();
  await cluster.create(Pod, 'p', pod({ image: 'slow:1', readinessProbe: { httpGet: { port: 80 }, periodSeconds: 5 } }));
  const running = await cluster.until(Pod, 'p', ({ status }) => status?.phase === 'Running');
  assert.ok(!ready(running));
  const { status } = await cluster.until(Pod, 'p', ready);
  assert.equal(cluster.clock.now() - start, 25_000);
  assert.deepEqual(
    status?.conditions?.flatMap(({ reason, message }) => [reason, message].filter((word) => word !== undefined)),
    [],
    'why it was not ready is no longer said',
  );
  const before = await cluster.version();
  await cluster.clock.advance(3_600_000);
  assert.equal(await cluster.version(), before);
});

test('a container that crashes is restarted: at once, then after 10 s, doubling to 5 min', async () => {
  const starts: number[] = [];
  const crash = program('crash', async (container) => {
    starts.push(container.clock.now());
    throw new Error('out of luck');
  });
  await using cluster = await testCluster([crash]);
  await cluster.create(Pod, 'p', pod({ image: 'crash:1' }));
  await cluster.until(Pod, 'p', ({ status }) => (status?.containerStatuses?.[0]?.restartCount ?? 0) >= 8, 7_200_000);
  assert.deepEqual(
    starts.slice(1, 9).map((at, i) => (at - starts[i]!) / 1000),
    [0, 10, 20, 40, 80, 160, 300, 300],
  );
  const { status } = await cluster.until(Pod, 'p', ({ status: now }) => now?.containerStatuses?.[0]?.state?.waiting !== undefined);
  assert.equal(status?.containerStatuses?.[0]?.state?.waiting?.reason, 'CrashLoopBackOff');
  assert.equal(status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 1);
  assert.match((await cluster.log('p', 'main')).join('\n'), /out of luck/);
});

test('an image that no program stands for is reported as not pulled', async () => {
  await using cluster = await testCluster();
  await cluster.create(Pod, 'p', pod({ image: 'unheard/of:1' }));
  const { status } = await cluster.until(Pod, 'p', ({ status: now }) => now?.containerStatuses?.[0]?.state?.waiting?.reason === 'ImagePullBackOff');
  assert.match(status?.containerStatuses?.[0]?.state?.waiting?.message ?? '', /no program stands for image "unheard\/of:1"/);
  assert.equal(status?.phase, 'Pending');
});

test('a missing Secret holds a container up, and its creation starts it', async () => {
  const env: Record<string, string>[] = [];
  const reader = program('reader', async (container) => {
    env.push(container.env);
    return forever(container);
  });
  await using cluster = await testCluster([reader]);
  const variables = [
    { name: 'USER', value: 'root' },
    { name: 'PASSWORD', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } } },
    { name: 'URL', value: '$(USER):$(PASSWORD)@$(HOST) $$(USER)' },
    { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
  ];
  await cluster.create(Pod, 'p', pod({ image: 'reader:1', env: variables }));
  const { status } = await cluster.until(Pod, 'p', ({ status: now }) => now?.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError');
  assert.equal(status?.containerStatuses?.[0]?.state?.waiting?.message, 'secret "login" not found');
  await cluster.create(Secret, 'login', { stringData: { password: 's3cret' } });
  const { status: after } = await cluster.until(Pod, 'p', ready);
  const own = Object.fromEntries(Object.entries(env[0]!).filter(([name]) => !name.startsWith('KUBERNETES_')));
  assert.deepEqual(own, { USER: 'root', PASSWORD: 's3cret', URL: 'root:s3cret@$(HOST) $(USER)', IP: after?.podIP });
});

test('files of a ConfigMap follow its edits; a pod waits for one that is missing', async () => {
  const seen: Container[] = [];
  const reader = program('reader', (container) => {
    seen.push(container);
    return forever(container);
  });
  await using cluster = await testCluster([reader]);
  const volumes = [{ name: 'conf', configMap: { name: 'conf', items: [{ key: 'a', path: 'sub/a.txt' }] } }];
  await cluster.create(Pod, 'p', pod({ image: 'reader:1', volumeMounts: [{ name: 'conf', mountPath: '/etc/conf' }] }, { volumes }));
  await cluster.clock.advance(5000);
  assert.equal(seen.length, 0);
  await cluster.create(ConfigMap, 'conf', { data: { a: 'one', b: 'not mounted' } });
  await cluster.until(Pod, 'p', ready);
  assert.equal(seen[0]?.readFile('/etc/conf/sub/a.txt'), 'one');
  assert.equal(seen[0]?.readFile('/etc/conf/b'), undefined);
  await cluster.merge(ConfigMap, 'conf', { data: { a: 'two' } });
  await cluster.clock.settle();
  assert.equal(seen[0]?.readFile('/etc/conf/sub/a.txt'), 'two');
});

test('init containers run one after another before the others, and a failing one is repeated', async () => {
  const order: string[] = [];
  let failures = 2;
  const initial = program('init', async (container) => {
    order.push(container.name);
    return container.name === 'second' && failures-- > 0 ? 1 : 0;
  });
  const main = program('main', (container) => {
    order.push(container.name);
    return forever(container);
  });
  await using cluster = await testCluster([initial, main]);
  const initContainers = [
    { name: 'first', image: 'init:1' },
    { name: 'second', image: 'init:1' },
    { name: 'kernel', image: 'busybox:1.36', command: ['sysctl', '-w', 'vm.max_map_count=2000000'] },
  ];
  await cluster.create(Pod, 'p', pod({ image: 'main:1' }, { initContainers }));
  const { status } = await cluster.until(Pod, 'p', ready);
  assert.deepEqual(order, ['first', 'second', 'second', 'second', 'main']);
  assert.equal(status?.initContainerStatuses?.[1]?.restartCount, 2);
});

test('a pod with restartPolicy Never ends as Succeeded or Failed', async () => {
  const exits = program('exits', async ({ args }) => Number(args[0]));
  await using cluster = await testCluster([exits]);
  for (const code of [0, 3]) await cluster.create(Pod, `exit-${code}`, pod({ image: 'exits:1', args: [String(code)] }, { restartPolicy: 'Never' }));
  await cluster.until(Pod, 'exit-0', ({ status }) => status?.phase === 'Succeeded');
  const failed = await cluster.until(Pod, 'exit-3', ({ status }) => status?.phase === 'Failed');
  assert.equal(failed.status?.containerStatuses?.[0]?.state?.terminated?.exitCode, 3);
});

test('a deleted pod gets SIGTERM and its grace period, then it is killed; its object goes last', async () => {
  const heard: string[] = [];
  const stubborn = program('stubborn', async (container) => {
    container.signal.addEventListener('abort', () => heard.push('SIGTERM'));
    container.network.listen(80, () => undefined);
    await container.clock.sleep(90_000);
    heard.push('woke after its death');
    return 0;
  });
  await using cluster = await testCluster([stubborn]);
  await cluster.create(Pod, 'p', pod({ image: 'stubborn:1' }, { terminationGracePeriodSeconds: 45 }));
  const { status } = await cluster.until(Pod, 'p', ready);
  const start = cluster.clock.now();
  await cluster.delete(Pod, 'p');
  await cluster.clock.advance(44_000);
  assert.deepEqual(heard, ['SIGTERM']);
  assert.ok(await cluster.get(Pod, 'p'));
  const open = await cluster.network.outside().connect({ host: status!.podIP!, port: 80 }, new AbortController().signal);
  await cluster.untilGone(Pod, 'p');
  assert.equal(cluster.clock.now() - start, 45_000);
  assert.ok(open.destroyed);
  await cluster.clock.advance(120_000);
  assert.deepEqual(heard, ['SIGTERM']);
});

test('a pod that ends by itself in its grace period is gone as soon as it has', async () => {
  const polite = program('polite', async (container) => {
    await forever(container).catch(() => undefined);
    await container.clock.sleep(3000);
    return 0;
  });
  await using cluster = await testCluster([polite]);
  await cluster.create(Pod, 'p', pod({ image: 'polite:1', lifecycle: { preStop: { sleep: { seconds: 4 } } } }));
  await cluster.until(Pod, 'p', ready);
  const start = cluster.clock.now();
  await cluster.delete(Pod, 'p');
  await cluster.untilGone(Pod, 'p');
  assert.equal(cluster.clock.now() - start, 7000);
});

test('a container whose liveness probe fails is restarted', async () => {
  const alive: boolean[] = [];
  const sick: Image = {
    ...program('sick', forever),
    exec: async (_, command) => ({ exitCode: alive.length > 2 ? Number(command[1]) : 0, output: String(alive.push(true)) }),
  };
  await using cluster = await testCluster([sick]);
  await cluster.create(Pod, 'p', pod({ image: 'sick:1', livenessProbe: { exec: { command: ['check', '1'] }, periodSeconds: 1 } }));
  const { status } = await cluster.until(Pod, 'p', ({ status: now }) => (now?.containerStatuses?.[0]?.restartCount ?? 0) > 0);
  assert.equal(status?.containerStatuses?.[0]?.lastState?.terminated?.exitCode, 143);
  const events = await cluster.list(CoreEvent);
  assert.ok(events.some(({ reason, message }) => reason === 'Killing' && message === 'Container main failed liveness probe, will be restarted'));
});

test('after a restart of the node its pods run again, with their claims as they were left and a restart more', async () => {
  const counter = program('counter', (container) => {
    const files = container.volume('/data')!;
    files.set('starts', String(Number(files.get('starts') ?? 0) + 1));
    container.log(`start ${files.get('starts')}`);
    return forever(container);
  });
  await using cluster = await testCluster([counter]);
  const { PersistentVolumeClaim } = await import('@binnacle/client/kinds');
  await cluster.create(PersistentVolumeClaim, 'data', { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } });
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  await cluster.create(Pod, 'p', pod({ image: 'counter:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }, { volumes }));
  await cluster.until(Pod, 'p', ready);
  await cluster.restartNode();
  await cluster.until(Pod, 'p', (now) => ready(now) && now.status?.containerStatuses?.[0]?.restartCount === 1);
  assert.deepEqual(await cluster.log('p', 'main'), ['start 2']);
  await cluster.delete(Pod, 'p');
  const closed = cluster.restartNode();
  await closed;
  await cluster.untilGone(Pod, 'p');
});

test('pods reach each other by the names the cluster has for them', async () => {
  const asked: string[] = [];
  const client = program('client', async (container) => {
    const stream = await container.network.connect({ host: 'web', port: 80 }, container.signal);
    stream.write('GET / HTTP/1.1\r\n\r\n');
    for await (const chunk of stream) asked.push(String(chunk).slice(0, 15));
    return 0;
  });
  await using cluster = await testCluster([client]);
  await cluster.create(Service, 'web', { spec: { selector: { app: 'x' }, ports: [{ port: 80, targetPort: 8080 }] } });
  await cluster.create(Pod, 'server', pod({}));
  await cluster.until(Pod, 'server', ready);
  await cluster.clock.settle();
  await cluster.create(Pod, 'client', { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'client:1' }] } });
  await cluster.until(Pod, 'client', ({ status }) => status?.phase === 'Succeeded');
  assert.deepEqual(asked, ['HTTP/1.1 200 OK']);
});

test('required anti-affinity between hosts keeps a second pod off the only node, and says why', async () => {
  await using cluster = await testCluster();
  const affinity = {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'x' } } }],
    },
  };
  await cluster.create(Pod, 'one', pod({}, { affinity }));
  await cluster.until(Pod, 'one', ready);
  await cluster.create(Pod, 'two', pod({}, { affinity }));
  const { status } = await cluster.until(Pod, 'two', (now) => now.status?.conditions?.some(({ reason }) => reason === 'Unschedulable') === true);
  assert.match(status?.conditions?.[0]?.message ?? '', /anti-affinity/);
  await cluster.delete(Pod, 'one');
  await cluster.until(Pod, 'two', ready);
});

test('a container finds in its environment the services that were there when it started, unless its pod wants no links', async () => {
  const env: Record<string, Readonly<Record<string, string>>> = {};
  const reader = program('reader', (container) => {
    env[container.pod.metadata.name] = container.env;
    return forever(container);
  });
  await using cluster = await testCluster([reader]);
  const ports = [
    { name: 'query-port', port: 9030 },
    { name: 'dns', port: 53, protocol: 'UDP' },
  ];
  const service = await cluster.create(Service, 'my-db', { spec: { selector: { app: 'x' }, ports } });
  await cluster.create(Service, 'peers', { spec: { selector: { app: 'x' }, clusterIP: 'None', ports: [{ port: 1 }] } });
  await cluster.clock.settle();
  const override = [
    { name: 'MY_DB_PORT', value: 'mine' },
    { name: 'ADDRESS', value: '$(MY_DB_SERVICE_HOST):$(MY_DB_SERVICE_PORT_DNS)' },
  ];
  await cluster.create(Pod, 'linked', pod({ image: 'reader:1', env: override }));
  await cluster.create(Pod, 'alone', pod({ image: 'reader:1' }, { enableServiceLinks: false }));
  await cluster.until(Pod, 'linked', ready);
  await cluster.until(Pod, 'alone', ready);
  const { clusterIP } = service.spec ?? {};
  const { linked = {}, alone = {} } = env;
  assert.deepEqual([linked['MY_DB_PORT'], linked['ADDRESS'], linked['MY_DB_SERVICE_PORT']], ['mine', `${clusterIP}:53`, '9030']);
  assert.deepEqual([linked['MY_DB_SERVICE_PORT_QUERY_PORT'], linked['MY_DB_PORT_53_UDP']], ['9030', `udp://${clusterIP}:53`]);
  assert.deepEqual(
    Object.keys(linked).filter((name) => name.startsWith('PEERS')),
    [],
  );
  assert.deepEqual([alone['KUBERNETES_SERVICE_HOST'], alone['KUBERNETES_PORT_443_TCP_ADDR']], ['10.96.0.1', '10.96.0.1']);
  assert.ok(Object.keys(alone).every((name) => name.startsWith('KUBERNETES_')));
});

test('a program finds its token, the authority and its namespace; the token is asked for when it is read, and renewed before it ends', async () => {
  const seen: Container[] = [];
  const reader = program('reader', (container) => {
    seen.push(container);
    return forever(container);
  });
  await using cluster = await testCluster([reader]);
  await cluster.create(Pod, 'p', pod({ image: 'reader:1' }));
  const running = await cluster.until(Pod, 'p', ready);
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
  const [container] = seen;
  assert.match(container!.readFile(`${folder}/ca.crt`) ?? '', /BEGIN CERTIFICATE/);
  assert.equal(container!.readFile(`${folder}/namespace`), 'ns');
  const [first, again] = await Promise.all([container!.read(`${folder}/token`), container!.read(`${folder}/token`)]);
  assert.equal(first, again);
  assert.equal(claimsOf(first).pod.uid, running.metadata.uid);
  await cluster.clock.advance(0.81 * 3_607_000);
  assert.notEqual(await container!.read(`${folder}/token`), first);
});

function claimsOf(token: string | undefined): any {
  return JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString())['kubernetes.io'];
}
