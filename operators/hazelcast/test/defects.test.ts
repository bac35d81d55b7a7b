import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import type { Network } from '@binnacle/client';
import { PersistentVolumeClaim, Secret, Service, StatefulSet } from '@binnacle/client/kinds';
import { admit } from '@binnacle/schema';
import { world } from '@binnacle/testing';
import type { Subject, World } from '@binnacle/testing';
import { Hazelcast } from '../src/api/hazelcast.ts';
import { addressOf } from '../src/hazelcast/endpoints/address.ts';
import { externalAddresses } from '../src/management-center/addresses.ts';
import { center } from './center.ts';
import { cluster } from './cluster.ts';
import { MEMBER_PORT, TYPE_AT } from './message-door.ts';
import { put } from './put.ts';
import { REF, hazelcast, licence, membersOf, ready, uidsOf, want } from './subject.ts';

// Numbers are those of docs/hazelcast.md, which lists where the others are shown.

/** Members at these addresses take connections and never say a word. */
function deaf(addresses: ReadonlySet<string>): Subject {
  const network = (inner: Network): Network => ({
    connect: (address, signal) =>
      addresses.has(address.host)
        ? new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }))
        : inner.connect(address, signal),
  });
  return { ...hazelcast, create: (parts) => hazelcast.create({ ...parts, network: network(parts.network) }) };
}

/** Members whose answers are changed on their way, each chunk as it comes. */
function misheard(change: (chunk: Buffer, port: number) => Buffer): Subject {
  const network = (inner: Network): Network => ({
    async connect(address, signal) {
      const stream = await inner.connect(address, signal);
      const push = stream.push.bind(stream) as (chunk: Buffer | null) => boolean;
      stream.push = (chunk: Buffer | null) => push(chunk === null ? null : change(Buffer.from(chunk), address.port));
      return stream;
    },
  });
  return { ...hazelcast, create: (parts) => hazelcast.create({ ...parts, network: network(parts.network) }) };
}

/** The type of the answer to a login, and where in it a member says whether it is Enterprise. Source: spec/hazelcast-data-wan-jet.md §9.1. */
const LOGIN_ANSWER = 0x000101;
const ENTERPRISE_AT = TYPE_AT + 53;

const ref = (name: string) => ({ namespace: 'default', name });
const addressesOf = async (w: World) => (await membersOf(w)).map(({ status }) => status?.podIP ?? '');

test('8.1.4: whatever members answer, that they are not Enterprise or mere noise, their StatefulSet and they stay', async () => {
  await using w = await world([hazelcast]);
  const first = w.start(hazelcast);
  await licence(w);
  const spec = { clusterSize: 2, licenseKeySecretName: 'licence' };
  await want(w, spec);
  await ready(w);
  await first.stop();
  const before = [(await w.find(StatefulSet, REF))?.metadata.uid, await uidsOf(w)];
  let changed = 0;
  const openSource = (chunk: Buffer, port: number) => {
    if (port !== MEMBER_PORT || chunk.length <= ENTERPRISE_AT || chunk.readInt32LE(TYPE_AT) !== LOGIN_ANSWER) return chunk;
    assert.equal(chunk[ENTERPRISE_AT], 1, 'it is Enterprise');
    changed += 1;
    chunk[ENTERPRISE_AT] = 0;
    return chunk;
  };
  const noise = (chunk: Buffer) => {
    changed += 1;
    return chunk.fill(0x2a);
  };
  for (const change of [openSource, noise]) {
    changed = 0;
    const subject = misheard(change);
    const running = w.start(subject);
    await w.clock.advance(180_000);
    assert.ok(changed > 0, 'a member was misheard');
    assert.equal(isReady((await w.find(Hazelcast, REF))!), change === openSource);
    await running.stop();
    assert.deepEqual([(await w.find(StatefulSet, REF))?.metadata.uid, await uidsOf(w)], before);
  }
  w.start(hazelcast);
  await ready(w);
});

test('8.1.5: an update that the API server refuses is reported; the StatefulSet and its members stay', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await want(w, { clusterSize: 1 });
  await ready(w);
  const [set, pods] = [(await w.find(StatefulSet, REF))?.metadata.uid, await uidsOf(w)];
  await want(w, { clusterSize: 1, annotations: { 'no such key!': 'x' } });
  await w.until(Hazelcast, REF, (now) => now !== undefined && !isReady(now) && now.status?.observedGeneration === now.metadata.generation);
  await w.clock.advance(120_000);
  assert.deepEqual([(await w.find(StatefulSet, REF))?.metadata.uid, await uidsOf(w)], [set, pods]);
  await want(w, { clusterSize: 1 });
  await ready(w);
});

test('8.1.8, 8.1.9: a cluster whose members are silent holds up no other, and can be deleted', async () => {
  const silent = new Set<string>();
  const subject = deaf(silent);
  await using w = await world([subject]);
  w.start(subject);
  await want(w, { clusterSize: 2 });
  await ready(w);
  for (const name of ['a', 'b', 'c']) await put(w, Hazelcast, name, { spec: { version: '5.5.0', clusterSize: 1 } });
  for (const name of ['a', 'b', 'c']) await w.until(Hazelcast, ref(name), (now) => now !== undefined && isReady(now));
  for (const address of await addressesOf(w)) silent.add(address);
  await want(w, { clusterSize: 2, properties: { a: 'b' } });
  await w.until(Hazelcast, REF, (now) => now !== undefined && !isReady(now));
  const begun = w.clock.now();
  for (const name of ['a', 'b', 'c']) await put(w, Hazelcast, name, { spec: { version: '5.5.0', clusterSize: 2 } });
  for (const name of ['a', 'b', 'c']) await w.until(StatefulSet, ref(name), (now) => now?.spec?.replicas === 2);
  assert.ok(w.clock.now() - begun < 2_000, `${w.clock.now() - begun} ms`);
  await w.api.delete(Hazelcast, REF);
  await w.until(Hazelcast, REF, (now) => now === undefined, 60_000);
});

test('8.1.10: volumes outlive a deleted cluster unless they are said to go with it; a member that leaves, or a pause, takes none along', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await licence(w);
  const stored = { licenseKeySecretName: 'licence', clusterSize: 2, persistence: { pvc: { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi' } } };
  const claims = async () => (await w.api.list(PersistentVolumeClaim, { namespace: 'default' })).items.length;
  const gone = async () => {
    await w.api.delete(Hazelcast, REF);
    await w.until(Hazelcast, REF, (now) => now === undefined);
    await w.clock.advance(60_000);
  };
  await want(w, stored);
  await ready(w);
  await gone();
  assert.equal(await claims(), 2, 'they stay');
  const along = { ...stored, persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete' } };
  await want(w, along);
  await ready(w);
  await want(w, { ...along, clusterSize: 0 });
  await w.until(Hazelcast, REF, (now) => now?.status?.phase === 'Paused');
  await w.clock.advance(60_000);
  assert.equal(await claims(), 2, 'a pause is no deletion');
  await want(w, along);
  await ready(w);
  await gone();
  assert.equal(await claims(), 0);
});

test('8.2.15: another agent in the spec is that of the sidecar and of the init container alike, in every pod', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  for (const version of ['0.1.29', '0.1.30']) {
    await want(w, { clusterSize: 2, agent: { version } });
    await ready(w);
    const images = (await membersOf(w)).flatMap(({ spec }) => [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].map(({ image }) => image ?? ''));
    const agents = images.filter((image) => image.includes('agent'));
    assert.deepEqual(new Set(agents), new Set([`docker.io/hazelcast/platform-operator-agent:${version}`]));
    assert.equal(agents.length, 4, 'two of each of two pods');
  }
});

test('8.2.17: a device that is added later is refused, since members could not mount it', () => {
  const device = (name: string) => ({ name, pvc: { accessModes: ['ReadWriteOnce'] } });
  const spec = { licenseKeySecretName: 'l', nativeMemory: { allocatorType: 'POOLED' }, localDevices: [device('a')] };
  const before = cluster(spec, { annotations: { 'hazelcast.com/last-successful-spec': '{}' } });
  const now = { ...before, spec: { ...spec, localDevices: [device('a'), device('b')] } };
  assert.deepEqual(
    admit(Hazelcast, now, before).errors.map(({ field }) => field),
    ['spec.localDevices'],
  );
});

test('8.2.18, 8.2.19, 8.2.21: what is taken out of the spec is taken out of the cluster, and what is changed changes', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  const more = {
    resources: { limits: { memory: '1Gi' } },
    agent: { resources: { limits: { memory: '64Mi' } } },
    scheduling: { tolerations: [{ key: 'k', operator: 'Exists' }] },
    advancedNetwork: { wan: [{ name: 'west', port: 5720, portCount: 1, serviceType: 'ClusterIP' }] },
    labels: { team: 'a' },
    annotations: { note: 'a' },
  };
  await want(w, { clusterSize: 1, ...more });
  await ready(w);
  assert.ok(await w.find(Service, ref('prod-west')));
  await want(w, { clusterSize: 1, labels: { team: 'b' } });
  await w.until(Secret, REF, (now) => now?.metadata.labels?.['team'] === 'b');
  await w.until(StatefulSet, REF, (now) => now?.spec?.template.spec?.tolerations === undefined);
  await ready(w);
  await w.until(Service, ref('prod-west'), (now) => now === undefined);
  const set = await w.find(StatefulSet, REF);
  assert.deepEqual([set?.metadata.labels?.['team'], set?.metadata.annotations?.['note']], ['b', undefined]);
  assert.deepEqual(
    set?.spec?.template.spec?.containers.map(({ resources }) => resources?.limits),
    [undefined, undefined],
  );
});

test('8.6: the Secret of the agents belongs to none of the clusters that share it', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await want(w, { clusterSize: 1 });
  await put(w, Hazelcast, 'other', { spec: { version: '5.5.0', clusterSize: 1 } });
  await ready(w);
  await w.until(Hazelcast, ref('other'), (now) => now !== undefined && isReady(now));
  await w.api.delete(Hazelcast, REF);
  await w.until(Hazelcast, REF, (now) => now === undefined);
  await w.clock.advance(60_000);
  assert.ok(await w.find(Secret, ref('hazelcast-agent-cert')));
});

test('8.6: addresses of IPv6 stand in brackets beside a port', () => {
  const service = {
    metadata: { name: 's', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '' },
    spec: { type: 'LoadBalancer', ports: [{ name: 'hazelcast', port: 5701 }] },
    status: { loadBalancer: { ingress: [{ ip: 'fd00::1' }] } },
  } as never;
  assert.equal(addressOf(service, 'hazelcast', 'unknown'), '[fd00::1]:5701');
  assert.equal(externalAddresses(center(), service, undefined), '[fd00::1]:5701');
});
