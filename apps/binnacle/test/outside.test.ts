import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { connect, isReady, portForwardNetwork, systemClock, undiciTransport, until } from '@binnacle/client';
import type { Api, Cluster } from '@binnacle/client';
import type { Subject } from '@binnacle/testing';
import { runOperator, silentLogger } from '@binnacle/runtime';
import { startSandbox } from '@binnacle/sandbox';
import { install } from '../src/install.ts';
import { entries } from '../src/operators.ts';
import type { OperatorName } from '../src/operators.ts';
import { example } from './examples.ts';

/** A cluster on HTTPS, and an operator that has nothing of it but its address and a token: on the wall clock, since sockets know no other. */
async function becomesReady(name: OperatorName, file: string): Promise<void> {
  const clock = systemClock();
  await using opened = new AsyncDisposableStack();
  const sandbox = opened.use(await startSandbox({ clock, log: silentLogger, images: entries().flatMap(({ images }) => images) }));
  const { url, ca } = await sandbox.listen();
  const cluster: Cluster = { server: url, ca, credentials: { type: 'token', token: sandbox.adminToken } };
  const api: Api = opened.use(connect({ clock, userAgent: 'outside', transport: undiciTransport(cluster, { clock }) }));
  const network = opened.use(portForwardNetwork(cluster, api, { clock }));
  const entry = entries([name])[0]!;
  const operator = entry.create({ network, clock, log: silentLogger });
  await install(api, entry, operator);
  const stop = new AbortController();
  const running = runOperator(operator, { api, clock, log: silentLogger, namespaces: 'all', leaderElection: false, signal: stop.signal });
  opened.defer(async () => {
    stop.abort();
    await running;
  });
  const wanted = example(file);
  const kind = (entry satisfies Subject).resources[0]!;
  await api.apply(kind, wanted, { fieldManager: 'user', force: true });
  const became = await until(api, kind, wanted.metadata, (now) => now !== undefined && isReady(now), AbortSignal.timeout(25_000));
  assert.ok(became !== undefined);
}

// Side by side: most of their time is waiting for readiness probes.
suite('an operator outside the cluster brings a cluster to Ready through the API server alone', { concurrency: true, timeout: 30_000 }, () => {
  test('Doris', () => becomesReady('doris', 'doris/basic.yaml'));
  test('Hazelcast', () => becomesReady('hazelcast', 'hazelcast/basic.yaml'));
});
