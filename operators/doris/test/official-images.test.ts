import assert from 'node:assert/strict';
import { test } from 'node:test';
import { story } from './cluster-world.ts';

test("Apache's own images run, ports of the configuration and compute nodes included", async () => {
  await using s = await story();
  const component = { baseImage: 'apache/doris', replicas: 1, requests: { storage: '1Gi' } };
  await s.apply({ version: '3.0.4', fe: component, be: { ...component, config: { heartbeat_service_port: '19050' } }, cn: component, broker: component });
  const { status } = await s.ready();
  assert.deepEqual(
    [status?.be?.nodes?.[0]?.port, status?.cn?.nodes?.[0]?.role, status?.broker?.nodes?.[0]?.alive, status?.fe?.nodes?.[0]?.version],
    [19_050, 'computation', true, 'doris-3.0.4'],
  );
});
