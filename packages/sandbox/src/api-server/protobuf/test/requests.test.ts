import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ADMIN, CONFIG, DEFINITIONS, testServer, THING, thingDefinition, THINGS } from '../../test/server.ts';
import type { TestServer } from '../../test/server.ts';
import file from '../table.gen.json' with { type: 'json' };
import type { Table } from '../table.ts';
import { createEncoder } from './encode.ts';
import { BODIES } from './bodies.ts';

// Sound: tools/protobuf.ts wrote the file from a Table.
const table = file as unknown as Table;
const terse = createEncoder(table, { explicit: false });
const explicit = createEncoder(table, { explicit: true });
const TYPE = 'application/vnd.kubernetes.protobuf';

describe('an object created in protobuf is the one created in JSON', () => {
  for (const [path, object] of BODIES) {
    test(`${object.apiVersion} ${object.kind}`, async () => {
      const inJson = await created(path, Buffer.from(JSON.stringify(object)), 'application/json');
      assert.deepEqual(await created(path, terse(object), TYPE), inJson);
      // As Go's clients send it, in either form: with zeros nobody set. Structs among them are there, but empty.
      assert.deepEqual(withoutEmpty(await created(path, explicit(object), TYPE)), withoutEmpty(inJson));
    });
  }
});

test('scale to zero in protobuf scales to zero', async () => {
  await using world = await testServer();
  const deployments = '/apis/apps/v1/namespaces/default/deployments';
  const [, deployment] = BODIES.find(([path]) => path === deployments)!;
  await send(world, 'POST', deployments, explicit({ ...deployment, spec: { ...(deployment['spec'] as object), replicas: 3 } }));
  const scale = await world.ask('GET', `${deployments}/web/scale`);
  assert.equal(scale.json.spec.replicas, 3);
  // In Go the replicas of a Scale are no pointer: nothing on the wire or an explicit 0 are both 0.
  const answer = await send(world, 'PUT', `${deployments}/web/scale`, explicit({ ...scale.json, spec: { replicas: 0 } }));
  assert.equal(answer.status, 200, answer.text);
  assert.equal((await world.ask('GET', `${deployments}/web`)).json.spec.replicas, 0);
});

test('an eviction, a token and an access review are asked for in protobuf', async () => {
  await using world = await testServer();
  await world.ask('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } });
  const request = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: {}, spec: { audiences: ['vault'], expirationSeconds: 600 } };
  const token = await send(world, 'POST', '/api/v1/namespaces/default/serviceaccounts/robot/token', explicit(request));
  assert.equal(token.status, 201, token.text);
  assert.deepEqual(token.json.spec.audiences, ['vault']);
  assert.ok(token.json.status.token.length > 20);
  const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes: { verb: 'get', resource: 'pods' } } };
  const access = await send(world, 'POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', explicit(review));
  assert.equal(access.json.status.allowed, true, access.text);
  const [pods, pod] = BODIES.find(([, { kind }]) => kind === 'Pod')!;
  assert.equal((await send(world, 'POST', pods, explicit(pod))).status, 201);
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' }, deleteOptions: { preconditions: { uid: 'another' } } };
  const evicted = await send(world, 'POST', `${pods}/p/eviction`, explicit(eviction));
  assert.equal(evicted.status, 409, evicted.text);
  const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'p' }, target: { kind: 'Node', name: 'n1' } };
  const bound = await send(world, 'POST', `${pods}/p/binding`, explicit(binding));
  assert.equal(bound.status, 201, bound.text);
  assert.equal((await world.ask('GET', `${pods}/p`)).json.spec.nodeName, 'n1');
});

test('options of a delete in protobuf count', async () => {
  await using world = await testServer();
  const options = createEncoder({ ...table, kinds: { 'v1 DeleteOptions': 'meta.v1.DeleteOptions' } }, { explicit: true });
  await world.ask('POST', CONFIG, { metadata: { name: 'a' } });
  const other = await send(world, 'DELETE', `${CONFIG}/a`, options({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'another' } }));
  assert.equal(other.status, 409, other.text);
  const dry = await send(world, 'DELETE', `${CONFIG}/a`, options({ apiVersion: 'v1', kind: 'DeleteOptions', dryRun: ['All'] }));
  assert.equal(dry.status, 200, dry.text);
  assert.equal((await world.ask('GET', `${CONFIG}/a`)).status, 200);
});

test('custom resources have no protobuf form, their deletes do', async () => {
  await using world = await testServer();
  await world.ask('POST', DEFINITIONS, thingDefinition());
  await world.ask('POST', THINGS, { ...THING, metadata: { name: 'a' } });
  const thing = createEncoder({ ...table, kinds: { 'ex.io/v1 Thing': 'core.v1.ConfigMap' } }, { explicit: true });
  const refused = await send(world, 'POST', THINGS, thing({ apiVersion: 'ex.io/v1', kind: 'Thing', metadata: { name: 'b' } }));
  assert.equal(refused.status, 415);
  assert.equal(refused.json.reason, 'UnsupportedMediaType');
  // What is no Thing is refused as well; the real server crashed on it.
  assert.equal((await send(world, 'POST', THINGS, terse({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b' } }))).status, 400);
  const options = createEncoder({ ...table, kinds: { 'ex.io/v1 DeleteOptions': 'meta.v1.DeleteOptions' } }, { explicit: true });
  assert.equal((await send(world, 'DELETE', `${THINGS}/a`, options({ apiVersion: 'ex.io/v1', kind: 'DeleteOptions' }))).status, 200);
});

test('an answer is JSON to those who would rather have protobuf; who takes nothing else gets 406', async () => {
  await using world = await testServer();
  for (const accept of [
    `${TYPE},application/json`,
    `${TYPE}, */*`,
    `${TYPE};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json`,
  ]) {
    const answer = await world.ask('GET', CONFIG, undefined, { accept });
    assert.equal(answer.status, 200);
    assert.match(answer.headers['content-type']!, /^application\/json/);
  }
  assert.equal((await world.ask('GET', CONFIG, undefined, { accept: TYPE })).status, 406);
  const refused = await send(world, 'POST', CONFIG, Buffer.from('k8s\0nonsense'));
  assert.equal(refused.status, 400);
  assert.equal(refused.json.reason, 'BadRequest');
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: any;
}

async function send({ server }: TestServer, method: 'POST' | 'PUT' | 'DELETE', path: string, body: Uint8Array, type = TYPE): Promise<Answer> {
  const headers = { 'content-type': type, accept: `${TYPE},application/json` };
  const response = await server.transport(ADMIN).send({ method, path, headers, body }, new AbortController().signal);
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return { status: response.status, text, json: JSON.parse(text) };
}

/** What a new server makes of it. Two servers of one seed and one clock differ in nothing else. */
async function created(path: string, body: Uint8Array, type: string): Promise<unknown> {
  await using world = await testServer();
  const answer = await send(world, 'POST', path, body, type);
  assert.equal(answer.status, 201, answer.text);
  const { managedFields: _managed, ...metadata } = answer.json.metadata;
  return { ...answer.json, metadata };
}

/** Without empty objects and text, to any depth. */
function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, withoutEmpty(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== '' && (typeof item !== 'object' || item === null || Object.keys(item).length > 0)));
}
