import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { after, before, test } from 'node:test';
import { connect, portForwardNetwork, systemClock, undiciTransport, until } from '@binnacle/client';
import type { Api, Cluster } from '@binnacle/client';
import { Pod, Service, ServiceAccount } from '@binnacle/client/kinds';
import { silentLogger } from '@binnacle/runtime';
import type { Image } from '../../program.ts';
import { startSandbox } from '../../sandbox.ts';
import type { Sandbox } from '../../sandbox.ts';

/** Port 7 says back what it hears, port 8 closes at once, port 9 sends without being asked. */
const parrot: Image = {
  image: /^parrot:/,
  async program({ network, signal }) {
    network.listen(7, (stream) => stream.pipe(stream));
    network.listen(8, (stream) => stream.end('bye'));
    network.listen(9, (stream) => {
      const more = () => {
        while (!stream.destroyed && stream.write(Buffer.alloc(16_384)));
      };
      stream.on('drain', more);
      more();
    });
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    return 0;
  },
};

const opened = new AsyncDisposableStack();
const clock = systemClock();
const soon = () => AbortSignal.timeout(5000);
let sandbox: Sandbox;
let cluster: Cluster;
let api: Api;
const network = () => portForwardNetwork(cluster, api, { clock });

before(async () => {
  sandbox = opened.use(await startSandbox({ clock, log: silentLogger, images: [parrot] }));
  const { url, ca } = await sandbox.listen();
  cluster = { server: url, ca, credentials: { type: 'token', token: sandbox.adminToken } };
  api = opened.use(connect({ clock, userAgent: 'test', transport: undiciTransport(cluster, { clock }) }));
  const ports = [{ port: 70, targetPort: 7 }];
  const selector = { app: 'p' };
  await api.create(Service, { metadata: { name: 's', namespace: 'default' }, spec: { selector, ports } });
  await api.create(Service, { metadata: { name: 'empty', namespace: 'default' }, spec: { selector: { app: 'x' }, ports } });
  const spec = { containers: [{ name: 'main', image: 'parrot:1' }] };
  await api.create(Pod, { metadata: { name: 'p', namespace: 'default', labels: selector }, spec } as never);
  await until(
    api,
    Pod,
    { name: 'p', namespace: 'default' },
    (pod) => pod?.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true,
    soon(),
  );
  // The service's addresses are written by a controller of their own.
  for (;;) {
    const found = await network()
      .connect({ host: 's.default', port: 70 }, soon())
      .catch((error: unknown) => String(error));
    if (typeof found !== 'string') return void found.destroy();
    assert.match(found, /no pod behind it is ready/);
  }
});

after(() => opened.disposeAsync());

async function echo(stream: Duplex, text: string): Promise<string> {
  stream.write(text);
  let heard = '';
  for await (const bytes of stream) if ((heard += String(bytes)).length >= text.length) break;
  return heard;
}

test('a pod is reached by its IP, by the names it has behind a service, and by the service with its port mapped', async () => {
  await using way = network();
  const ip = (await api.get(Pod, { name: 'p', namespace: 'default' })).status?.podIP ?? '';
  const large = 'x'.repeat(200_000);
  for (const [host, port] of [
    [ip, 7],
    ['p.s.default', 7],
    ['p.s.default.svc.cluster.local', 7],
    ['s.default.svc', 70],
  ] as const)
    assert.equal(await echo(await way.connect({ host, port }, soon()), large), large, host);
});

test('names that lead nowhere and ports on which nobody listens are told apart', async () => {
  await using way = network();
  const code = (host: string, port: number, wanted: object) => assert.rejects(way.connect({ host, port }, soon()), { name: 'NetworkError', ...wanted });
  await code('gone.default.svc', 70, { code: 'unresolved' });
  await code('10.244.9.9', 7, { code: 'unresolved' });
  await code('localhost', 7, { code: 'unresolved' });
  await code('empty.default', 70, { code: 'refused', message: /no pod behind it is ready/ });
  await code('s.default', 71, { code: 'refused', message: /no port 71/ });
  await code('p.s.default', 1, { code: 'refused', message: /nobody listens/ });
  await code('q.s.default', 7, { code: 'refused', message: /pods "q" not found/ });
  await assert.rejects(way.connect({ host: 's.default', port: 70 }, AbortSignal.abort()), { code: 'lost' });
});

test('a pod that closes ends the stream after its last words; a network that is closed ends its streams', async () => {
  const way = network();
  const stream = await way.connect({ host: 'p.s.default', port: 8 }, soon());
  assert.equal(await new Response(stream as never).text(), 'bye');
  const quiet = await way.connect({ host: 'p.s.default', port: 7 }, soon());
  const broken = once(quiet, 'error');
  await way[Symbol.asyncDispose]();
  assert.equal(((await broken) as [{ code: string }])[0].code, 'lost');
  await assert.rejects(way.connect({ host: 'p.s.default', port: 7 }, soon()), { code: 'refused' });
});

test('a reader that does not read holds the pod back, and loses nothing', async () => {
  await using way = network();
  const stream = await way.connect({ host: 'p.s.default', port: 9 }, soon());
  await once(stream, 'readable');
  // Time enough for megabytes, if nothing held them back.
  for (let calls = 0; calls < 100; calls += 1) await api.get(Pod, { name: 'p', namespace: 'default' });
  assert.ok(stream.readableLength < 1024 * 1024, `${stream.readableLength} bytes wait`);
  let bytes = 0;
  for await (const chunk of stream) if ((bytes += (chunk as Buffer).byteLength) > 20_000_000) break;
  assert.ok(bytes > 20_000_000);
});

test('an account that may not forward is told so', async () => {
  await api.create(ServiceAccount, { metadata: { name: 'bob', namespace: 'default' } });
  const token = sandbox.tokenFor({ namespace: 'default', name: 'bob' });
  await using way = portForwardNetwork({ ...cluster, credentials: { type: 'token', token } }, api, { clock });
  await assert.rejects(way.connect({ host: 'p.s.default', port: 7 }, soon()), { code: 'refused', message: /cannot get resource "pods\/portforward"/ });
});
