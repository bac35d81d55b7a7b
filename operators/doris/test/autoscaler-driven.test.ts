import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady, scaleOf } from '@binnacle/client';
import { EventsEvent, Pod, StatefulSet, V2HorizontalPodAutoscaler } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { DorisCluster, DorisClusterAutoscaler } from '../src/index.ts';
import { nodesOf } from '../src/cluster/report.ts';
import { AT, prod, sized, component } from './cluster-world.ts';
import { doris } from './subject.ts';

const user = { fieldManager: 'user', force: true };
const MINUTE = 60_000;

/** Every pod of a component is said to use so much cpu, also those that come in the meantime. */
async function use(w: World, part: 'cn' | 'be', cpu: string): Promise<void> {
  const { items } = await w.api.list(Pod, { namespace: AT.namespace, labelSelector: `app.kubernetes.io/component=${part}` });
  for (const { metadata } of items) {
    const body = { metadata: { annotations: { 'binnacle.dev/cpu-usage': cpu } } };
    await w.api.patch(Pod, { namespace: AT.namespace, name: metadata.name }, { type: 'merge', body });
  }
}

/** Lets time pass, with that use of cpu, until it holds; half an hour at most. */
async function using(w: World, part: 'cn' | 'be', cpu: string, holds: () => Promise<boolean>): Promise<void> {
  for (let quarters = 0; quarters < 120; quarters += 1) {
    await use(w, part, cpu);
    await w.clock.advance(MINUTE / 4);
    if (await holds()) return;
  }
  const { items } = await w.api.list(V2HorizontalPodAutoscaler, { namespace: AT.namespace });
  assert.fail(`not after half an hour: ${JSON.stringify(items.map(({ status }) => status))}`);
}

const alive = async (w: World, part: 'cn' | 'be') => (nodesOf((await w.find(DorisCluster, AT))!, part) ?? []).filter((one) => one.alive).length;

test('a HorizontalPodAutoscaler drives compute nodes through the scale subresource: busy nodes get company, idle ones leave Doris before their pods go', async () => {
  await using w = await world([doris]);
  w.start(doris);
  const spec = sized(1, 1);
  await prod(w).apply({ ...spec, cn: { ...component('cn', 1), requests: { cpu: '1' } } });
  await prod(w).ready();
  const cn = { replicas: { min: 1, max: 3 }, rules: { cpu: { max: 80, min: 20 } }, behavior: { scaleDown: { stabilizationWindowSeconds: 60 } } };
  await w.api.apply(DorisClusterAutoscaler, { metadata: AT, spec: { cluster: AT.name, cn } }, user);
  await w.until(DorisClusterAutoscaler, AT, (now) => isReady(now));

  await using(w, 'cn', '950m', async () => (await alive(w, 'cn')) === 3);
  assert.equal((await scaleOf(w.api, DorisClusterAutoscaler, AT)).wanted, 3, 'the number is in the scale subresource');
  await w.until(DorisClusterAutoscaler, AT, (now) => (now?.status as { replicas?: number } | undefined)?.replicas === 3);
  const { items: pods } = await w.api.list(Pod, { namespace: AT.namespace, labelSelector: 'app.kubernetes.io/component=cn' });
  assert.deepEqual(pods.map((pod) => pod.metadata.name).toSorted(), ['prod-cn-0', 'prod-cn-1', 'prod-cn-2']);
  // More is not had, however busy they are.
  await use(w, 'cn', '2');
  await w.clock.advance(5 * MINUTE);
  assert.equal((await w.api.get(StatefulSet, { namespace: AT.namespace, name: 'prod-cn' })).spec?.replicas, 3);

  // Half busy is neither: above min, below max.
  await use(w, 'cn', '500m');
  await w.clock.advance(10 * MINUTE);
  assert.equal(await alive(w, 'cn'), 3);

  await using(w, 'cn', '100m', async () => (await scaleOf(w.api, DorisClusterAutoscaler, AT)).present === 1);
  await prod(w).ready();
  assert.equal(await alive(w, 'cn'), 1);
  assert.equal((await prod(w).backends()).filter((one) => one.role === 'computation').length, 1, 'Doris lists a node that is gone');
  const told = (await w.api.list(EventsEvent, { namespace: AT.namespace })).items.map(({ reason }) => reason);
  assert.ok(told.includes('Decommissioning') && !told.includes('ComputeNodeLeft'), 'a node left Doris after its pod');
});

test('busy back ends get company on their StatefulSet, and idle ones stay', async () => {
  await using w = await world([doris]);
  w.start(doris);
  const spec = sized(1, 1);
  await prod(w).apply({ ...spec, be: { ...spec.be!, requests: { storage: '1Gi', cpu: '1' } } });
  await prod(w).ready();
  const be = { replicas: { min: 1, max: 2 }, rules: { cpu: { max: 70 } } };
  await w.api.apply(DorisClusterAutoscaler, { metadata: AT, spec: { cluster: AT.name, be } }, user);
  await w.until(DorisClusterAutoscaler, AT, (now) => isReady(now));
  await using(w, 'be', '900m', async () => (await alive(w, 'be')) === 2);
  await use(w, 'be', '10m');
  await w.clock.advance(30 * MINUTE);
  assert.equal(await alive(w, 'be'), 2);
  assert.equal((await w.api.get(StatefulSet, { namespace: AT.namespace, name: 'prod-be' })).spec?.replicas, 2);
});
