import assert from 'node:assert/strict';
import { test } from 'node:test';
import file from '../../packages/sandbox/src/api-server/protobuf/table.gen.json' with { type: 'json' };
import type { Table } from '../../packages/sandbox/src/api-server/protobuf/table.ts';
import { BODIES } from '../../packages/sandbox/src/api-server/protobuf/test/bodies.ts';
import { createEncoder } from '../../packages/sandbox/src/api-server/protobuf/test/encode.ts';
import { openTarget } from '../target.ts';
import { done, PATCH, things, verdict } from './requests.ts';

const target = await openTarget();
// Sound: tools/protobuf.ts wrote the file from a Table.
const protobuf = createEncoder(file as unknown as Table, { explicit: false });
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

test('1. discovery answers in the old and in the aggregated form, both say the same, and who has it already is told so', async () => {
  const old = (await target.ask('GET', '/api/v1', { headers: { accept: 'application/json, */*' } })).json;
  const answer = await target.ask('GET', '/api', { headers: { accept: `${AGGREGATED},application/json` } });
  assert.equal(answer.headers['content-type'], AGGREGATED);
  const v1 = answer.json.items[0].versions.find((version: any) => version.version === 'v1');
  const names = (resources: readonly string[]) => new Set(resources.filter((resource) => !resource.includes('/')));
  assert.deepEqual(names(v1.resources.map((r: any) => r.resource)), names(old.resources.map((r: any) => r.name)));
  const pods = v1.resources.find((r: any) => r.resource === 'pods');
  assert.deepEqual([pods.scope, pods.responseKind.kind, pods.singularResource], ['Namespaced', 'Pod', 'pod']);
  assert.ok(pods.subresources.some((s: any) => s.subresource === 'eviction' && s.responseKind.group === 'policy'));
  const oldPod = old.resources.find((r: any) => r.name === 'pods');
  assert.deepEqual([oldPod.shortNames, oldPod.categories, oldPod.namespaced], [['po'], ['all'], true]);

  const again = await target.ask('GET', '/api', { headers: { accept: `${AGGREGATED},application/json`, 'if-none-match': answer.headers['etag']! } });
  assert.equal(again.status, 304);

  const groups = (await target.ask('GET', '/apis')).json;
  assert.equal(groups.kind, 'APIGroupList');
  const apps = groups.groups.find((group: any) => group.name === 'apps');
  assert.equal(apps.preferredVersion.groupVersion, 'apps/v1');
  assert.equal((await target.ask('GET', '/api')).json.kind, 'APIVersions');
});

test('5. an object created in protobuf is the one created in JSON, with what is easily lost on the way', async () => {
  await using ns = await target.namespace();
  const made = async (path: string, body: unknown, type: string) => {
    const answer = await target.ask('POST', `${path}?dryRun=All`, { body, headers: { 'content-type': type } });
    assert.equal(answer.status, 201, `${path}: ${answer.text}`);
    const { uid, creationTimestamp: _time, managedFields: _managed, ...metadata } = answer.json.metadata;
    // A Job repeats its UID; a dry run of a Service takes an address that the next one may not get.
    const masked = JSON.stringify({ ...answer.json, metadata })
      .replaceAll(uid, 'UID')
      .replaceAll(/10\.96\.\d+\.\d+/g, 'ADDRESS');
    return JSON.parse(masked);
  };
  assert.ok(BODIES.length > 10);
  for (const [at, body] of BODIES) {
    const path = at.replace('/namespaces/default/', `/namespaces/${ns.name}/`);
    const object = JSON.parse(JSON.stringify(body).replaceAll('"namespace":"default"', `"namespace":"${ns.name}"`));
    const inJson = await made(path, object, 'application/json');
    assert.deepEqual(await made(path, protobuf(object), 'application/vnd.kubernetes.protobuf'), inJson, `${body.apiVersion} ${body.kind}`);
  }
});

test('6. answers come in the form that was asked for: JSON, YAML, tables, bare metadata; 406 and 415 for what nobody speaks', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: "1"\n';
  const made = await target.ask('POST', maps, { body: yaml, headers: { 'content-type': 'application/yaml', accept: 'application/yaml' } });
  assert.equal(made.status, 201);
  assert.match(made.headers['content-type']!, /^application\/yaml/);
  assert.match(made.text, /^ {2}x: "1"$/m);
  assert.deepEqual((await target.ask('GET', `${maps}/a`, { headers: { accept: '*/*' } })).json.data, { x: '1' });

  const table = (await target.ask('GET', maps, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' } })).json;
  assert.deepEqual([table.kind, table.apiVersion], ['Table', 'meta.k8s.io/v1']);
  assert.deepEqual(
    table.columnDefinitions.map((column: any) => column.name),
    ['Name', 'Data', 'Age'],
  );
  const row = table.rows.find((candidate: any) => candidate.object.metadata.name === 'a');
  assert.deepEqual([row.cells[0], row.cells[1], row.object.kind], ['a', 1, 'PartialObjectMetadata']);
  const whole = await target.ask('GET', `${maps}?includeObject=Object`, { headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' } });
  assert.ok(whole.json.rows.some((candidate: any) => candidate.object.data?.x === '1'));

  const partial = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
  const bare = (await target.ask('GET', `${maps}/a`, { headers: { accept: partial } })).json;
  assert.deepEqual([bare.kind, bare.apiVersion, bare.metadata.name, bare.data], ['PartialObjectMetadata', 'meta.k8s.io/v1', 'a', undefined]);
  const list = await target.ask('GET', maps, { headers: { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' } });
  assert.equal(list.json.kind, 'PartialObjectMetadataList');

  assert.deepEqual(verdict(await target.ask('GET', `${maps}/a`, { headers: { accept: 'text/csv' } })), [406, 'NotAcceptable']);
  const unknown = await target.ask('POST', maps, { body: 'a,b', headers: { 'content-type': 'text/csv' } });
  assert.deepEqual(verdict(unknown), [415, 'UnsupportedMediaType']);
});

test('7. unknown and doubled fields: a warning by default, an error when strict, nothing when ignored', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  const warned = await target.ask('POST', maps, { body: '{"metadata":{"name":"a","bar":1},"data":{"x":"1","x":"2"},"foo":1}' });
  assert.equal(warned.status, 201);
  const warning = warned.headers['warning']!;
  for (const text of ['unknown field \\"metadata.bar\\"', 'unknown field \\"foo\\"', 'duplicate field \\"data.x\\"']) {
    assert.ok(warning.includes(`299 - "${text}"`), `${text} in ${warning}`);
  }
  assert.deepEqual([warned.json.foo, warned.json.data.x], [undefined, '2']);
  const strict = await target.ask('POST', `${maps}?fieldValidation=Strict`, { body: { metadata: { name: 'b' }, foo: 1 } });
  assert.deepEqual(verdict(strict), [400, 'BadRequest']);
  assert.match(strict.json.message, /strict decoding error: unknown field "foo"$/);
  const ignored = await target.ask('POST', `${maps}?fieldValidation=Ignore`, { body: { metadata: { name: 'c' }, foo: 1 } });
  assert.deepEqual([ignored.status, ignored.headers['warning']], [201, undefined]);
  const patched = await target.ask('PATCH', `${maps}/a?fieldValidation=Strict`, { body: { foo: 1 }, headers: PATCH.merge });
  assert.equal(patched.status, 422);
});

test('7. the same of custom resources', async () => {
  await using ns = await target.namespace();
  await using custom = await things(target, { properties: { spec: { type: 'object', properties: { size: { type: 'integer' } } } } });
  const path = custom.path(ns.name);
  const body = (name: string) => ({ apiVersion: `${custom.group}/v1`, kind: 'Thing', metadata: { name }, spec: { size: 1, sise: 2 } });
  const warned = await target.ask('POST', path, { body: body('a') });
  assert.deepEqual([warned.status, warned.headers['warning'], warned.json.spec], [201, '299 - "unknown field \\"spec.sise\\""', { size: 1 }]);
  const strict = await target.ask('POST', `${path}?fieldValidation=Strict`, { body: body('b') });
  assert.deepEqual(verdict(strict), [400, 'BadRequest']);
  assert.match(strict.json.message, /strict decoding error: unknown field "spec\.sise"$/);
});

test('8. what is not there: a Status for a resource, bare text for a group, 405 for a method', async () => {
  for (const path of ['/api/v1/nothings', '/apis/apps/v1/namespaces/default/nothings']) {
    const resource = await target.ask('GET', path);
    assert.deepEqual(verdict(resource), [404, 'NotFound']);
    assert.deepEqual([resource.json.message, resource.json.details], ['the server could not find the requested resource', {}]);
  }
  const group = await target.ask('GET', '/apis/nothing.example.com/v1/things');
  assert.deepEqual([group.status, group.text.trim()], [404, '404 page not found']);
  const missing = await target.ask('GET', '/api/v1/namespaces/default/configmaps/none');
  assert.deepEqual(verdict(missing), [404, 'NotFound']);
  assert.deepEqual([missing.json.message, missing.json.details], ['configmaps "none" not found', { name: 'none', kind: 'configmaps' }]);
  const method = await target.ask('PUT', '/api/v1/namespaces/default/configmaps', { body: {} });
  assert.deepEqual(verdict(method), [405, 'MethodNotAllowed']);
});

test('8. bodies that do not fit their path are refused, and what is missing in them is filled in from it', async () => {
  await using ns = await target.namespace();
  const maps = ns.path('configmaps');
  assert.deepEqual((await done(target, 'POST', maps, { metadata: { name: 'a' } })).kind, 'ConfigMap');
  const kind = await target.ask('POST', maps, { body: { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'b' } } });
  assert.deepEqual(verdict(kind), [400, 'BadRequest']);
  assert.match(kind.json.message, /^Secret in version "v1" cannot be handled as a ConfigMap: /);
  const elsewhere = await target.ask('POST', maps, { body: { metadata: { name: 'b', namespace: 'default' } } });
  assert.equal(elsewhere.json.message, 'the namespace of the provided object does not match the namespace sent on the request');
  const name = await target.ask('PUT', `${maps}/a`, { body: { metadata: { name: 'zzz' } } });
  assert.equal(name.json.message, 'the name of the object (zzz) does not match the name on the URL (a)');
  const wrong = await target.ask('POST', maps, { body: { metadata: { name: 'b' }, data: { x: 5 } } });
  assert.equal(wrong.status, 400);
  assert.match(wrong.json.message, /json: cannot unmarshal number into Go struct field ConfigMap\.data of type string$/);
});
