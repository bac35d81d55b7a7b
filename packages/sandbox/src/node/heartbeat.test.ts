import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Lease, Namespace } from '@binnacle/client/kinds';
import { silentLogger } from '@binnacle/runtime';
import { testCluster } from '../../test/cluster.ts';
import { heartbeat } from './heartbeat.ts';

test('a node that says it lives renews its Lease every 10 s until it is closed', async () => {
  await using cluster = await testCluster();
  const { api, clock } = cluster;
  const leases = { namespace: 'kube-node-lease', name: 'n' };
  await api.create(Namespace, { metadata: { name: leases.namespace } }).catch(() => undefined);
  const beating = heartbeat({ name: 'n', api, clock, log: silentLogger });
  await clock.advance(0);
  const renewed = async () => (await api.get(Lease, leases)).spec?.renewTime;
  const first = await renewed();
  await clock.advance(10_000);
  const second = await renewed();
  assert.notEqual(first, second);
  await beating[Symbol.asyncDispose]();
  await clock.advance(60_000);
  assert.equal(await renewed(), second, 'a dead node does not say that it lives');
});
