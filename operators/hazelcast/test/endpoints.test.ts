import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Node, Service } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { HazelcastEndpoint } from '../src/api/hazelcast-endpoint.ts';
import { REF, hazelcast, ready, uidsOf, want } from './subject.ts';

const endpoints = async (w: World) => {
  const { items } = await w.api.list(HazelcastEndpoint, { namespace: 'default' });
  return items.map(({ metadata, spec, status }) => `${metadata.name} ${spec.type} ${status?.address ?? '-'}`).toSorted((a, b) => (a < b ? -1 : 1));
};

/** Services and their UIDs: one made anew has another address. */
const servicesOf = async (w: World) => (await w.api.list(Service, { namespace: 'default' })).items.map(({ metadata }) => `${metadata.name} ${metadata.uid}`);

test('8.1.7, 8.2.19: each address for clients outside is an endpoint, and goes when the cluster is no longer exposed', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await want(w, {});
  await ready(w);
  assert.deepEqual(await endpoints(w), []);
  const pods = await uidsOf(w);
  const wan = [{ name: 'west', port: 5720, portCount: 2 }];
  await want(w, { exposeExternally: { type: 'Smart', memberAccess: 'LoadBalancer' }, advancedNetwork: { wan } });
  await w.until(HazelcastEndpoint, { ...REF, name: 'prod-2' }, (now) => now?.status?.address !== undefined);
  await ready(w);
  await w.until(HazelcastEndpoint, { ...REF, name: 'prod-west-1' }, (now) => now?.status?.address !== undefined);
  const host = async (name: string) => (await w.find(Service, { ...REF, name }))?.status?.loadBalancer?.ingress?.[0]?.ip;
  assert.deepEqual(await endpoints(w), [
    `prod Discovery ${await host('prod')}:5701`,
    `prod-0 Member ${await host('prod-0')}:5701`,
    `prod-1 Member ${await host('prod-1')}:5701`,
    `prod-2 Member ${await host('prod-2')}:5701`,
    `prod-west-0 WAN ${await host('prod-west')}:5720`,
    `prod-west-1 WAN ${await host('prod-west')}:5721`,
  ]);
  assert.ok(
    (await uidsOf(w)).every((uid) => !pods.includes(uid)),
    'members start again with their addresses',
  );

  const [addresses, services] = [await endpoints(w), await servicesOf(w)];
  await want(w, { clusterSize: 0, exposeExternally: { type: 'Smart', memberAccess: 'LoadBalancer' }, advancedNetwork: { wan } });
  await ready(w);
  await w.clock.advance(60_000);
  assert.deepEqual([await endpoints(w), await servicesOf(w)], [addresses, services], 'a paused cluster keeps its addresses');

  await want(w, {});
  await ready(w);
  assert.deepEqual(await endpoints(w), []);
  assert.equal(await w.find(Service, { ...REF, name: 'prod-0' }), undefined);
});

test('8.2.19: behind a node port the address is that of the node, and each port has its own', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await want(w, { exposeExternally: { type: 'Unisocket', discoveryServiceType: 'NodePort' } });
  await ready(w);
  await w.until(HazelcastEndpoint, REF, (now) => now?.status?.address !== undefined && !now.status.address.startsWith('*'));
  const service = await w.find(Service, REF);
  await w.until(HazelcastEndpoint, { ...REF, name: 'prod-wan' }, (now) => now?.status?.address?.startsWith('*') === false);
  const [node] = (await w.api.list(Node)).items;
  const host = node?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  const nodePort = (port: string) => service?.spec?.ports?.find(({ name }) => name === port)?.nodePort;
  assert.deepEqual(await endpoints(w), [`prod Discovery ${host}:${nodePort('hazelcast')}`, `prod-wan WAN ${host}:${nodePort('wan-port')}`]);
});
