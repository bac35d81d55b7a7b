import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needs, openTarget } from '../target.ts';
import { hooks, patching } from './hooks.ts';
import { done, PATCH, spec, thing, things } from './requests.ts';

const target = await openTarget();
const loopback = needs(target, 'loopback');

test('59. a webhook that says no is quoted, with its code and details; one that gives none is a 400', loopback, async () => {
  await using ns = await target.namespace();
  await using server = await hooks(({ name }) =>
    name === 'silent'
      ? { allowed: false }
      : { allowed: false, status: { code: 422, reason: 'Invalid', message: 'nope', details: { causes: [{ field: 'data.a' }] } } },
  );
  await server.install(target, ns, 'validating', 'v1');
  const { status, json } = await target.ask('POST', ns.path('configmaps'), { body: { metadata: { name: 'a' } } });
  assert.deepEqual([status, json.reason, json.details.causes], [422, 'Invalid', [{ field: 'data.a' }]]);
  assert.equal(json.message, 'admission webhook "v1.hooks.example.com" denied the request: nope');
  const silent = await target.ask('POST', ns.path('configmaps'), { body: { metadata: { name: 'silent' } } });
  assert.deepEqual([silent.status, silent.json.message], [400, 'admission webhook "v1.hooks.example.com" denied the request without explanation']);
});

test('59. webhooks see who writes what, before and after; a dry run says so; the last finalizer taken off is an update', loopback, async () => {
  await using ns = await target.namespace();
  await using server = await hooks(() => ({ allowed: true, warnings: ['mind the gap'] }));
  await server.install(target, ns, 'validating', 'v1');
  const maps = ns.path('configmaps');
  const body = { metadata: { name: 'a', finalizers: ['ex.io/f'] }, data: { k: '1' } };
  const made = await target.ask('POST', `${maps}?dryRun=All&fieldManager=me`, { body });
  assert.equal(made.headers['warning'], '299 - "mind the gap"');
  await done(target, 'POST', maps, body);
  await done(target, 'PATCH', `${maps}/a`, { data: { k: '2' } }, PATCH.merge);
  await done(target, 'DELETE', `${maps}/a`);
  await done(target, 'PATCH', `${maps}/a`, { metadata: { finalizers: null } }, PATCH.merge);
  const mine = server.asked.filter(({ name }) => name === 'a');
  assert.deepEqual(
    mine.slice(0, 4).map(({ operation, dryRun, object, oldObject }) => [operation, dryRun, object?.data.k, oldObject?.data.k]),
    [
      ['CREATE', true, '1', undefined],
      ['CREATE', false, '1', undefined],
      ['UPDATE', false, '2', '1'],
      ['DELETE', false, undefined, '2'],
    ],
  );
  assert.equal(mine[4]!['operation'], 'UPDATE');
  const [first] = mine;
  assert.equal(first!.path, '/v1?timeout=10s');
  assert.deepEqual(first!['resource'], { group: '', version: 'v1', resource: 'configmaps' });
  assert.deepEqual([first!['namespace'], first!['options'].fieldManager], [ns.name, 'me']);
  assert.ok(first!['userInfo'].groups.includes('system:masters'));
});

test('59. mutating webhooks run by name, each sees what the one before did, and who wants it is asked again', loopback, async () => {
  await using ns = await target.namespace();
  await using server = await hooks(({ object }, path) => {
    const seen = object.data?.seen ?? '';
    return patching({ op: 'add', path: '/data', value: { ...object.data, seen: seen + path[1]! } });
  });
  const each = { objectSelector: { matchExpressions: [{ key: 'never', operator: 'DoesNotExist' }] } };
  await server.install(target, ns, 'mutating', 'b', each);
  await server.install(target, ns, 'mutating', 'a', { ...each, reinvocationPolicy: 'IfNeeded' });
  const made = await done(target, 'POST', ns.path('configmaps'), { metadata: { name: 'x' } });
  assert.equal(made.data.seen, 'aba');
  assert.equal((await target.ask('POST', ns.path('configmaps'), { body: { metadata: { name: 'Bad_Name' } } })).status, 422);
  assert.ok(
    server.asked.some(({ name }) => name === 'Bad_Name'),
    'what is wrong with an object is looked at after it was changed',
  );
});

test('59. a name that is to be generated is not there yet for those who may change the object; for those who judge it is', loopback, async () => {
  await using ns = await target.namespace();
  await using server = await hooks(() => ({ allowed: true }));
  await server.install(target, ns, 'mutating', 'early');
  await server.install(target, ns, 'validating', 'late');
  await done(target, 'POST', ns.path('configmaps'), { metadata: { generateName: 'g-' } });
  const isMade = (name: string | undefined) => /^g-\w{5}$/.test(name ?? '');
  const asked = server.asked.map(({ path, name, object }) => [path.split('?')[0], isMade(name), isMade(object.metadata.name)]);
  assert.deepEqual(asked, [
    ['/early', false, false],
    ['/late', true, true],
  ]);
});

test('45. what a webhook adds belongs to nobody', loopback, async () => {
  await using ns = await target.namespace();
  await using server = await hooks(() => patching({ op: 'add', path: '/data/added', value: 'by-webhook' }));
  await server.install(target, ns, 'mutating', 'm');
  const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { x: '1' } };
  const applied = await done(target, 'PATCH', `${ns.path('configmaps')}/a?fieldManager=me`, body, PATCH.apply);
  assert.deepEqual(applied.data, { x: '1', added: 'by-webhook' });
  assert.deepEqual(
    applied.metadata.managedFields.map((entry: any) => [entry.manager, entry.fieldsV1]),
    [['me', { 'f:data': { 'f:x': {} } }]],
  );
});

test('50. a null that a webhook’s patch leaves in a custom resource is refused', loopback, async () => {
  await using ns = await target.namespace();
  await using custom = await things(target, { properties: spec({ size: { type: 'integer' }, filled: { type: 'string', default: 'd' } }) });
  await using server = await hooks(({ name }) => patching({ op: 'add', path: `/spec/${name}`, value: null }));
  const probed = { apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['*'] };
  await server.install(target, ns, 'mutating', 'v1', { rules: [probed, { ...probed, apiGroups: [custom.group], resources: ['things'] }] });
  const post = (name: string) => target.ask('POST', custom.path(ns.name), { body: thing(custom, name, { spec: {} }) });
  assert.deepEqual((await post('filled')).json.spec, { filled: 'd' });
  const refused = await post('size');
  assert.deepEqual([refused.status, refused.json.details?.causes[0].field], [422, 'spec.size']);
});

test('59. a webhook that fails stops the request, or is passed over, as its policy says', loopback, async () => {
  await using ns = await target.namespace();
  await using server = await hooks((_request, path) => (path.startsWith('/slow') ? 'silence' : { status: 500, text: 'broken' }));
  // Each is asked for its own object, and for those that are nobody's.
  const names = ['strict', 'slow', 'lenient'];
  const own = (name: string) => ({
    objectSelector: { matchExpressions: [{ key: 'for', operator: 'NotIn', values: names.filter((other) => other !== name) }] },
  });
  const labelled = (name: string) => ({ metadata: { name, labels: { for: name } } });
  await server.install(target, ns, 'validating', 'strict', own('strict'));
  await server.install(target, ns, 'validating', 'lenient', { ...own('lenient'), failurePolicy: 'Ignore' });
  await server.install(target, ns, 'validating', 'slow', { ...own('slow'), timeoutSeconds: 1, failurePolicy: 'Ignore' });
  const strict = await target.ask('POST', ns.path('configmaps'), { body: labelled('strict') });
  assert.equal(strict.status, 500);
  assert.match(strict.json.message, /^Internal error occurred: failed calling webhook "strict\.hooks\.example\.com": failed to call webhook: /);
  assert.equal((await target.ask('POST', ns.path('configmaps'), { body: labelled('lenient') })).status, 201);
  const began = performance.now();
  assert.equal((await target.ask('POST', ns.path('configmaps'), { body: labelled('slow') })).status, 201);
  assert.ok(performance.now() - began > 900, 'a webhook that says nothing costs its time');
});

test('59. answers that make no sense are errors of the server: another’s uid, a patch that does not fit, a patch of a deletion', loopback, async () => {
  await using ns = await target.namespace();
  await using server = await hooks(({ name, operation }) => {
    if (operation === 'DELETE') return patching({ op: 'add', path: '/data', value: {} });
    if (name === 'uid') return { allowed: true, uid: 'x' };
    if (name === 'patch') return patching({ op: 'remove', path: '/data/none/at/all' });
    if (name === 'type') return { allowed: true, patch: Buffer.from('[]').toString('base64') };
    return { allowed: true };
  });
  await server.install(target, ns, 'mutating', 'm');
  const post = async (name: string) => await target.ask('POST', ns.path('configmaps'), { body: { metadata: { name } } });
  const uid = await post('uid');
  assert.equal(uid.status, 500);
  assert.match(uid.json.message, /expected response\.uid="[^"]+", got "x"/);
  assert.equal((await post('patch')).status, 500);
  assert.equal((await post('type')).status, 500);
  assert.equal((await post('fine')).status, 201);
  const deletion = await target.ask('DELETE', `${ns.path('configmaps')}/fine`);
  assert.equal(deletion.status, 500);
  assert.match(deletion.json.message, /attempted to modify the object, which is not supported for this operation/);
});

test('59. match conditions: one that is false passes a webhook over; one without a value counts as the policy says', loopback, async () => {
  await using ns = await target.namespace();
  await using server = await hooks(() => ({ allowed: true }));
  const matchConditions = [
    { name: 'not-mine', expression: "request.operation == 'DELETE' || !has(object.data) || object.data.owner != 'me'" },
    { name: 'changed', expression: 'oldObject == null || object == null || object.data.size != oldObject.data.size' },
  ];
  await server.install(target, ns, 'validating', 'strict', { matchConditions });
  const maps = ns.path('configmaps');
  const change = (name: string, data: object) => target.ask('PATCH', `${maps}/${name}`, { body: { data }, headers: PATCH.merge });
  await done(target, 'POST', maps, { metadata: { name: 'mine' }, data: { owner: 'me' } });
  await done(target, 'POST', maps, { metadata: { name: 'other' }, data: { owner: 'you', size: '1' } });
  await done(target, 'PATCH', `${maps}/other`, { data: { owner: 'them' } }, PATCH.merge);
  await done(target, 'PATCH', `${maps}/other`, { data: { size: '2' } }, PATCH.merge);
  await done(target, 'DELETE', `${maps}/mine`);
  const asked = server.asked.map(({ name, operation }) => [name, operation]);
  assert.deepEqual(asked, [
    ['other', 'CREATE'],
    ['other', 'UPDATE'],
    ['mine', 'DELETE'],
  ]);
  await done(target, 'PATCH', `${maps}/other`, { data: { size: null, owner: 'me' } }, PATCH.merge);
  const lost = await change('other', { owner: 'you' });
  assert.deepEqual([lost.status, lost.json.reason], [403, 'Forbidden']);
  assert.match(lost.json.message, /^configmaps "other" is forbidden: expression '.*' resulted in error: no such key: size$/);
});

test('59. a match condition that cannot work is refused with its webhook', async () => {
  const webhook = {
    name: 'v1.hooks.example.com',
    clientConfig: { url: 'https://127.0.0.1:1/' },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['*'] }],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  };
  const causes = async (...matchConditions: readonly object[]) => {
    const body = { metadata: { name: 'never' }, webhooks: [{ ...webhook, matchConditions }] };
    const answer = await target.ask('POST', '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations?dryRun=All', { body });
    assert.equal(answer.status, 422, answer.text);
    return answer.json.details.causes.map(({ field, reason }: any) => [field.replace('webhooks[0].matchConditions', ''), reason]);
  };
  assert.deepEqual(await causes({ name: 'a', expression: 'request.verb == 1' }), [['[0].expression', 'FieldValueInvalid']]);
  assert.deepEqual(await causes({ name: 'a', expression: 'request.name' }), [['[0].expression', 'FieldValueInvalid']]);
  assert.deepEqual(await causes({ name: 'a', expression: 'variables.x == 1' }), [['[0].expression', 'FieldValueInvalid']]);
  assert.deepEqual(await causes({ expression: 'true' }), [['[0].name', 'FieldValueRequired']]);
  assert.deepEqual(await causes({ name: 'a', expression: 'true' }, { name: 'a', expression: 'true' }), [['[1].name', 'FieldValueDuplicate']]);
});
