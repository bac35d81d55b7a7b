import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { systemClock } from '@binnacle/client';
import { silentLogger } from '@binnacle/runtime';
import { manifests } from '../src/commands/manifests.ts';
import { startLocalCluster } from '../src/cluster.ts';
import { entries } from '../src/operators.ts';
import { kubectl } from './kubectl.ts';
import { freePort } from '@binnacle/testing';
import { answer, operatorProcess } from './operator-process.ts';

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
  const child = opened.use(operatorProcess(['hazelcast', ...flags]));

  await child.eventually('ready', async () => (await answer(health, '/readyz')).status === 200);
  const tooMany = readFileSync(new URL('../../../examples/hazelcast/basic.yaml', import.meta.url), 'utf8').replace('clusterSize: 3', 'clusterSize: 301');
  await child.eventually('webhook announced', async () =>
    (await k.ok(['get', 'validatingwebhookconfigurations', 'hazelcast-operator', '-o', 'yaml'])).includes('https://127.0.0.1'),
  );
  assert.match(await k.refused(['apply', '-f', '-'], tooMany), /spec\.clusterSize/);
  await child.eventually('leading', async () => /leader_election_master_status\{[^}]*\} 1/.test((await answer(health, '/metrics')).text));
  assert.match((await answer(health, '/metrics')).text, /rest_client_requests_total\{/);

  child.signal('SIGTERM');
  assert.equal(await child.ended, 0, child.said());
  const lease = JSON.parse(await k.ok(['get', 'lease', '-n', 'binnacle-system', '-o', 'json'])) as {
    readonly items: readonly { readonly spec: { readonly holderIdentity?: string } }[];
  };
  assert.equal(lease.items[0]?.spec.holderIdentity ?? '', '', 'the next one need not wait for the Lease');
});
