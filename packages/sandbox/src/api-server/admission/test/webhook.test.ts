import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG, DEFINITIONS, PATCH, testServer, THING, thingDefinition, THINGS } from '../../test/server.ts';
import type { TestServer } from '../../test/server.ts';
import { hookServer, patch } from './hook-server.ts';
import type { HookServer } from './hook-server.ts';

const GROUP = '/apis/admissionregistration.k8s.io/v1';
const RULE = { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['*'] };
const STRICT = { rules: [RULE], sideEffects: 'None', admissionReviewVersions: ['v1'] };

/** Writes a configuration with one webhook `<name>.ex.io`, at `/<name>`. */
async function register(world: TestServer, hooks: HookServer, sort: 'mutating' | 'validating', name: string, more: object = {}) {
  const clientConfig = { url: `${hooks.url}/${name}`, caBundle: hooks.caBundle };
  const webhooks = [{ ...STRICT, name: `${name}.hooks.ex.io`, clientConfig, ...more }];
  const answer = await world.ask('POST', `${GROUP}/${sort}webhookconfigurations`, { metadata: { name }, webhooks });
  assert.equal(answer.status, 201, answer.text);
}

test('a webhook that says no is quoted, with its code and details; one that gives none is a 400', async () => {
  await using hooks = await hookServer(({ name }) =>
    name === 'silent'
      ? { allowed: false }
      : { allowed: false, status: { code: 422, reason: 'Invalid', message: 'nope', details: { causes: [{ field: 'data.a' }] } } },
  );
  await using world = await testServer();
  await register(world, hooks, 'validating', 'v1');
  const { status, json } = await world.ask('POST', CONFIG, { metadata: { name: 'a' } });
  assert.deepEqual([status, json.reason, json.details.causes], [422, 'Invalid', [{ field: 'data.a' }]]);
  assert.equal(json.message, 'admission webhook "v1.hooks.ex.io" denied the request: nope');
  const silent = await world.ask('POST', CONFIG, { metadata: { name: 'silent' } });
  assert.deepEqual([silent.status, silent.json.message], [400, 'admission webhook "v1.hooks.ex.io" denied the request without explanation']);
  assert.equal((await world.ask('GET', `${CONFIG}/a`)).status, 404);
});

test('webhooks see who writes what, before and after, and the last finalizer taken off as an update', async () => {
  await using hooks = await hookServer(() => ({ allowed: true, warnings: ['mind the gap'] }));
  await using world = await testServer();
  await register(world, hooks, 'validating', 'v1');
  const made = await world.ask('POST', `${CONFIG}?dryRun=All&fieldManager=me`, { metadata: { name: 'a', finalizers: ['ex.io/f'] }, data: { k: '1' } });
  assert.equal(made.headers['warning'], '299 - "mind the gap"');
  await world.ask('POST', CONFIG, { metadata: { name: 'a', finalizers: ['ex.io/f'] }, data: { k: '1' } });
  await world.ask('PATCH', `${CONFIG}/a`, { data: { k: '2' } }, PATCH.merge);
  await world.ask('DELETE', `${CONFIG}/a`);
  await world.ask('PATCH', `${CONFIG}/a`, { metadata: { finalizers: null } }, PATCH.merge);
  assert.deepEqual(
    hooks.asked.map(({ operation, dryRun, object, oldObject }) => [operation, dryRun, object?.data.k, oldObject?.data.k]),
    [
      ['CREATE', true, '1', undefined],
      ['CREATE', false, '1', undefined],
      ['UPDATE', false, '2', '1'],
      ['DELETE', false, undefined, '2'],
      ['UPDATE', false, '2', '2'],
    ],
  );
  const [first] = hooks.asked;
  assert.equal(first!.path, '/v1?timeout=10s');
  assert.deepEqual(first!['options'], { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', dryRun: ['All'], fieldManager: 'me', fieldValidation: 'Warn' });
  assert.deepEqual(
    [first!['kind'], first!['resource']],
    [
      { group: '', version: 'v1', kind: 'ConfigMap' },
      { group: '', version: 'v1', resource: 'configmaps' },
    ],
  );
  assert.deepEqual([first!['namespace'], first!['name'], first!['userInfo'].username], ['default', 'a', 'admin']);
  assert.equal((await world.ask('GET', `${CONFIG}/a`)).status, 404);
});

test('mutating webhooks run by name, each sees what the one before did, and the first is asked again when it wants that', async () => {
  await using hooks = await hookServer(({ object }, path) => {
    const seen = object.data?.seen ?? '';
    return patch({ op: 'add', path: '/data', value: { ...object.data, seen: seen + path[1]! } });
  });
  await using world = await testServer();
  await register(world, hooks, 'mutating', 'b');
  await register(world, hooks, 'mutating', 'a', { reinvocationPolicy: 'IfNeeded' });
  await register(world, hooks, 'mutating', 'c', { objectSelector: { matchLabels: { x: 'y' } } });
  const made = await world.ask('POST', CONFIG, { metadata: { name: 'a' } });
  assert.equal(made.json.data.seen, 'aba');
});

test('what a webhook makes of an object is checked and filled in like what a client sends; status is not its to write', async () => {
  await using hooks = await hookServer(({ operation }) => {
    if (operation === 'CREATE') return patch({ op: 'replace', path: '/spec/size', value: 70 });
    return patch({ op: 'add', path: '/status', value: { size: 9 } }, { op: 'replace', path: '/spec/size', value: 7 });
  });
  await using world = await testServer();
  await world.ask('POST', DEFINITIONS, thingDefinition());
  await world.ask('POST', THINGS, { ...THING, metadata: { name: 't' }, spec: {} });
  await register(world, hooks, 'mutating', 'm', { rules: [{ ...RULE, apiGroups: ['ex.io'], resources: ['things'], operations: ['CREATE', 'UPDATE'] }] });
  const wrong = await world.ask('POST', THINGS, { ...THING, metadata: { name: 'u' }, spec: {} });
  assert.equal(wrong.status, 422, wrong.text);
  const changed = await world.ask('PATCH', `${THINGS}/t`, { metadata: { labels: { a: 'b' } } }, PATCH.merge);
  assert.deepEqual([changed.json.spec.size, changed.json.status, changed.json.metadata.generation], [7, undefined, 2]);
  assert.equal(hooks.asked.at(-1)!['object'].spec.size, 3);
});

test('a webhook that fails stops the write or is passed over, as it says; a slow one has as long as it says', async () => {
  await using hooks = await hookServer((_request, path) => (path.startsWith('/slow') ? 'silence' : { status: 500, text: 'boom' }));
  await using world = await testServer();
  await register(world, hooks, 'validating', 'ignored', { failurePolicy: 'Ignore' });
  assert.equal((await world.ask('POST', CONFIG, { metadata: { name: 'a' } })).status, 201);
  await register(world, hooks, 'validating', 'failing');
  const failed = await world.ask('POST', CONFIG, { metadata: { name: 'b' } });
  const text = 'failed to call webhook: an error on the server ("boom") has prevented the request from succeeding';
  assert.deepEqual([failed.status, failed.json.message], [500, `Internal error occurred: failed calling webhook "failing.hooks.ex.io": ${text}`]);
  await world.ask('DELETE', `${GROUP}/validatingwebhookconfigurations/failing`);
  await register(world, hooks, 'validating', 'slow', { timeoutSeconds: 1 });
  const before = hooks.asked.length;
  const slow = world.ask('POST', CONFIG, { metadata: { name: 'c' } });
  while (!hooks.asked.slice(before).some(({ path }) => path.startsWith('/slow'))) await new Promise<void>((resolve) => setImmediate(resolve));
  await world.clock.advance(1000);
  const late = await slow;
  assert.equal(late.status, 500);
  assert.match(late.json.message, /failed to call webhook: Post "https:\/\/127\.0\.0\.1:\d+\/slow\?timeout=1s": context deadline exceeded$/);
});

test('an answer to another question, or a certificate that the bundle does not sign, is no answer', async () => {
  await using hooks = await hookServer(() => ({ allowed: true, uid: 'x' }));
  await using others = await hookServer(() => ({ allowed: true }));
  await using world = await testServer();
  await register(world, hooks, 'validating', 'v1');
  const wrong = await world.ask('POST', CONFIG, { metadata: { name: 'a' } });
  assert.match(wrong.json.message, /"v1\.hooks\.ex\.io": received invalid webhook response: expected response\.uid="[-0-9a-f]{36}", got "x"$/);
  await world.ask('DELETE', `${GROUP}/validatingwebhookconfigurations/v1`);
  await register(world, hooks, 'validating', 'v2', { clientConfig: { url: hooks.url, caBundle: others.caBundle } });
  const untrusted = await world.ask('POST', CONFIG, { metadata: { name: 'a' } });
  assert.match(untrusted.json.message, /failed to call webhook: Post ".*": .*certificate/);
});

test('a webhook behind a service is reached through the cluster, by TLS with the name of the service', async () => {
  await using hooks = await hookServer(() => ({ allowed: false, status: { message: 'no' } }));
  await using world = await testServer({ network: () => hooks.network });
  const service = { namespace: 'default', name: 'hooks', port: 8443, path: '/in' };
  await register(world, hooks, 'validating', 'v1', { clientConfig: { service, caBundle: hooks.caBundle } });
  const refused = await world.ask('POST', CONFIG, { metadata: { name: 'a' } });
  assert.equal(refused.json.message, 'admission webhook "v1.hooks.ex.io" denied the request: no');
  assert.equal(hooks.asked[0]!.path, '/in?timeout=10s');
  await using alone = await testServer();
  await register(alone, hooks, 'validating', 'v1', { clientConfig: { service, caBundle: hooks.caBundle } });
  const lost = await alone.ask('POST', CONFIG, { metadata: { name: 'a' } });
  assert.match(lost.json.message, /Post "https:\/\/hooks\.default\.svc:8443\/in\?timeout=10s": .*this server is on no network$/);
});

test('rules say what is asked about: subresources, scope, namespaces, deletions; configurations themselves never', async () => {
  await using hooks = await hookServer(() => ({ allowed: true }));
  await using world = await testServer();
  await world.ask('POST', DEFINITIONS, thingDefinition());
  await world.ask('POST', '/api/v1/namespaces', { metadata: { name: 'dark', labels: { hooks: 'off' } } });
  const all = { apiGroups: ['*'], apiVersions: ['*'], operations: ['*'] };
  await register(world, hooks, 'validating', 'parts', { rules: [{ ...all, apiGroups: ['ex.io'], resources: ['*/scale', 'things/status'] }] });
  await register(world, hooks, 'validating', 'lit', {
    rules: [{ ...RULE, scope: 'Namespaced' }],
    namespaceSelector: { matchExpressions: [{ key: 'hooks', operator: 'NotIn', values: ['off'] }] },
  });
  await register(world, hooks, 'validating', 'wide', { rules: [{ ...all, resources: ['*'], scope: 'Cluster' }] });
  await world.ask('POST', THINGS, { ...THING, metadata: { name: 't' }, spec: {} });
  await world.ask('PATCH', `${THINGS}/t/scale`, { spec: { replicas: 5 } }, PATCH.merge);
  await world.ask('PATCH', `${THINGS}/t/status`, { status: { size: 1 } }, PATCH.merge);
  await world.ask('POST', '/api/v1/namespaces/dark/configmaps', { metadata: { name: 'a' } });
  await world.ask('POST', CONFIG, { metadata: { name: 'a' } });
  await world.ask('DELETE', `${CONFIG}?labelSelector=a%21%3Db`);
  await world.ask('POST', '/api/v1/namespaces', { metadata: { name: 'n' } });
  assert.deepEqual(
    hooks.asked.map(({ path, operation, kind, subResource = '', name }) => [path.split('?')[0], operation, kind.kind, subResource, name]),
    [
      ['/parts', 'UPDATE', 'Scale', 'scale', 't'],
      ['/parts', 'UPDATE', 'Thing', 'status', 't'],
      ['/lit', 'CREATE', 'ConfigMap', '', 'a'],
      ['/lit', 'DELETE', 'ConfigMap', '', 'a'],
      ['/wide', 'CREATE', 'Namespace', '', 'n'],
    ],
  );
  assert.deepEqual([hooks.asked[0]!['object'].spec, hooks.asked[0]!['oldObject'].spec], [{ replicas: 5 }, { replicas: 3 }]);
});

test('a webhook may refuse a deletion and may not change what is deleted', async () => {
  await using hooks = await hookServer(({ name }) =>
    name === 'kept' ? { allowed: false, status: { message: 'in use' } } : patch({ op: 'add', path: '/data', value: {} }),
  );
  await using world = await testServer();
  for (const name of ['kept', 'other']) await world.ask('POST', CONFIG, { metadata: { name } });
  await register(world, hooks, 'mutating', 'm', { rules: [{ ...RULE, operations: ['DELETE'] }] });
  const kept = await world.ask('DELETE', `${CONFIG}/kept`);
  assert.equal(kept.json.message, 'admission webhook "m.hooks.ex.io" denied the request: in use');
  const other = await world.ask('DELETE', `${CONFIG}/other`);
  assert.equal(other.status, 500);
  assert.match(other.json.message, /attempted to modify the object, which is not supported for this operation$/);
});

test('what would not be obeyed is refused when it is written, and so is what the real server refuses', async () => {
  await using hooks = await hookServer(() => ({ allowed: true }));
  await using world = await testServer();
  const refusal = async (change: object) => {
    const webhooks = [{ ...STRICT, name: 'v1.hooks.ex.io', clientConfig: { url: hooks.url }, ...change }];
    return (await world.ask('POST', `${GROUP}/validatingwebhookconfigurations`, { metadata: { name: 'h' }, webhooks })).json.message;
  };
  assert.match(
    await refusal({ matchConditions: [{ name: 'a', expression: "authorizer.path('/x').check('get').allowed()" }] }),
    /webhooks\[0\]\.matchConditions\[0\]\.expression: Invalid value: .*this server has no authorizer in expressions/,
  );
  assert.match(await refusal({ clientConfig: { url: 'https://example.com/' } }), /clientConfig\.url: Invalid value: .*on loopback and behind services only/);
  assert.match(await refusal({ clientConfig: { url: 'http://127.0.0.1/' } }), /'https' is the only allowed URL scheme/);
  assert.match(await refusal({ sideEffects: 'Some' }), /sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"/);
  assert.match(await refusal({ timeoutSeconds: 31 }), /timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds/);
  assert.match(await refusal({ name: 'v1' }), /should be a domain with at least three segments/);
  const binding = await world.ask('POST', `${GROUP}/mutatingadmissionpolicybindings`, { metadata: { name: 'b' }, spec: { policyName: 'p' } });
  assert.match(binding.json.message, /this server evaluates no mutating admission policies/);
});
