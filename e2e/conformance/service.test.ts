import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs, openTarget } from '../target.ts';
import type { TestNamespace } from '../target.ts';
import { done, PATCH } from './requests.ts';
import { ready, until } from './workloads.ts';

const target = await openTarget();
const whole = needs(target, 'controllers', 'node');

test('71. a service gets an address and a node port and keeps them; ports need names when there are several', async () => {
  await using ns = await target.namespace();
  const services = ns.path('services');
  const make = (name: string, spec: object) => target.ask('POST', services, { body: { metadata: { name }, spec } });
  const port = { port: 80 };
  const { json: made } = await make('a', { type: 'NodePort', selector: { app: 'x' }, ports: [port] });
  assert.match(made.spec.clusterIP, /^10\.96\./);
  assert.deepEqual([made.spec.clusterIPs, made.spec.ipFamilies, made.spec.ipFamilyPolicy], [[made.spec.clusterIP], ['IPv4'], 'SingleStack']);
  assert.deepEqual([made.spec.ports[0].targetPort, made.spec.ports[0].protocol], [80, 'TCP']);
  const { nodePort } = made.spec.ports[0];
  assert.ok(nodePort >= 30_000 && nodePort <= 32_767);
  const replaced = await done(target, 'PUT', `${services}/a`, {
    metadata: { name: 'a' },
    spec: { type: 'NodePort', selector: { app: 'y' }, ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }] },
  });
  assert.deepEqual([replaced.spec.clusterIP, replaced.spec.ports[0].nodePort], [made.spec.clusterIP, nodePort]);
  const moved = await target.ask('PATCH', `${services}/a`, {
    body: { spec: { clusterIP: '10.96.255.254', clusterIPs: ['10.96.255.254'] } },
    headers: PATCH.merge,
  });
  assert.equal(moved.status, 422);
  assert.match(moved.json.message, /spec\.clusterIPs\[0\]: Invalid value: .*may not change once set/);
  const taken = await make('b', { clusterIP: made.spec.clusterIP, ports: [port] });
  assert.equal(taken.status, 422);
  assert.match(taken.json.message, /provided IP is already allocated/);
  const nameless = await make('c', { ports: [port, { port: 81 }] });
  assert.deepEqual(
    nameless.json.details.causes.map(({ field }: any) => field),
    ['spec.ports[0].name', 'spec.ports[1].name'],
  );
  const headless = await make('d', { clusterIP: 'None', ports: [port] });
  assert.deepEqual([headless.json.spec.clusterIP, headless.json.spec.clusterIPs], ['None', ['None']]);
});

/** A pod behind services that select `app: x`; its probe never says that it is ready, unless `serves`. */
function backend(name: string, serves: boolean, more: object = {}) {
  const never = { readinessProbe: { exec: { command: ['nonsense'] }, periodSeconds: 1 } };
  const container = { name: 'c', image: target.images.sleeper, ports: [{ name: 'http', containerPort: 8080 }], ...(serves ? {} : never) };
  return { metadata: { name, labels: { app: 'x' } }, spec: { terminationGracePeriodSeconds: 30, containers: [container], ...more } };
}

/** The end points of a service's only slice, by pod. */
async function endpoints(ns: TestNamespace, service: string, holds: (byPod: Readonly<Record<string, any>>, slice: any) => boolean): Promise<any> {
  const path = `${ns.path('endpointslices', 'discovery.k8s.io/v1')}?labelSelector=kubernetes.io/service-name%3D${service}`;
  const byPod = ({ items }: any) => Object.fromEntries((items[0]?.endpoints ?? []).map((one: any) => [one.targetRef.name, one]));
  const list = await until(target, path, `${service}'s end points`, (slices) => slices.items.length === 1 && holds(byPod(slices), slices.items[0]));
  return { ...byPod(list), slice: list.items[0] };
}

test('71. an address is one of the cluster’s; a dry run takes none, so that one that is taken will do, and a name that no address can have is only a wrong name', async () => {
  await using ns = await target.namespace();
  const make = (metadata: object, spec: object, query = '') => target.ask('POST', `${ns.path('services')}${query}`, { body: { metadata, spec } });
  const ports = [{ port: 80 }];
  const { json: taken } = await make({ name: 'a' }, { ports });
  const { clusterIP } = taken.spec;
  assert.match((await make({ name: 'b' }, { ports, clusterIP: '192.0.2.1' })).json.message, /the provided network does not match the current range/);
  assert.equal((await make({ name: 'b' }, { ports, clusterIP })).status, 422);
  assert.equal((await make({ name: 'b' }, { ports, clusterIP }, '?dryRun=All')).status, 201);
  const fields = async (query: string) => (await make({ name: 'a/b' }, { ports }, query)).json.details.causes.map(({ field }: any) => field);
  assert.deepEqual([await fields(''), await fields('?dryRun=All')], [['spec.clusterIPs'], ['metadata.name']]);
});

test('71. who may come from outside is one of two words, and a name outside is asked for however wrong the address is', async () => {
  await using ns = await target.namespace();
  const path = ns.path('services');
  const causes = ({ json }: { readonly json: any }) => json.details.causes.map(({ reason, field }: any) => `${reason} ${field}`);
  const spec = { type: 'NodePort', ports: [{ port: 80 }], externalTrafficPolicy: 'Sometimes', internalTrafficPolicy: 'Never' };
  const both = ['FieldValueNotSupported spec.externalTrafficPolicy', 'FieldValueNotSupported spec.internalTrafficPolicy'];
  assert.deepEqual(causes(await target.ask('POST', path, { body: { metadata: { name: 'a' }, spec } })).toSorted(), both);
  await done(target, 'POST', path, { metadata: { name: 'a' }, spec: { ports: [{ port: 80 }] } });
  const named = await target.ask('PATCH', `${path}/a`, { body: { spec: { type: 'ExternalName', clusterIP: 'nonsense' } }, headers: PATCH.merge });
  assert.deepEqual(causes(named).toSorted(), ['FieldValueForbidden spec.clusterIPs', 'FieldValueRequired spec.externalName']);
});

test('71. end points follow readiness; who publishes those that are not ready says so; a named port is each pod’s own', whole, async () => {
  await using ns = await target.namespace();
  const make = (name: string, spec: object) => done(target, 'POST', ns.path('services'), { metadata: { name }, spec });
  const ports = [{ port: 80, targetPort: 'http' }];
  const plain = await make('plain', { selector: { app: 'x' }, ports });
  await make('eager', { selector: { app: 'x' }, ports, publishNotReadyAddresses: true, clusterIP: 'None' });
  await done(target, 'POST', ns.path('pods'), backend('good', true, { hostname: 'good', subdomain: 'eager' }));
  await done(target, 'POST', ns.path('pods'), backend('bad', false));
  const good = await until(target, `${ns.path('pods')}/good`, 'ready', ready);
  const found = await endpoints(ns, 'plain', (byPod) => byPod['good']?.conditions.ready === true && byPod['bad'] !== undefined);
  assert.deepEqual(found.good.conditions, { ready: true, serving: true, terminating: false });
  assert.deepEqual(found.bad.conditions, { ready: false, serving: false, terminating: false });
  assert.deepEqual([found.good.addresses, found.good.nodeName, found.good.hostname], [[good.status.podIP], good.spec.nodeName, undefined]);
  const { slice } = found;
  assert.deepEqual(slice.ports, [{ name: '', port: 8080, protocol: 'TCP' }]);
  assert.deepEqual(
    slice.metadata.ownerReferences.map(({ kind, uid, controller }: any) => [kind, uid, controller]),
    [['Service', plain.metadata.uid, true]],
  );
  assert.equal(slice.metadata.labels['service.kubernetes.io/headless'], undefined);
  const eager = await endpoints(ns, 'eager', (byPod) => byPod['good'] !== undefined && byPod['bad']?.conditions.ready === true);
  assert.deepEqual(eager.bad.conditions, { ready: true, serving: false, terminating: false });
  assert.deepEqual([eager.good.hostname, eager.slice.metadata.labels['service.kubernetes.io/headless']], ['good', '']);
  const names = (addresses: readonly any[] = []) => addresses.map(({ targetRef }) => targetRef.name).join();
  const both = ({ subsets: [subset] = [] }: any) => names(subset?.addresses) === 'good' && names(subset?.notReadyAddresses) === 'bad';
  await until(target, `${ns.path('endpoints')}/plain`, 'the old form', both);
});

test('71. a pod on its way out leaves Endpoints at once, and stays in the slice as terminating while it serves', whole, async () => {
  await using ns = await target.namespace();
  await done(target, 'POST', ns.path('services'), { metadata: { name: 'plain' }, spec: { selector: { app: 'x' }, ports: [{ port: 80 }] } });
  // Longer than anybody needs to notice: its end comes by force.
  const preStop = { lifecycle: { preStop: { sleep: { seconds: 300 } } } };
  const pod = backend('good', true, { terminationGracePeriodSeconds: 600 });
  await done(target, 'POST', ns.path('pods'), { ...pod, spec: { ...pod.spec, containers: [{ ...pod.spec.containers[0], ...preStop }] } });
  await endpoints(ns, 'plain', (byPod) => byPod['good']?.conditions.ready === true);
  await done(target, 'DELETE', `${ns.path('pods')}/good`);
  const leaving = await endpoints(ns, 'plain', (byPod) => byPod['good']?.conditions.terminating === true);
  assert.deepEqual(leaving.good.conditions, { ready: false, serving: true, terminating: true });
  await until(target, `${ns.path('endpoints')}/plain`, 'it has left the old form', ({ subsets = [] }) => subsets.length === 0);
  await done(target, 'DELETE', `${ns.path('pods')}/good?gracePeriodSeconds=0`);
  await endpoints(ns, 'plain', (byPod) => byPod['good'] === undefined);
});
