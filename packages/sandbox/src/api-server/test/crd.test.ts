import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFINITIONS, PATCH, THING, THINGS, testServer, thingDefinition } from './server.ts';

test('a kind is served as soon as its definition is written, and says that it is established', async () => {
  await using world = await testServer();
  assert.equal((await world.ask('GET', THINGS)).text, '404 page not found\n');
  assert.equal((await world.ask('POST', DEFINITIONS, thingDefinition())).status, 201);
  const { status, spec } = (await world.ask('GET', `${DEFINITIONS}/things.ex.io`)).json;
  assert.deepEqual(
    status.conditions.map((condition: any) => [condition.type, condition.status]),
    [
      ['NamesAccepted', 'True'],
      ['Established', 'True'],
    ],
  );
  assert.deepEqual([spec.names.singular, spec.names.listKind, status.storedVersions, status.acceptedNames.plural], ['thing', 'ThingList', ['v1'], 'things']);
  assert.deepEqual((await world.ask('GET', THINGS)).json, {
    kind: 'ThingList',
    apiVersion: 'ex.io/v1',
    metadata: { continue: '', resourceVersion: (await world.ask('GET', THINGS)).json.metadata.resourceVersion },
    items: [],
  });
});

test('defaults are filled in, unknown fields dropped, bad values refused in the words of Kubernetes', async () => {
  await using world = await testServer();
  await world.ask('POST', DEFINITIONS, thingDefinition());
  const made = await world.ask('POST', THINGS, { ...THING, metadata: { name: 't' }, spec: { foo: 1 }, status: { a: 1 } });
  assert.deepEqual([made.json.spec, made.json.status, made.json.metadata.generation], [{ size: 3 }, undefined, 1]);
  assert.equal(made.headers['warning'], '299 - "unknown field \\"spec.foo\\""');
  const refused = await world.ask('POST', THINGS, { ...THING, metadata: { name: 'u' }, spec: { size: 70 } });
  assert.equal(refused.json.message, 'Thing.ex.io "u" is invalid: spec.size: Invalid value: 70: spec.size in body should be less than or equal to 10');
  const blind = await world.ask('PUT', `${THINGS}/t`, { ...THING, metadata: { name: 't' }, spec: { size: 4 } });
  assert.equal(blind.json.message, 'things.ex.io "t" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update');
  assert.equal((await world.ask('PATCH', `${THINGS}/t`, {}, PATCH.strategic)).status, 415);
});

test('a default that is added later shows on objects of before, without a write', async () => {
  await using world = await testServer();
  await world.ask('POST', DEFINITIONS, thingDefinition());
  const { resourceVersion } = (await world.ask('POST', THINGS, { ...THING, metadata: { name: 't' }, spec: {} })).json.metadata;
  const { spec } = thingDefinition({ size: { type: 'integer', default: 3 }, colour: { type: 'string', default: 'blue' } });
  const definition = (await world.ask('GET', `${DEFINITIONS}/things.ex.io`)).json;
  assert.equal((await world.ask('PUT', `${DEFINITIONS}/things.ex.io`, { ...definition, spec })).status, 200);
  const shown = (await world.ask('GET', `${THINGS}/t`)).json;
  assert.deepEqual([shown.spec.colour, shown.metadata.resourceVersion], ['blue', resourceVersion]);
});

test('the status is written by its own endpoint alone, and only what is wanted counts as a generation', async () => {
  await using world = await testServer();
  await world.ask('POST', DEFINITIONS, thingDefinition());
  await world.ask('POST', THINGS, { ...THING, metadata: { name: 't' }, spec: { size: 1 } });
  const status = await world.ask('PATCH', `${THINGS}/t/status`, { metadata: { labels: { x: 'y' } }, spec: { size: 9 }, status: { ready: 1 } }, PATCH.merge);
  assert.deepEqual([status.json.metadata.labels, status.json.spec.size, status.json.status, status.json.metadata.generation], [undefined, 1, { ready: 1 }, 1]);
  const main = await world.ask('PATCH', `${THINGS}/t`, { status: { ready: 5 }, metadata: { labels: { x: 'y' } } }, PATCH.merge);
  assert.deepEqual([main.json.status, main.json.metadata.generation], [{ ready: 1 }, 1]);
  const scaled = await world.ask('PATCH', `${THINGS}/t/scale`, { spec: { replicas: 5 } }, PATCH.merge);
  assert.deepEqual([scaled.json.kind, scaled.json.spec.replicas], ['Scale', 5]);
  const { spec, metadata } = (await world.ask('GET', `${THINGS}/t`)).json;
  assert.deepEqual([spec.size, metadata.generation], [5, 2]);
  assert.match((await world.ask('PATCH', `${THINGS}/t/scale`, { spec: { replicas: 70 } }, PATCH.merge)).json.message, /spec.size: Invalid value: 70/);
  const marked = await world.ask('PATCH', `${THINGS}/t`, { metadata: { finalizers: ['ex.io/f'] } }, PATCH.merge);
  assert.equal(marked.json.metadata.generation, 2);
  assert.equal((await world.ask('DELETE', `${THINGS}/t`)).json.metadata.generation, 3);
});

test('the scale of a custom kind is refused when its definition has none, and so is a status', async () => {
  await using world = await testServer();
  const definition = thingDefinition();
  const [version] = definition.spec.versions;
  const { subresources: _none, ...plain } = version!;
  await world.ask('POST', DEFINITIONS, { ...definition, spec: { ...definition.spec, versions: [plain] } });
  await world.ask('POST', THINGS, { ...THING, metadata: { name: 't' }, spec: {} });
  assert.equal((await world.ask('GET', `${THINGS}/t/scale`)).json.message, 'things.ex.io "t" not found');
  const changed = await world.ask('PATCH', `${THINGS}/t`, { status: { ready: 5 } }, PATCH.merge);
  assert.deepEqual([changed.json.status, changed.json.metadata.generation], [{ ready: 5 }, 2]);
});

test('a definition goes after its objects, which go as their finalizers let them', async () => {
  await using world = await testServer();
  await world.ask('POST', DEFINITIONS, thingDefinition());
  await world.ask('POST', THINGS, { ...THING, metadata: { name: 'held', finalizers: ['ex.io/f'] }, spec: {} });
  await world.ask('POST', THINGS, { ...THING, metadata: { name: 'free' }, spec: {} });
  await world.ask('DELETE', `${DEFINITIONS}/things.ex.io`);
  const left = (await world.ask('GET', THINGS)).json.items;
  assert.deepEqual(
    left.map((item: any) => [item.metadata.name, item.metadata.deletionTimestamp !== undefined]),
    [['held', true]],
  );
  assert.equal((await world.ask('POST', THINGS, { ...THING, metadata: { name: 'late' }, spec: {} })).status, 405);
  const { conditions } = (await world.ask('GET', `${DEFINITIONS}/things.ex.io`)).json.status;
  assert.equal(conditions.find((condition: any) => condition.type === 'Terminating').reason, 'InstanceDeletionInProgress');
  await world.ask('PATCH', `${THINGS}/held`, { metadata: { finalizers: null } }, PATCH.merge);
  assert.equal((await world.ask('GET', `${DEFINITIONS}/things.ex.io`)).status, 404);
  assert.equal((await world.ask('GET', THINGS)).status, 404);
});

test('what stands under anyOf and its like says nothing of structure, but for the two types of an int-or-string in their order', async () => {
  await using world = await testServer();
  const said = async (b: object) => (await world.ask('POST', `${DEFINITIONS}?dryRun=All`, thingDefinition({ b }))).json;
  const types = (...all: readonly string[]) => all.map((type) => ({ type }));
  const at = 'spec.validation.openAPIV3Schema.properties[spec].properties[b]';
  const either = { 'x-kubernetes-int-or-string': true };
  assert.equal((await said({ ...either, anyOf: types('integer', 'string') })).kind, 'CustomResourceDefinition');
  assert.equal((await said({ ...either, allOf: [{ anyOf: types('integer', 'string') }, { pattern: '^1' }] })).kind, 'CustomResourceDefinition');
  const fields = async (b: object) => (await said(b)).details?.causes?.map(({ field, message }: any) => `${field}: ${message}`);
  assert.deepEqual(await fields({ ...either, anyOf: types('string', 'integer') }), [
    `${at}.anyOf[0].type: Forbidden: must be empty to be structural`,
    `${at}.anyOf[1].type: Forbidden: must be empty to be structural`,
  ]);
  assert.deepEqual(await fields({ type: 'object', properties: { c: { type: 'string' } }, not: { properties: { c: { default: 'x', minLength: 1 } } } }), [
    `${at}.not.properties[c].default: Forbidden: must be undefined to be structural`,
  ]);
});

test('a schema that is not structural and a rule that does not compile are refused with their place', async () => {
  await using world = await testServer();
  const loose = await world.ask('POST', DEFINITIONS, thingDefinition({ b: {} }));
  assert.match(loose.json.message, /properties\[spec\]\.properties\[b\]\.type: Required value: must not be empty for specified object fields/);
  const rule = await world.ask('POST', DEFINITIONS, thingDefinition({ n: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self > nobody' }] } }));
  assert.match(rule.json.message, /properties\[n\]\.x-kubernetes-validations\[0\]\.rule: Invalid value: "self > nobody"/);
  const named = await world.ask('POST', DEFINITIONS, { ...thingDefinition(), metadata: { name: 'wrong' } });
  assert.match(named.json.message, /metadata.name: Invalid value: "wrong": must be spec.names.plural\+"\."\+spec.group/);
});

test('kubectl reads printer columns, discovery and documentation of a custom kind', async () => {
  await using world = await testServer();
  await world.ask('POST', DEFINITIONS, thingDefinition({ size: { type: 'integer', default: 3, description: 'How many.' } }));
  await world.ask('POST', THINGS, { ...THING, metadata: { name: 't' }, spec: {} });
  const table = await world.ask('GET', THINGS, undefined, { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' });
  assert.deepEqual(
    table.json.columnDefinitions.map((column: any) => column.name),
    ['Name', 'Size'],
  );
  assert.deepEqual([table.json.rows[0].cells, table.json.rows[0].object.kind], [['t', 3], 'PartialObjectMetadata']);
  const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const groups = await world.ask('GET', '/apis', undefined, { accept: `${type},application/json` });
  assert.equal(groups.headers['content-type'], type);
  const found = groups.json.items.find((group: any) => group.metadata.name === 'ex.io').versions[0].resources[0];
  assert.deepEqual([found.resource, found.shortNames, found.subresources.map((one: any) => one.subresource)], ['things', ['th'], ['status', 'scale']]);
  const again = await world.ask('GET', '/apis', undefined, { accept: type, 'if-none-match': groups.headers['etag']! });
  assert.equal(again.status, 304);
  const document = (await world.ask('GET', '/openapi/v3/apis/ex.io/v1')).json;
  assert.equal(document.components.schemas['io.ex.v1.Thing'].properties.spec.properties.size.description, 'How many.');
  assert.deepEqual(document.components.schemas['io.ex.v1.Thing']['x-kubernetes-group-version-kind'], [{ group: 'ex.io', version: 'v1', kind: 'Thing' }]);
});
