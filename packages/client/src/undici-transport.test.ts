import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect as tcp } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { suite, test } from 'node:test';
import { fakeClock } from '../test/fake-clock.ts';
import { fixture, tinyApi } from '../test/tiny-api.ts';
import type { TinyApi } from '../test/tiny-api.ts';
import { transportSuite } from '../test/transport-suite.ts';
import { credentialsOf } from './credentials.ts';
import { connect, isUnreachable, systemClock, undiciTransport } from './index.ts';
import type { Api, Clock, Cluster } from './index.ts';
import { ConfigMap } from './kinds/index.ts';

transportSuite('undici over TLS', async () => {
  const server = await tinyApi();
  const transport = undiciTransport(clusterOf(server));
  return {
    transport,
    async [Symbol.asyncDispose]() {
      await transport[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
});

suite('connections', () => {
  test('2,000 calls, 50 at a time, take 8 connections at most (regression 13)', async () => {
    await using server = await tinyApi();
    await using api = apiOf(clusterOf(server));
    const calls = async () => {
      for (let n = 0; n < 40; n += 1) await api.list(ConfigMap, { namespace: 'default' });
    };
    await Promise.all(Array.from({ length: 50 }, calls));
    assert.equal(server.requests.length, 2000);
    assert.ok(server.connections.made <= 8, `${server.connections.made} connections`);
  });

  test('each watch has a connection of its own, which ends with it', async () => {
    await using server = await tinyApi();
    await using api = apiOf(clusterOf(server));
    await api.list(ConfigMap, { namespace: 'default' });
    const calls = server.connections.open;
    const controllers = Array.from({ length: 10 }, () => new AbortController());
    const ended = controllers.map(({ signal }) =>
      assert.rejects(async () => {
        for await (const event of api.watch(ConfigMap, { namespace: 'default', signal })) assert.fail(event.type);
      }),
    );
    await eventually(() => server.connections.open === calls + 10);
    for (const controller of controllers) controller.abort(new Error('enough'));
    await Promise.all(ended);
    await eventually(() => server.connections.open === calls);
  });

  test('a connection that breaks under a watch is Unreachable', async () => {
    await using server = await tinyApi();
    await using api = apiOf(clusterOf(server));
    const next = api.watch(ConfigMap, { namespace: 'default' })[Symbol.asyncIterator]().next();
    const ended = assert.rejects(next, isUnreachable);
    await eventually(() => server.requests.length === 1);
    server.cut();
    await ended;
  });

  test('nobody listening is Unreachable, and the message says where', async () => {
    await using api = apiOf({ server: 'http://127.0.0.1:1', credentials: { type: 'none' } });
    await assert.rejects(api.list(ConfigMap), { reason: 'Unreachable', code: 0, message: /GET http:\/\/127\.0\.0\.1:1\/api\/v1\/configmaps: ECONNREFUSED/ });
  });

  test('a server with a path in front of it is asked with that path', async () => {
    await using server = await tinyApi();
    await using api = apiOf({ ...clusterOf(server), server: `${server.url}/k8s/clusters/c-1/` });
    await assert.rejects(api.list(ConfigMap));
    assert.equal(server.requests[0]?.url, '/k8s/clusters/c-1/api/v1/configmaps?limit=500');
  });
});

suite('who the server is', () => {
  test('a server that another authority signed is not talked to, unless told so', async () => {
    await using server = await tinyApi();
    await using wary = apiOf({ ...clusterOf(server), ca: fixture('elsewhere.crt') });
    await assert.rejects(wary.list(ConfigMap, { namespace: 'default' }), isUnreachable);
    assert.equal(server.requests.length, 0);
    await using careless = apiOf({ server: server.url, insecureSkipTlsVerify: true, credentials: { type: 'none' } });
    await careless.list(ConfigMap, { namespace: 'default' });
  });

  test('the certificate is checked for the name that is asked for', async () => {
    await using server = await tinyApi();
    await using right = apiOf({ ...clusterOf(server), tlsServerName: 'tiny.test' });
    await right.list(ConfigMap, { namespace: 'default' });
    await using wrong = apiOf({ ...clusterOf(server), tlsServerName: 'other.test' });
    await assert.rejects(wrong.list(ConfigMap, { namespace: 'default' }), isUnreachable);
  });

  test('an authority that is rotated is believed within a minute (regression 14)', async () => {
    await using server = await tinyApi();
    using folder = temporary();
    const caFile = folder.write('ca.crt', fixture('elsewhere.crt'));
    const clock = fakeClock();
    await using api = apiOf({ server: server.url, caFile, credentials: { type: 'none' } }, clock);
    await assert.rejects(api.list(ConfigMap, { namespace: 'default' }), isUnreachable);
    folder.write('ca.crt', fixture('server.crt'));
    clock.advance(60_000);
    await api.list(ConfigMap, { namespace: 'default' });
  });
});

suite('who we are', () => {
  test('a token file that is rotated is read again after a minute, or after a 401 (regression 14)', async () => {
    await using server = await tinyApi();
    using folder = temporary();
    const path = folder.write('token', 'one\n');
    const clock = fakeClock();
    await using api = apiOf({ ...clusterOf(server), credentials: { type: 'tokenFile', path } }, clock);
    const call = () => api.list(ConfigMap, { namespace: 'default' });
    server.token = 'one';
    await call();
    folder.write('token', 'two');
    await call(); // not read again yet
    server.token = 'two';
    clock.advance(60_000);
    await call();
    folder.write('token', 'three');
    server.token = 'three';
    await assert.rejects(call(), { code: 401 });
    await call();
    rmSync(path);
    clock.advance(60_000);
    await call(); // being replaced just now: the old one still holds
  });

  test('a token file that was never there is said so', async () => {
    await using api = apiOf({ server: 'https://127.0.0.1:1', credentials: { type: 'tokenFile', path: '/none/token' } });
    await assert.rejects(api.list(ConfigMap), { code: 401, message: /\/none\/token/ });
  });

  test('a client certificate is shown to the server', async () => {
    await using server = await tinyApi();
    await using api = apiOf({ ...clusterOf(server), credentials: { type: 'certificate', cert: fixture('client.crt'), key: fixture('client.key') } });
    await api.list(ConfigMap, { namespace: 'default' });
    const socket = server.requests[0]?.socket as TLSSocket | undefined;
    assert.equal(socket?.getPeerCertificate().subject.CN, 'alice');
  });

  test('each group that we act for has a header line of its own', async () => {
    await using server = await tinyApi();
    await using api = apiOf({ ...clusterOf(server), impersonate: { user: 'bob', groups: ['a,b', 'c'], extra: { Reason: ['x'] } } });
    await api.list(ConfigMap, { namespace: 'default' });
    const { rawHeaders = [], headers } = server.requests[0] ?? {};
    assert.deepEqual(valuesOf(rawHeaders, 'impersonate-group'), ['a,b', 'c']);
    assert.equal(headers?.['impersonate-user'], 'bob');
    assert.equal(headers?.['impersonate-extra-reason'], 'x');
  });

  test('no token travels in the clear to another machine', async () => {
    const token = { type: 'token', token: 'secret' } as const;
    const headersFor = async (server: string) => (await credentialsOf({ server, credentials: token }, systemClock()).current()).headers;
    assert.deepEqual(await headersFor('http://10.0.0.1:8080'), {});
    assert.deepEqual(await headersFor('https://10.0.0.1'), { authorization: 'Bearer secret' });
    assert.deepEqual(await headersFor('http://localhost:8001'), { authorization: 'Bearer secret' });
  });
});

suite('login programs', () => {
  test('a program is asked once, again before its token ends, and again after a 401 (regression 14)', async () => {
    await using server = await tinyApi();
    using folder = temporary();
    const clock = fakeClock();
    const answers = folder.write('answer', credential('one', '2026-01-01T01:00:00Z'));
    const script = `const fs = require('fs'); fs.appendFileSync(process.argv[1] + '.count', '.'); console.log(fs.readFileSync(process.argv[1], 'utf8'));`;
    const exec = { type: 'exec', apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: ['-e', script, answers], env: {} } as const;
    await using api = apiOf({ ...clusterOf(server), credentials: exec }, clock);
    const call = () => api.list(ConfigMap, { namespace: 'default' });
    server.token = 'one';
    await Promise.all([call(), call()]);
    clock.advance(53 * 60_000);
    await call();
    assert.equal(folder.read('answer.count'), '.');
    folder.write('answer', credential('two', '2026-01-01T02:00:00Z'));
    clock.advance(60_000); // 54 of 60 minutes: the last tenth begins
    server.token = 'two';
    await call();
    server.token = 'three';
    folder.write('answer', credential('three', '2026-01-01T02:00:00Z'));
    await assert.rejects(call(), { code: 401 });
    await call();
    assert.equal(folder.read('answer.count'), '...');
  });

  test('a program that fails says why, and its output is not repeated', async () => {
    const run = async (command: string, script: string) => {
      const exec = {
        type: 'exec',
        apiVersion: 'client.authentication.k8s.io/v1',
        command,
        args: ['-e', script],
        env: { A: 'b' },
        installHint: 'Install it.',
      } as const;
      await using api = apiOf({ server: 'https://127.0.0.1:1', credentials: exec });
      return await api.list(ConfigMap).then(
        () => assert.fail('no error'),
        (error: Error) => error.message,
      );
    };
    assert.match(await run('/none/login', ''), /login program \/none\/login: not found\. Install it\./);
    assert.match(await run(process.execPath, `console.error('please log in ' + process.env.A); process.exit(1)`), /please log in b/);
    assert.match(await run(process.execPath, `console.log('s3cret')`), /printed no JSON$/);
    assert.match(await run(process.execPath, `console.log('{}')`), /printed no ExecCredential/);
  });
});

test('a proxy is asked for a tunnel, and the server is checked through it', async () => {
  await using server = await tinyApi();
  await using proxy = await tunnel(server.port);
  await using api = apiOf({ ...clusterOf(server), server: 'https://tiny.test:6443', proxyUrl: `http://user:pass@127.0.0.1:${proxy.port}` });
  await api.list(ConfigMap, { namespace: 'default' });
  assert.deepEqual(proxy.asked, [`tiny.test:6443 Basic ${Buffer.from('user:pass').toString('base64')}`]);
  await using wrong = apiOf({ ...clusterOf(server), server: 'https://other.test:6443', proxyUrl: `http://127.0.0.1:${proxy.port}` });
  await assert.rejects(wrong.list(ConfigMap), isUnreachable);
});

function clusterOf(server: TinyApi): Cluster {
  return { server: server.url, ca: fixture('server.crt'), credentials: { type: 'none' } };
}

function apiOf(cluster: Cluster, clock: Clock = systemClock()): Api {
  return connect({ transport: undiciTransport(cluster, { clock }), clock: systemClock(), userAgent: 'test/1' });
}

function credential(token: string, expirationTimestamp: string): string {
  return JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token, expirationTimestamp } });
}

function valuesOf(rawHeaders: readonly string[], name: string): readonly string[] {
  return rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
}

/** Turns of the event loop until something is so. The test's own time limit is the bound. */
async function eventually(so: () => boolean): Promise<void> {
  while (!so()) await new Promise<void>((resolve) => setImmediate(resolve));
}

function temporary() {
  const path = mkdtempSync(join(tmpdir(), 'binnacle-client-'));
  return {
    write(name: string, content: string): string {
      writeFileSync(join(path, name), content);
      return join(path, name);
    },
    read: (name: string) => readFileSync(join(path, name), 'utf8'),
    [Symbol.dispose]: () => rmSync(path, { recursive: true }),
  };
}

/** A proxy that leads every tunnel to one port of this machine. */
async function tunnel(to: number) {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connect', (request, client: Socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']}`);
    const upstream = tcp(to, '127.0.0.1', () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => socket.destroy()));
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    asked,
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
