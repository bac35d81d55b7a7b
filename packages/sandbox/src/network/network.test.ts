import type { Live } from '@binnacle/client';
import { NetworkError } from '@binnacle/client';
import type { EndpointSlice, Service } from '@binnacle/client/kinds';
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Directory } from './names.ts';
import { OUTSIDE_IP, fabric } from './network.ts';

const meta = (name: string) => ({ name, namespace: 'ns', uid: name, resourceVersion: '1', creationTimestamp: '' });
const service = (name: string, clusterIP: string): Live<typeof Service> => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: meta(name),
  spec: { clusterIP, ports: [{ name: 'web', port: 80, targetPort: 8080 }] },
});
const slice = (ready: readonly (readonly [hostname: string, ip: string, ready: boolean])[]): Live<typeof EndpointSlice> => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: meta('slice'),
  addressType: 'IPv4',
  ports: [{ name: 'web', port: 8080 }],
  endpoints: ready.map(([hostname, ip, isReady]) => ({ hostname, addresses: [ip], conditions: { ready: isReady } })),
});
const known: Readonly<Record<string, Live<typeof Service>>> = { web: service('web', '10.96.0.9'), peers: service('peers', 'None') };
const directory: Directory = {
  service: (namespace, name) => (namespace === 'ns' ? known[name] : undefined),
  services: () => Object.values(known),
  slices: () => [
    slice([
      ['db-0', '10.244.0.1', true],
      ['db-1', '10.244.0.2', false],
    ]),
  ],
};
const nothing: AsyncDisposable = { [Symbol.asyncDispose]: async () => undefined };
const patience = () => new AbortController().signal;
const coded = (code: string) => (error: unknown) => error instanceof NetworkError && error.code === code;

function world() {
  const network = fabric(directory, nothing);
  const pod = network.attach({ ip: '10.244.0.1', namespace: 'ns', hostname: 'db-0', subdomain: 'peers' });
  const peer = network.attach({ ip: '10.244.0.2', namespace: 'ns', hostname: 'db-1' });
  return { network, pod, peer, server: pod.process(), client: peer.process() };
}

test('a pod is reached by all the names the cluster has for it', async () => {
  const { network, server, client } = world();
  server.listen(8080, (stream) => stream.end('hello'));
  const names = ['10.244.0.1:8080', 'db-0.peers:8080', 'db-0.peers.ns:8080', 'db-0.peers.ns.svc:8080', 'db-0.peers.ns.svc.cluster.local:8080'];
  for (const name of [...names, 'peers:8080', 'peers.ns.svc.cluster.local.:8080', 'web:80', 'web.ns:80', '10.96.0.9:80']) {
    const [host, port] = name.split(':');
    assert.equal(await text(await client.connect({ host: host!, port: Number(port) }, patience())), 'hello', name);
  }
  assert.deepEqual(network.outside().resolve('peers.ns.svc.cluster.local'), ['10.244.0.1'], 'only ready endpoints are in a name');
  await assert.rejects(network.outside().connect({ host: 'web', port: 80 }, patience()), coded('unresolved'), 'a bare name means nothing outside');
  assert.equal(await text(await network.outside().connect({ host: 'web.ns', port: 80 }, patience())), 'hello');
});

test('what cannot be reached says why', async () => {
  const { client } = world();
  await assert.rejects(client.connect({ host: 'nobody', port: 1 }, patience()), coded('unresolved'));
  await assert.rejects(client.connect({ host: '10.244.0.1', port: 8080 }, patience()), coded('refused'));
  await assert.rejects(client.connect({ host: 'web', port: 81 }, patience()), coded('refused'));
  await assert.rejects(client.connect({ host: 'db-1.peers', port: 1 }, patience()), coded('unresolved'), 'not ready, not in the DNS');
});

test('a process that ends takes its listeners and streams with it, and frees its ports', async () => {
  const { pod, server, client } = world();
  server.listen(8080, () => undefined);
  assert.throws(() => pod.process().listen(8080, () => undefined), coded('refused'));
  const stream = await client.connect({ host: '10.244.0.1', port: 8080 }, patience());
  const closed = once(stream, 'close');
  server[Symbol.dispose]();
  await closed;
  await assert.rejects(client.connect({ host: '10.244.0.1', port: 8080 }, patience()), coded('refused'));
  pod.process().listen(8080, () => undefined);
});

test('a partition closes what is open and lets new connections hang until their signal', async () => {
  const { network, server, client } = world();
  server.listen(8080, () => undefined);
  const stream = await client.connect({ host: '10.244.0.1', port: 8080 }, patience());
  const closed = once(stream, 'close');
  {
    using _cut = network.partition((from, to) => from === '10.244.0.2' && to === '10.244.0.1');
    await closed;
    const abort = new AbortController();
    const dialled = client.connect({ host: '10.244.0.1', port: 8080 }, abort.signal);
    abort.abort();
    await assert.rejects(dialled, coded('lost'));
    const outside = await network.outside().connect({ host: '10.244.0.1', port: 8080 }, patience());
    assert.equal((outside as unknown as { localAddress: string }).localAddress, OUTSIDE_IP);
  }
  await client.connect({ host: '10.244.0.1', port: 8080 }, patience());
});

test('a stream holds a bounded number of bytes: a writer whose peer does not read has to wait', async () => {
  const { server, client } = world();
  server.listen(8080, () => undefined);
  const stream = await client.connect({ host: '10.244.0.1', port: 8080 }, patience());
  let sent = 0;
  while (stream.write(Buffer.alloc(1024)) && sent < 10_000) sent += 1;
  assert.ok(sent < 1000, `${sent} KiB went in`);
});

test('the other side reads all that was written before an end, then its own end closes both', async () => {
  const { server, client } = world();
  server.listen(7, (stream) => stream.pipe(stream));
  const stream = await client.connect({ host: '10.244.0.1', port: 7 }, patience());
  stream.end('x'.repeat(200_000));
  assert.equal((await text(stream)).length, 200_000);
});
