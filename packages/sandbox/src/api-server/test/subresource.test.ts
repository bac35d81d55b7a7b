import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG, DEFINITIONS, PATCH, testServer, THING, thingDefinition, THINGS } from './server.ts';
import type { Answer, TestServer } from './server.ts';

const PODS = '/api/v1/namespaces/default/pods';
const ACCOUNTS = '/api/v1/namespaces/default/serviceaccounts';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';
const verdict = ({ status, json }: Answer) => [status, json.message];
const causes = ({ status, json }: Answer) => [status, ...(json.details?.causes ?? []).map(({ field }: any) => field)];

async function withPod(world: TestServer): Promise<void> {
  await world.ask('POST', ACCOUNTS, { metadata: { name: 'default' } });
  const { status } = await world.ask('POST', PODS, { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
  assert.equal(status, 201);
}

test('an Eviction says which pod it is about, and its query whether it is tried only', async () => {
  await using world = await testServer();
  await withPod(world);
  const evict = (name: string, metadata: object, query = '') =>
    world.ask('POST', `${PODS}/${name}/eviction${query}`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata });
  const foreign = [400, 'name in URL does not match name in Eviction object'];
  assert.deepEqual(verdict(await evict('a', {})), foreign);
  assert.deepEqual(verdict(await evict('none', { name: 'a' })), foreign);
  assert.deepEqual(causes(await evict('a', { name: 'a' }, '?dryRun=Some')), [422, 'dryRun']);
  assert.equal((await evict('a', { name: 'a' }, '?dryRun=All')).status, 201);
  assert.equal((await world.ask('GET', `${PODS}/a`)).status, 200);
  assert.equal((await evict('a', { name: 'a' })).status, 201);
  assert.equal((await world.ask('GET', `${PODS}/a`)).status, 404);
});

test('a Binding says which pod goes to which node, and its labels and annotations become the pod’s', async () => {
  await using world = await testServer();
  await withPod(world);
  const bind = (metadata: object, target: object) => world.ask('POST', `${PODS}/a/binding`, { apiVersion: 'v1', kind: 'Binding', metadata, target });
  assert.deepEqual(verdict(await bind({}, { name: 'n' })), [400, 'name in URL does not match name in Binding object']);
  assert.deepEqual(verdict(await bind({ name: 'a' }, { kind: 'Node', name: '' })), [500, 'target.name: Required value']);
  const nothing = 'target.kind: Unsupported value: "Nothing": supported values: "Node", "<empty>"';
  assert.deepEqual(verdict(await bind({ name: 'a' }, { kind: 'Nothing', name: 'n' })), [500, nothing]);
  assert.equal((await bind({ name: 'a', labels: { zone: 'z' }, annotations: { by: 'me' } }, { name: 'n' })).status, 201);
  const { json } = await world.ask('GET', `${PODS}/a`);
  assert.deepEqual([json.spec.nodeName, json.metadata.labels, json.metadata.annotations], ['n', { zone: 'z' }, { by: 'me' }]);
  const again = await bind({ name: 'a' }, { name: 'm' });
  assert.deepEqual([again.status, again.json.details.kind], [409, 'pods/binding']);
});

test('a TokenRequest is of the account of its path, and is answered with the account’s uid and its owners', async () => {
  await using world = await testServer();
  const account = (await world.ask('POST', ACCOUNTS, { metadata: { name: 'robot' } })).json.metadata;
  const ask = (name: string, metadata: object, query = '') => world.ask('POST', `${ACCOUNTS}/${name}/token${query}`, { metadata, spec: { audiences: ['a'] } });
  assert.deepEqual(causes(await ask('none', { name: 'robot' })), [422, 'metadata.name']);
  assert.deepEqual(causes(await ask('robot', { namespace: 'elsewhere' })), [422, 'metadata.namespace']);
  assert.deepEqual(causes(await ask('robot', {}, '?dryRun=Some')), [422, 'dryRun']);
  assert.equal((await ask('robot', { uid: 'another' })).status, 409);
  const { metadata, spec } = (await ask('robot', {}, '?fieldManager=me')).json;
  assert.deepEqual([metadata.uid, spec.boundObjectRef], [account.uid, null]);
  assert.deepEqual(metadata.managedFields, [
    {
      manager: 'me',
      operation: 'Update',
      apiVersion: 'authentication.k8s.io/v1',
      time: '2026-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:audiences': {}, 'f:expirationSeconds': {} } },
      subresource: 'token',
    },
  ]);
});

test('what cannot be read of a Scale, and what is elsewhere, is told before what is not there', async () => {
  await using world = await testServer();
  const put = (name: string, spec: object) =>
    world.ask('PUT', `${DEPLOYMENTS}/none/scale`, { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name }, spec });
  assert.equal((await put('none', { replicas: 'x' })).status, 400);
  assert.equal((await put('other', { replicas: 1 })).status, 400);
  assert.equal((await put('none', { replicas: 1 })).status, 404);
  await world.ask('POST', DEFINITIONS, thingDefinition());
  assert.equal((await world.ask('PATCH', `${THINGS}/none/scale`, { spec: {} }, PATCH.strategic)).status, 415);
});

test('options of a deletion are read from the body, and from the query where there is none; what selects is read before them', async () => {
  await using world = await testServer();
  await world.ask('POST', CONFIG, { metadata: { name: 'a' } });
  assert.deepEqual(verdict(await world.ask('DELETE', `${CONFIG}/none?gracePeriodSeconds=x`)), [400, 'strconv.ParseInt: parsing "x": invalid syntax']);
  const wrong = { propagationPolicy: 'Sometimes' };
  assert.equal((await world.ask('DELETE', `${CONFIG}?limit=x`, wrong)).status, 400);
  assert.equal((await world.ask('DELETE', `${CONFIG}?fieldSelector=spec.nothing%3D1`, wrong)).status, 400);
  assert.deepEqual(causes(await world.ask('DELETE', `${CONFIG}?resourceVersionMatch=Exact`, wrong)), [422, 'resourceVersionMatch']);
  assert.deepEqual(causes(await world.ask('DELETE', `${CONFIG}?resourceVersion=x`, wrong)), [422, 'propagationPolicy']);
  assert.equal((await world.ask('DELETE', `${CONFIG}/a?dryRun=All`)).status, 200);
  assert.equal((await world.ask('GET', `${CONFIG}/a`)).status, 200);
  assert.equal((await world.ask('DELETE', `${CONFIG}/a?dryRun=All`, {})).status, 200);
  assert.equal((await world.ask('GET', `${CONFIG}/a`)).status, 404);
});

test('fields of another kind are not the schema’s to judge, and an object’s metadata has no others whatever its kind keeps', async () => {
  await using world = await testServer();
  const { spec, ...rest } = thingDefinition();
  await world.ask('POST', DEFINITIONS, { ...rest, spec });
  const other = await world.ask('POST', `${THINGS}?fieldValidation=Strict`, { ...THING, kind: 'Wrong', metadata: { name: 'a' }, unknown: 1 });
  assert.deepEqual(causes(other), [422, 'kind']);
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } };
  const names = { plural: 'bags', kind: 'Bag' };
  const versions = [{ name: 'v1', served: true, storage: true, schema }];
  await world.ask('POST', DEFINITIONS, { metadata: { name: 'bags.ex.io' }, spec: { ...spec, names, versions } });
  const bag = { apiVersion: 'ex.io/v1', kind: 'Bag', metadata: { name: 'a', unknown: 1 }, any: 1 };
  const applied = await world.ask('PATCH', '/apis/ex.io/v1/namespaces/default/bags/a?fieldManager=me', bag, PATCH.apply);
  assert.deepEqual([applied.status, applied.json.message.includes('.metadata.unknown: field not declared in schema')], [500, true]);
});
