import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PATCH, testServer } from './server.ts';

const path = (version: string) => `/apis/autoscaling/${version}/namespaces/default/horizontalpodautoscalers`;

test('an autoscaler is one object in two shapes, and an old client that writes it back loses nothing', async () => {
  await using world = await testServer();
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' };
  const spec = { scaleTargetRef, maxReplicas: 4, targetCPUUtilizationPercentage: 70 };
  const made = await world.ask('POST', path('v1'), { metadata: { name: 'a', annotations: { mine: 'x' } }, spec });
  assert.deepEqual([made.status, made.json.apiVersion, made.json.spec], [201, 'autoscaling/v1', { ...spec, minReplicas: 1 }]);
  const cpu = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } };
  const fresh = await world.ask('GET', `${path('v2')}/a`);
  assert.deepEqual([fresh.json.spec.metrics, fresh.json.metadata.uid], [[cpu], made.json.metadata.uid]);
  const memory = { type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } };
  const behavior = { scaleDown: { stabilizationWindowSeconds: 5 } };
  await world.ask('PATCH', `${path('v2')}/a`, { spec: { metrics: [cpu, memory], behavior } }, PATCH.merge);
  const old = (await world.ask('GET', `${path('v1')}/a`)).json;
  assert.equal(old.spec.targetCPUUtilizationPercentage, 70);
  const written = await world.ask('PUT', `${path('v1')}/a`, { ...old, spec: { ...old.spec, maxReplicas: 9 } });
  assert.equal(written.status, 200, written.text);
  const after = (await world.ask('GET', `${path('v2')}/a`)).json;
  assert.deepEqual([after.spec.maxReplicas, after.spec.metrics, after.metadata.annotations], [9, [cpu, memory], { mine: 'x' }]);
  assert.equal(after.spec.behavior.scaleDown.stabilizationWindowSeconds, 5);
});
