import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { ConfigMap, Pod, Secret, Service } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { DorisCluster } from '../src/index.ts';
import { RESTART_TAKEN_OVER } from '../src/cluster/rollout/take-over.ts';
import { TAKEN_OVER } from '../src/cluster/objects/stateful-set.ts';
import { AT, prod, sized, table } from './cluster-world.ts';
import { existingCluster, joined } from './existing-operator.ts';
import { doris } from './subject.ts';

const SPEC = sized(1, 2);

/** A cluster of the existing operator's, with members and data, and then this operator. */
async function takenOver(): Promise<World> {
  const w = await world([doris]);
  await existingCluster(w, SPEC);
  await joined(w);
  await prod(w).sql(...table('t', 4, 2));
  w.start(doris);
  return w;
}

const uids = async (w: World) =>
  (await w.api.list(Pod, { namespace: AT.namespace })).items.map(({ metadata }) => `${metadata.name} ${metadata.uid}`).toSorted();
const pending = async (w: World) => (await prod(w).cluster()).status?.conditions?.find((one) => one.type === 'RestartPending');
const annotate = (w: World, annotations: Readonly<Record<string, string>>) =>
  w.api.patch(DorisCluster, AT, { type: 'merge', body: { metadata: { annotations } } });

test('taken over nothing restarts: what will differ is told, and pods restart in order when somebody says so', async () => {
  await using w = await takenOver();
  const before = await uids(w);
  const account = async () => (await w.api.get(Secret, { namespace: AT.namespace, name: 'prod-opr-account' })).data;
  const password = await account();
  const config = await w.api.get(ConfigMap, { namespace: AT.namespace, name: 'prod-fe-config' });
  await w.until(DorisCluster, AT, (now) => now !== undefined && isReady(now));
  await w.clock.advance(300_000);
  assert.deepEqual(await uids(w), before);
  assert.deepEqual((await w.api.get(ConfigMap, { namespace: AT.namespace, name: 'prod-fe-config' })).data, config.data);
  assert.deepEqual(await account(), password, 'the password is in the metadata as well');
  const told = await pending(w);
  assert.deepEqual([told?.status, told?.reason], ['True', 'TakenOver']);
  assert.match(
    told?.message ?? '',
    /New are be: spec\.containers\[be\]\.startupProbe; fe: spec\.initContainers\[?.*spec\.containers\[fe\]\.startupProbe, spec\.volumes\[born\]/,
  );
  assert.ok((await prod(w).backends()).every((one) => one.alive && one.tablets === 4));

  await w.api.delete(Pod, { namespace: AT.namespace, name: 'prod-be-1' });
  await prod(w).ready();
  const lost = await w.api.get(Pod, { namespace: AT.namespace, name: 'prod-be-1' });
  assert.equal(lost.spec?.containers[0]?.startupProbe, undefined, 'a pod that is lost comes back as it was');

  await annotate(w, { [RESTART_TAKEN_OVER]: 'true' });
  await w.until(DorisCluster, AT, (now) => now?.status?.conditions?.some((one) => one.type === 'Upgrading' && one.status === 'True') === true);
  await w.until(DorisCluster, AT, (now) => now !== undefined && isReady(now) && now.status?.schedulingBefore === undefined);
  for (const { spec } of (await w.api.list(Pod, { namespace: AT.namespace })).items) assert.ok(spec?.containers[0]?.startupProbe !== undefined);
  assert.equal((await pending(w))?.status, 'False');
  for (const name of ['fe', 'be']) assert.equal((await prod(w).set(name)).metadata.annotations?.[TAKEN_OVER], undefined);
});

test('an edit that restarts pods brings the rest of the take-over with it', async () => {
  await using w = await takenOver();
  await w.until(DorisCluster, AT, (now) => now !== undefined && isReady(now));
  await w.api.patch(DorisCluster, AT, { type: 'merge', body: { spec: { version: '2.0.4' } } });
  await prod(w).ready();
  for (const { spec } of (await w.api.list(Pod, { namespace: AT.namespace })).items) {
    assert.ok(spec?.containers[0]?.startupProbe !== undefined && spec.containers[0].image?.endsWith('2.0.4') === true);
  }
  assert.equal((await pending(w))?.status, 'False');
  assert.ok((await prod(w).backends()).every((one) => one.alive && one.tablets === 4));
});

test('suspended and resumed, a cluster that was taken over has no restart left to wait for', async () => {
  await using w = await takenOver();
  await w.until(DorisCluster, AT, (now) => now !== undefined && isReady(now));
  await w.api.patch(DorisCluster, AT, { type: 'merge', body: { spec: { suspend: true } } });
  await prod(w).reason('Suspended');
  await w.api.patch(DorisCluster, AT, { type: 'merge', body: { spec: { suspend: false } } });
  await prod(w).ready();
  for (const { spec } of (await w.api.list(Pod, { namespace: AT.namespace })).items) assert.ok(spec?.containers[0]?.startupProbe !== undefined);
  assert.equal((await pending(w))?.status, 'False');
});

test('what the existing operator wrote goes when the spec drops it: fields of pods with their restart, labels at once', async () => {
  await using w = await world([doris]);
  const limits = { memory: '2Gi' };
  const tolerations = [{ key: 'k', operator: 'Exists' }];
  await existingCluster(w, { ...SPEC, be: { ...SPEC.be!, limits, tolerations } });
  // A mark of its own that this operator never writes, and one of somebody else's.
  const marked = (labels: object, fieldManager: string) =>
    w.api.patch(Service, { namespace: AT.namespace, name: 'prod-be' }, { type: 'merge', body: { metadata: { labels } } }, { fieldManager });
  await marked({ old: 'yes' }, 'manager');
  await marked({ theirs: 'yes' }, 'kubectl');
  for (const name of ['prod-be-0', 'prod-be-1'])
    await w.until(
      Pod,
      { namespace: AT.namespace, name },
      (pod) => pod?.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true,
    );
  const before = await uids(w);
  w.start(doris);
  await w.until(DorisCluster, AT, (now) => now !== undefined && isReady(now));
  await w.clock.advance(300_000);
  assert.deepEqual(await uids(w), before);
  const { labels } = (await w.api.get(Service, { namespace: AT.namespace, name: 'prod-be' })).metadata;
  assert.deepEqual([labels?.['old'], labels?.['theirs']], [undefined, 'yes']);

  await w.api.patch(DorisCluster, AT, { type: 'merge', body: { spec: { be: { tolerations: null, limits: null } } } });
  await prod(w).ready();
  await w.clock.advance(300_000);
  await prod(w).ready();
  for (const name of ['prod-be-0', 'prod-be-1']) {
    const { spec } = await w.api.get(Pod, { namespace: AT.namespace, name });
    assert.deepEqual(spec?.containers[0]?.resources ?? {}, {});
    assert.ok(spec?.tolerations?.every(({ key }) => key !== 'k') ?? true);
  }
});
