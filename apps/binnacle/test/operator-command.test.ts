import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '@binnacle/client';
import { silentLogger } from '@binnacle/runtime';
import { manifests } from '../src/commands/manifests.ts';
import { startLocalCluster } from '../src/cluster.ts';
import { entries } from '../src/operators.ts';
import { kubectl } from './kubectl.ts';

const MAIN = fileURLToPath(new URL('../src/main.js', import.meta.url));

test('an operator in a process of its own tells how it is, counts what it does, and its webhook refuses what cannot be', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-operator-'));
  const kubeconfig = join(folder, 'kubeconfig');
  const health = await freePort();
  await using opened = new AsyncDisposableStack();
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  opened.use(await startLocalCluster({ port: 0, kubeconfig, state: undefined, operators: [], clock: systemClock(), log: silentLogger }));
  const k = kubectl(kubeconfig);
  // As a user does it: all that an installation holds, on a cluster that cannot pull the image; the operator runs outside.
  const installed = await k.ok(['apply', '-f', '-'], manifests('install', entries(['hazelcast']), { image: 'binnacle/operator:test' }));
  for (const line of [
    'service/hazelcast-operator-webhook created',
    'poddisruptionbudget.policy/hazelcast-operator created',
    'deployment.apps/hazelcast-operator created',
  ])
    assert.ok(installed.includes(line), `${line} in:\n${installed}`);

  const flags = ['--kubeconfig', kubeconfig, '--health-port', String(health), '--webhook', '127.0.0.1', '--webhook-port', '0', '--leader-election'];
  const child = spawn(process.execPath, [MAIN, 'operator', 'hazelcast', ...flags], { stdio: ['ignore', 'ignore', 'pipe'] });
  const errors: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => errors.push(chunk));
  const ended = once(child, 'exit') as Promise<[number | null]>;
  opened.defer(() => void child.kill('SIGKILL'));

  await eventually('ready', async () => (await answer(health, '/readyz')).status === 200, errors);
  const tooMany = readFileSync(new URL('../../../examples/hazelcast/basic.yaml', import.meta.url), 'utf8').replace('clusterSize: 3', 'clusterSize: 301');
  await eventually(
    'webhook announced',
    async () => (await k.ok(['get', 'validatingwebhookconfigurations', 'hazelcast-operator', '-o', 'yaml'])).includes('https://127.0.0.1'),
    errors,
  );
  assert.match(await k.refused(['apply', '-f', '-'], tooMany), /spec\.clusterSize/);
  await eventually('leading', async () => /leader_election_master_status\{[^}]*\} 1/.test((await answer(health, '/metrics')).text), errors);
  assert.match((await answer(health, '/metrics')).text, /rest_client_requests_total\{/);

  child.kill('SIGTERM');
  const [code] = await ended;
  assert.equal(code, 0, errors.join(''));
  const lease = JSON.parse(await k.ok(['get', 'lease', '-n', 'binnacle-system', '-o', 'json'])) as {
    readonly items: readonly { readonly spec: { readonly holderIdentity?: string } }[];
  };
  assert.equal(lease.items[0]?.spec.holderIdentity ?? '', '', 'the next one need not wait for the Lease');
});

async function answer(port: number, path: string): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined); // not listening yet
  return response === undefined ? { status: 0, text: '' } : { status: response.status, text: await response.text() };
}

async function eventually(what: string, holds: () => Promise<boolean>, errors: readonly string[]): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(100)) if (await holds()) return;
  assert.fail(`never ${what}:\n${errors.join('')}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
