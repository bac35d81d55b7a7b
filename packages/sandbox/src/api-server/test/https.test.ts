import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect, loadKubeconfig, systemClock, undiciTransport } from '@binnacle/client';
import { ConfigMap, Namespace, ServiceAccount } from '@binnacle/client/kinds';
import { createAuthority, createServerCertificate, longLife } from '@binnacle/runtime';
import { createApiServer } from '../index.ts';

test('the certificate is one that a strict client takes for these hosts and no others', () => {
  const now = longLife(systemClock().now());
  const authority = createAuthority('ca', now);
  const [ca, server] = [
    new X509Certificate(authority.certificate),
    new X509Certificate(createServerCertificate(authority, 'ca', ['localhost', '127.0.0.1', '::1'], now).certificate),
  ];
  assert.ok(ca.ca && ca.verify(ca.publicKey));
  assert.ok(!server.ca && server.verify(ca.publicKey) && server.checkIssued(ca));
  assert.equal(server.checkIP('127.0.0.1'), '127.0.0.1');
  assert.equal(server.checkIP('::1'), '::1');
  assert.equal(server.checkHost('localhost'), 'localhost');
  assert.equal(server.checkHost('example.com'), undefined);
  assert.deepEqual(server.keyUsage, ['1.3.6.1.5.5.7.3.1']);
});

test('our own client reads, writes, watches and is refused over HTTPS as it is in the process', async () => {
  const clock = systemClock();
  await using server = await createApiServer({ clock });
  const { url, ca } = await server.listen();
  await using admin = connect({
    clock,
    userAgent: 'test',
    transport: undiciTransport({ server: url, ca, credentials: { type: 'token', token: server.adminToken } }),
  });
  const events = admin.watch(ConfigMap, { namespace: 'default', sendInitialEvents: true })[Symbol.asyncIterator]();
  assert.equal((await events.next()).value.type, 'BOOKMARK');
  await admin.create(ConfigMap, { metadata: { name: 'a', namespace: 'default' } });
  assert.equal((await events.next()).value.object.metadata.name, 'a');
  await events.return?.(undefined);
  await admin.create(ServiceAccount, { metadata: { name: 'bob', namespace: 'default' } });
  const token = server.tokenFor({ namespace: 'default', name: 'bob' });
  await using bob = connect({ clock, userAgent: 'test', transport: undiciTransport({ server: url, ca, credentials: { type: 'token', token } }) });
  await assert.rejects(bob.list(ConfigMap), { reason: 'Forbidden', message: /User "system:serviceaccount:default:bob" cannot list/ });
  await admin.delete(ServiceAccount, { name: 'bob', namespace: 'default' });
  await assert.rejects(bob.list(ConfigMap), { code: 401 });
  assert.throws(() => server.tokenFor({ namespace: 'default', name: 'bob' }), /no ServiceAccount default\/bob/);
});

test('who shows no token learns that the server is well, and nothing else', async () => {
  await using server = await createApiServer({ clock: systemClock() });
  const { url, ca } = await server.listen();
  const status = (path: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      get(`${url}${path}`, { ca, agent: false }, (response) => {
        response.resume();
        response.on('end', () => resolve(response.statusCode));
      }).on('error', reject);
    });
  assert.deepEqual([await status('/readyz'), await status('/version'), await status('/api/v1/pods')], [200, 200, 401]);
});

test('76. a server goes on where it was: objects, versions, keys and tokens, after a kill in the middle of a line', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-state-'));
  try {
    const clock = systemClock();
    const life = async () => {
      const server = await createApiServer({ clock, state: folder });
      const api = connect({ clock, userAgent: 'test', transport: server.transport({ name: 'admin', groups: ['system:masters'] }) });
      return { server, api };
    };
    const first = await life();
    await first.api.create(Namespace, { metadata: { name: 'kept' } });
    const kept = await first.api.create(ConfigMap, { metadata: { name: 'a', namespace: 'kept' } });
    await first.api.create(ConfigMap, { metadata: { name: 'b', namespace: 'kept' } });
    await first.api.delete(ConfigMap, { name: 'b', namespace: 'kept' });
    const { adminToken, ca } = first.server;
    await first.server[Symbol.asyncDispose]();
    const log = join(folder, 'log.jsonl');
    writeFileSync(log, `${readFileSync(log, 'utf8')}{"r":9999,"b":"configm`);

    const second = await life();
    assert.deepEqual(await second.api.get(ConfigMap, { name: 'a', namespace: 'kept' }), kept);
    await assert.rejects(second.api.get(ConfigMap, { name: 'b', namespace: 'kept' }), { reason: 'NotFound' });
    const next = await second.api.create(ConfigMap, { metadata: { name: 'c', namespace: 'kept' } });
    assert.ok(Number(next.metadata.resourceVersion) > Number(kept.metadata.resourceVersion) + 2);
    assert.deepEqual([second.server.adminToken, second.server.ca], [adminToken, ca]);
    assert.equal(statSync(join(folder, 'secrets.json')).mode & 0o777, 0o600);
    await second.server[Symbol.asyncDispose]();
    const third = await life();
    assert.equal((await third.api.list(ConfigMap, { namespace: 'kept' })).items.length, 2);
    await third.server[Symbol.asyncDispose]();
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the kubeconfig it writes is one that clients load', async () => {
  await using server = await createApiServer({ clock: systemClock() });
  assert.throws(() => server.kubeconfig(), /call listen\(\) first/);
  const { url } = await server.listen();
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-kubeconfig-'));
  try {
    writeFileSync(join(folder, 'config'), server.kubeconfig({ namespace: 'mine' }));
    const cluster = loadKubeconfig({ path: join(folder, 'config'), env: {} });
    assert.equal(cluster.server, url);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
