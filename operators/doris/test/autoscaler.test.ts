import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, isReady, scale, scaleOf } from '@binnacle/client';
import { EventsEvent, StatefulSet, V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import { DorisAutoscaler, DorisCluster, DorisClusterAutoscaler } from '../src/index.ts';
import type { AutoscalerStatus } from '../src/api/doris-autoscaler.ts';
import { nodesOf } from '../src/cluster/report.ts';
import { doris, example } from './subject.ts';

const user = { fieldManager: 'user', force: true };
const at = { namespace: 'default', name: 'basic' };
const UP = { namespace: 'default', name: 'basic-cn-scaleup' };
const DOWN = { namespace: 'default', name: 'basic-cn-scaledown' };
const TARGET = { namespace: 'default', name: 'second' };
const CN = { namespace: 'default', name: 'basic-cn' };

test('compute nodes stay as many as the autoscaler made them, and fall back to the cluster’s number when it goes', { timeout: 110_000 }, async () => {
  await using w = await world([doris]);
  w.start(doris);
  const autoscaler = example('autoscaler.yaml');
  const both = { ...autoscaler, spec: { cluster: 'basic', cn: { replicas: { min: 1, max: 3 }, rules: { cpu: { max: 90, min: 20 } } } } };
  await w.api.apply(DorisAutoscaler, both, user);
  await w.until(DorisAutoscaler, at, (now) => conditionOf(now, 'Ready')?.reason === 'ClusterMissing');
  await w.api.apply(DorisCluster, example('basic.yaml'), user);
  await w.until(DorisAutoscaler, at, (now) => isReady(now));
  await w.until(DorisCluster, at, (now) => isReady(now));
  const up = await w.find(V2HorizontalPodAutoscaler, UP);
  assert.equal(up?.spec?.metrics?.[0]?.resource?.target.averageUtilization, 90);
  assert.equal(up?.spec?.behavior?.scaleUp?.selectPolicy, 'Max');
  assert.equal(up?.spec?.behavior?.scaleDown?.selectPolicy, 'Disabled', 'not below 90 percent already');
  assert.equal(await w.find(V2HorizontalPodAutoscaler, DOWN), undefined, 'two on one set stop each other');

  assert.deepEqual(up?.spec?.scaleTargetRef, { apiVersion: 'al-assad.github.io/v1beta1', kind: 'DorisAutoscaler', name: 'basic' });
  assert.equal((await scaleOf(w.api, DorisAutoscaler, at)).wanted, 1, 'as many as there were');
  // As the HorizontalPodAutoscaler does it.
  await scale(w.api, DorisAutoscaler, at, 3);
  await w.until(
    DorisCluster,
    at,
    (now) => isReady(now) && (now?.status as { cn?: { readyMembers?: readonly string[] } } | undefined)?.cn?.readyMembers?.length === 3,
  );
  const cluster = example('basic.yaml');
  const edited = { ...cluster, spec: { ...cluster.spec, annotations: { edited: 'yes' } } };
  await w.api.apply(DorisCluster, edited, user);
  await w.until(DorisCluster, at, (now) => isReady(now));
  assert.equal((await w.find(StatefulSet, CN))?.spec?.replicas, 3, 'an edit of the cluster keeps them');

  await scale(w.api, DorisAutoscaler, at, 2);
  await w.until(DorisCluster, at, (now) => isReady(now) && nodesOf(now ?? {}, 'cn')?.length === 2);
  assert.equal((await scaleOf(w.api, DorisAutoscaler, at)).present, 2);
  const told = (await w.api.list(EventsEvent, { namespace: 'default' })).items.map(({ reason }) => reason);
  assert.ok(told.includes('Decommissioning') && !told.includes('ComputeNodeLeft'), 'it left Doris first, and its pod after that');

  await w.api.apply(V2HorizontalPodAutoscaler, { ...ambiguous, metadata: UP }, { fieldManager: 'hpa', force: true, subresource: 'status' });
  await w.until(DorisAutoscaler, at, (now) => conditionOf(now, 'Ready')?.reason === 'AmbiguousSelector');
  await w.api.delete(V2HorizontalPodAutoscaler, UP);
  const upOnly = { ...autoscaler, spec: { cluster: 'basic', cn: { replicas: { min: 1, max: 3 }, rules: { cpu: { max: 90 } } } } };
  await w.api.apply(DorisAutoscaler, upOnly, user);
  await w.until(DorisAutoscaler, at, (now) => isReady(now) && (now?.status as AutoscalerStatus | undefined)?.cn?.scaleDown === undefined);
  assert.equal((await w.find(V2HorizontalPodAutoscaler, UP))?.spec?.behavior?.scaleDown?.selectPolicy, 'Disabled');
  const status = (await w.find(DorisAutoscaler, at))?.status as AutoscalerStatus;
  assert.equal(status.cn?.scaleDown, undefined);
  assert.equal(status.cn?.scaleUpHpa?.name, UP.name);
  assert.deepEqual(status.clusterRef, at);

  const none = { ...autoscaler, spec: { cluster: 'basic', cn: { replicas: { min: 1, max: 3 } } } };
  await w.api.apply(DorisAutoscaler, none, user);
  await w.until(V2HorizontalPodAutoscaler, UP, (now) => now === undefined);

  await w.api.delete(DorisAutoscaler, at);
  await w.until(StatefulSet, CN, (now) => now?.spec?.replicas === 1);
  await w.until(DorisCluster, at, (now) => isReady(now));
});

const ambiguous = {
  status: {
    currentReplicas: 3,
    desiredReplicas: 0,
    conditions: [{ type: 'ScalingActive', status: 'False', reason: 'AmbiguousSelector', message: 'pods by selector are controlled by multiple HPAs' }],
  },
};

test('back ends are added and kept, and of two autoscalers for the same nodes the older one scales until it goes', { timeout: 110_000 }, async () => {
  await using w = await world([doris]);
  w.start(doris);
  await w.api.apply(DorisCluster, example('basic.yaml'), user);
  const spec = { cluster: 'basic', be: { replicas: { min: 1, max: 3 }, rules: { cpu: { max: 70 } } } };
  await w.api.apply(DorisClusterAutoscaler, { metadata: at, spec }, user);
  await w.until(DorisClusterAutoscaler, at, (now) => isReady(now));
  const built = await w.find(V2HorizontalPodAutoscaler, { namespace: 'default', name: 'basic-be-autoscaler' });
  assert.deepEqual(built?.spec?.scaleTargetRef, { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'basic-be' });

  await w.clock.advance(2_000);
  await w.api.apply(DorisAutoscaler, { metadata: TARGET, spec }, user);
  await w.until(DorisAutoscaler, TARGET, (now) => conditionOf(now, 'Ready')?.reason === 'AlreadyScaled');
  assert.match(conditionOf(await w.find(DorisAutoscaler, TARGET), 'Ready')?.message ?? '', /DorisClusterAutoscaler basic scales back ends/);

  await w.until(DorisCluster, at, (now) => isReady(now));
  await scale(w.api, StatefulSet, { namespace: 'default', name: 'basic-be' }, 2);
  await w.until(DorisCluster, at, (now) => isReady(now) && nodesOf(now ?? {}, 'be')?.length === 2);
  const cluster = example('basic.yaml');
  await w.api.apply(DorisCluster, { ...cluster, spec: { ...cluster.spec, annotations: { edited: 'yes' } } }, user);
  await w.until(DorisCluster, at, (now) => isReady(now));
  assert.equal((await w.find(StatefulSet, { namespace: 'default', name: 'basic-be' }))?.spec?.replicas, 2, 'an edit of the cluster keeps them');

  await w.api.delete(DorisClusterAutoscaler, at);
  await w.until(DorisAutoscaler, TARGET, (now) => isReady(now));
});
