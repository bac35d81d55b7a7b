import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, PersistentVolumeClaim, Pod } from '@binnacle/client/kinds';
import { DorisCluster } from '../src/index.ts';
import { AT, component, sized, story, table } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';

const inNamespace = (name: string) => ({ namespace: AT.namespace, name });

/** As when a disk is lost: the claim is gone, and its pod comes back with an empty one. */
async function loseVolume(s: Story, ordinal: number): Promise<void> {
  await s.w.api.delete(PersistentVolumeClaim, inNamespace(`fe-meta-prod-fe-${ordinal}`));
  await s.w.api.delete(Pod, inNamespace(`prod-fe-${ordinal}`));
}

test('the only front end loses its volume: no second cluster begins, the reason is told, and it begins anew only when somebody says so', async () => {
  await using s = await story();
  await s.apply({ version: '2.0.3', fe: component('fe', 1) });
  const { status } = await s.ready();
  await loseVolume(s, 0);
  await s.reason('MetadataMissing');
  await s.w.clock.advance(600_000);
  await s.reason('MetadataMissing');
  assert.equal((await s.cluster()).status?.clusterId, status?.clusterId);
});

test('the first of three front ends loses its volume and gets its metadata back from the others', async () => {
  await using s = await story();
  await s.apply({ version: '2.0.3', fe: component('fe', 3) });
  const { status } = await s.ready();
  await loseVolume(s, 0);
  await s.w.until(Pod, inNamespace('prod-fe-0'), (pod) => pod?.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') === true);
  await s.ready();
  assert.equal((await s.cluster()).status?.clusterId, status?.clusterId);
  assert.equal((await s.frontends()).filter((one) => one.alive).length, 3);
});

test('deleted and made again over its volumes it is the same cluster with the same tables; without them nothing begins', async () => {
  await using s = await story();
  await s.apply(sized(1, 1));
  const born = (await s.ready()).status?.clusterId;
  await s.sql(...table('t', 2, 1));
  const gone = async () => {
    await s.w.api.delete(DorisCluster, AT);
    await s.w.until(Pod, inNamespace('prod-fe-0'), (pod) => pod === undefined);
    await s.w.until(Pod, inNamespace('prod-be-0'), (pod) => pod === undefined);
  };
  await gone();
  await s.apply(sized(1, 1));
  assert.equal((await s.ready()).status?.clusterId, born);
  assert.equal((await s.backends())[0]?.tablets, 2);
  await gone();
  await s.w.api.delete(PersistentVolumeClaim, inNamespace('fe-meta-prod-fe-0'));
  await s.apply(sized(1, 1));
  await s.reason('MetadataMissing');
  assert.deepEqual((await s.w.api.get(ConfigMap, inNamespace('prod-born'))).data, { 'cluster-id': born });
});
