import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import type { AnyKind } from '@binnacle/client';
import { StatefulSet } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import { DorisCluster, DorisClusterAutoscaler, DorisInitializer, DorisMonitor } from '../src/index.ts';
import { AT, component, prod, sized } from './cluster-world.ts';
import { doris } from './subject.ts';

const MINUTE = 60_000;
const stored = { image: '', requests: { storage: '1Gi' } };
const BESIDE: readonly (readonly [AnyKind, object])[] = [
  [DorisMonitor, { prometheus: stored, grafana: stored, loki: stored, promtail: { image: '' } }],
  [DorisInitializer, { adminPassword: 'plain', initSqlScript: 'CREATE DATABASE shop' }],
  [DorisClusterAutoscaler, { cn: { replicas: { max: 3 }, rules: { cpu: { max: 80, min: 20 } } }, be: { replicas: { max: 3 }, rules: { cpu: { max: 80 } } } }],
];

test('for twenty minutes nothing is written for a cluster of all components with a monitor, an initializer and an autoscaler, all of them well', async () => {
  await using w = await world([doris]);
  const operator = w.start(doris);
  await prod(w).apply({ ...sized(1, 1), cn: component('cn', 1), broker: component('broker', 1) });
  for (const [kind, spec] of BESIDE)
    await w.api.apply(kind as typeof DorisMonitor, { metadata: AT, spec: { cluster: AT.name, ...spec } }, { fieldManager: 'user' });
  for (const kind of [DorisCluster, ...BESIDE.map(([one]) => one)]) await w.until(kind as typeof DorisMonitor, AT, (now) => isReady(now));
  await w.clock.advance(5 * MINUTE);
  const before = operator.door.writes.length;
  await w.clock.advance(20 * MINUTE);
  assert.deepEqual(
    operator.door.writes.slice(before).filter((one) => !one.includes('/leases')),
    [],
  );
  // It was not asleep either.
  const prometheus = { namespace: AT.namespace, name: `${AT.name}-prometheus` };
  await w.api.delete(StatefulSet, prometheus);
  await w.until(StatefulSet, prometheus, (now) => now?.status?.readyReplicas === 1);
  assert.ok(operator.door.writes.length > before);
});
