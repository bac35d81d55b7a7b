import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONFIG, DEFINITIONS, PATCH, testServer, THING, thingDefinition, THINGS } from './server.ts';

test('what the server decides is not taken from the client, and a version on a new object is refused as in Kubernetes', async () => {
  await using world = await testServer();
  const made = await world.ask('POST', CONFIG, { metadata: { name: 'a', uid: 'mine', creationTimestamp: '2001-01-01T00:00:00Z' }, data: { x: '1' } });
  assert.equal(made.status, 201);
  assert.notEqual(made.json.metadata.uid, 'mine');
  assert.equal(made.json.metadata.creationTimestamp, '2026-01-01T00:00:00Z');
  const refused = await world.ask('POST', CONFIG, { metadata: { name: 'b', resourceVersion: '5' } });
  assert.deepEqual([refused.status, refused.json.message], [500, 'resourceVersion should not be set on objects to be created']);
  const again = await world.ask('POST', CONFIG, { metadata: { name: 'a' } });
  assert.deepEqual([again.status, again.json.reason, again.json.message], [409, 'AlreadyExists', 'configmaps "a" already exists']);
  const nowhere = await world.ask('POST', '/api/v1/namespaces/nope/configmaps', { metadata: { name: 'a' } });
  assert.deepEqual([nowhere.status, nowhere.json.message], [404, 'namespaces "nope" not found']);
});

test('what is odd and allowed is told in a Warning, for a built-in kind and for finalizers of a custom one', async () => {
  await using world = await testServer();
  const job = { metadata: { name: 'a.b' }, spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i' }] } } } };
  const { status, headers } = await world.ask('POST', '/apis/batch/v1/namespaces/default/jobs', job);
  assert.deepEqual([status, headers['warning']?.includes('a DNS label is recommended')], [201, true]);
  await world.ask('POST', DEFINITIONS, thingDefinition());
  const thing = { ...THING, metadata: { name: 'a', finalizers: ['mine', 'ex.io/mine'] } };
  const made = await world.ask('POST', THINGS, thing);
  assert.match(made.headers['warning']!, /^299 - "metadata.finalizers: \\"mine\\": prefer a domain-qualified finalizer name to avoid/);
  assert.equal((await world.ask('PUT', `${THINGS}/a`, { ...made.json, spec: { size: 4 } })).headers['warning'], undefined);
});

test('a null in what an apply makes of a custom kind is of the wrong type', async () => {
  await using world = await testServer();
  await world.ask('POST', DEFINITIONS, thingDefinition());
  const { status, json } = await world.ask('PATCH', `${THINGS}/a?fieldManager=me`, { ...THING, metadata: { name: 'a' }, spec: null }, PATCH.apply);
  assert.deepEqual([status, json.details.causes.map(({ reason, field }: any) => `${reason} ${field}`)], [422, ['FieldValueTypeInvalid spec']]);
});

test('what a merge patch says is null is gone also in objects of a list, unless the list replaces an object', async () => {
  await using world = await testServer();
  const bag = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  await world.ask('POST', DEFINITIONS, thingDefinition({ any: bag }));
  await world.ask('POST', THINGS, { ...THING, metadata: { name: 'a' } });
  const patch = async (any: object) => (await world.ask('PATCH', `${THINGS}/a`, { spec: { any } }, PATCH.merge)).json.spec.any;
  assert.deepEqual(await patch({ list: [1, { a: null, b: 2 }] }), { list: [1, { b: 2 }] });
  assert.deepEqual(await patch({ list: { c: 1 } }), { list: { c: 1 } });
  assert.deepEqual(await patch({ list: [{ a: null, b: 2 }] }), { list: [{ a: null, b: 2 }] });
});

test('claims of a StatefulSet are held to the rules of claims, and those without a name are no volumes', async () => {
  await using world = await testServer();
  const labels = { app: 'x' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { selector: { matchLabels: labels }, serviceName: 's', template, volumeClaimTemplates: [null] };
  const { status, json } = await world.ask('POST', '/apis/apps/v1/namespaces/default/statefulsets', { metadata: { name: 'a' }, spec });
  assert.deepEqual(
    [status, ...json.details.causes.map(({ field }: any) => field).toSorted()],
    [
      422,
      'spec.template.spec.volumes[0].name',
      'spec.template.spec.volumes[0].persistentVolumeClaim.claimName',
      'spec.volumeClaimTemplates[0].spec.accessModes',
      'spec.volumeClaimTemplates[0].spec.resources[storage]',
    ],
  );
});

test('a write that changes nothing is none: same version, no event', async () => {
  await using world = await testServer();
  const { json } = await world.ask('POST', CONFIG, { metadata: { name: 'a' }, data: { x: '1' } });
  await using events = world.watch(`${CONFIG}?watch=true&resourceVersion=${json.metadata.resourceVersion}`);
  const next = events.next();
  await world.ask('PUT', `${CONFIG}/a`, json);
  await world.ask('PATCH', `${CONFIG}/a`, { data: { x: '1' } }, PATCH.merge);
  await world.ask('PATCH', `${CONFIG}/a`, { data: { x: '1' } }, PATCH.strategic);
  assert.equal((await world.ask('GET', `${CONFIG}/a`)).json.metadata.resourceVersion, json.metadata.resourceVersion);
  await world.ask('PATCH', `${CONFIG}/a`, [{ op: 'replace', path: '/data/x', value: '2' }], PATCH.json);
  assert.equal((await next).value.object.data.x, '2');
});

test('who wrote with an old version is told so, and a hundred who try again all get through', async () => {
  await using world = await testServer();
  const first = (await world.ask('POST', CONFIG, { metadata: { name: 'n' }, data: { count: '0' } })).json;
  await world.ask('PATCH', `${CONFIG}/n`, { data: { other: 'x' } }, PATCH.merge);
  const stale = await world.ask('PUT', `${CONFIG}/n`, first);
  assert.equal(stale.status, 409);
  assert.match(stale.json.message, /^Operation cannot be fulfilled on configmaps "n": the object has been modified; please apply your changes/);
  const increment = async (): Promise<void> => {
    for (;;) {
      const { json } = await world.ask('GET', `${CONFIG}/n`);
      const answer = await world.ask('PUT', `${CONFIG}/n`, { ...json, data: { count: String(Number(json.data.count) + 1) } });
      if (answer.status === 200) return;
      assert.equal(answer.status, 409);
    }
  };
  await Promise.all(Array.from({ length: 100 }, increment));
  assert.equal((await world.ask('GET', `${CONFIG}/n`)).json.data.count, '100');
});

test('unknown and doubled fields are dropped with a warning, or refused when the client is strict', async () => {
  await using world = await testServer();
  const warned = await world.ask('POST', CONFIG, { metadata: { name: 'a', bar: 1 }, foo: 1 });
  assert.equal(warned.status, 201);
  assert.equal(warned.headers['warning'], '299 - "unknown field \\"metadata.bar\\"", 299 - "unknown field \\"foo\\""');
  assert.equal('foo' in warned.json, false);
  const strict = await world.ask('POST', `${CONFIG}?fieldValidation=Strict`, { metadata: { name: 'b' }, foo: 1 });
  assert.equal(strict.status, 400);
  assert.match(strict.json.message, /strict decoding error: unknown field "foo"$/);
  const wrong = await world.ask('POST', CONFIG, { metadata: { name: 'b' }, data: 5 });
  assert.match(wrong.json.message, /json: cannot unmarshal number into Go struct field ConfigMap.data of type map\[string\]string$/);
});

test('a dry run answers what would be, and leaves no trace', async () => {
  await using world = await testServer();
  const made = await world.ask('POST', `${CONFIG}?dryRun=All`, { metadata: { name: 'a' } });
  assert.equal(made.status, 201);
  assert.equal(made.json.metadata.resourceVersion, undefined);
  assert.equal((await world.ask('GET', `${CONFIG}/a`)).status, 404);
  const odd = await world.ask('POST', `${CONFIG}?dryRun=Some`, { metadata: { name: 'a' } });
  assert.equal(odd.status, 422);
});

test('names are made of a base and five letters that spell nothing', async () => {
  await using world = await testServer();
  const made = await Promise.all(Array.from({ length: 20 }, () => world.ask('POST', CONFIG, { metadata: { generateName: 'job-' } })));
  for (const { json } of made) assert.match(json.metadata.name, /^job-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  assert.equal(new Set(made.map(({ json }) => json.metadata.name)).size, 20);
});

test('finalizers hold an object that is being deleted, and the last one to go takes it along', async () => {
  await using world = await testServer();
  await world.ask('POST', CONFIG, { metadata: { name: 'f', finalizers: ['ex.io/f'] } });
  const marked = await world.ask('DELETE', `${CONFIG}/f`);
  assert.deepEqual([marked.json.kind, marked.json.metadata.deletionGracePeriodSeconds], ['ConfigMap', 0]);
  const twice = await world.ask('DELETE', `${CONFIG}/f`);
  assert.equal(twice.json.metadata.resourceVersion, marked.json.metadata.resourceVersion);
  const added = await world.ask('PATCH', `${CONFIG}/f`, { metadata: { finalizers: ['ex.io/f', 'ex.io/g'] } }, PATCH.merge);
  assert.equal(added.status, 422);
  assert.match(added.json.message, /no new finalizers can be added if the object is being deleted, found new finalizers \[\]string\{"ex.io\/g"\}/);
  const freed = await world.ask('PATCH', `${CONFIG}/f`, { metadata: { finalizers: null } }, PATCH.merge);
  assert.equal(freed.json.metadata.resourceVersion, marked.json.metadata.resourceVersion);
  assert.equal((await world.ask('GET', `${CONFIG}/f`)).status, 404);
  assert.deepEqual((await world.ask('DELETE', `${CONFIG}/f`)).json.details, { name: 'f', kind: 'configmaps' });
});

test('a precondition that names another object saves the one that is there', async () => {
  await using world = await testServer();
  await world.ask('POST', CONFIG, { metadata: { name: 'a' } });
  const refused = await world.ask('DELETE', `${CONFIG}/a`, { preconditions: { uid: 'nope' } });
  assert.equal(refused.status, 409);
  assert.match(refused.json.message, /^Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition \(nope\) does not match the UID in record/);
  assert.equal((await world.ask('DELETE', `${CONFIG}/a`)).json.status, 'Success');
});

test('a pod on a node gets its grace period, one on no node goes at once', async () => {
  await using world = await testServer();
  const pods = '/api/v1/namespaces/default/pods';
  const pod = (name: string, nodeName?: string) => ({
    metadata: { name },
    spec: { containers: [{ name: 'c', image: 'x' }], ...(nodeName === undefined ? {} : { nodeName }) },
  });
  await world.ask('POST', pods, pod('waiting'));
  await world.ask('POST', pods, pod('placed', 'node-1'));
  assert.equal((await world.ask('DELETE', `${pods}/waiting`)).json.kind, 'Pod');
  assert.equal((await world.ask('GET', `${pods}/waiting`)).status, 404);
  const marked = (await world.ask('DELETE', `${pods}/placed`)).json.metadata;
  assert.deepEqual([marked.deletionGracePeriodSeconds, marked.deletionTimestamp], [30, '2026-01-01T00:00:30Z']);
  const shorter = (await world.ask('DELETE', `${pods}/placed`, { gracePeriodSeconds: 5 })).json.metadata;
  assert.deepEqual([shorter.deletionGracePeriodSeconds, shorter.deletionTimestamp], [5, '2026-01-01T00:00:05Z']);
  assert.equal((await world.ask('DELETE', `${pods}/placed`, { gracePeriodSeconds: 20 })).json.metadata.deletionGracePeriodSeconds, 5);
  await world.ask('DELETE', `${pods}/placed?gracePeriodSeconds=0`);
  assert.equal((await world.ask('GET', `${pods}/placed`)).status, 404);
});

test('server-side apply makes an object, keeps what others own, and says who stands in the way', async () => {
  await using world = await testServer();
  const apply = (manager: string, data: object, force = false) =>
    world.ask(
      'PATCH',
      `${CONFIG}/s?fieldManager=${manager}&force=${force}`,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 's' }, data },
      PATCH.apply,
    );
  assert.equal((await apply('one', { a: '1' })).status, 201);
  assert.equal((await apply('two', { b: '2' })).status, 200);
  const conflict = await apply('two', { a: '9', b: '2' });
  assert.deepEqual([conflict.status, conflict.json.message], [409, 'Apply failed with 1 conflict: conflict with "one": .data.a']);
  assert.deepEqual((await apply('two', { a: '9' }, true)).json.data, { a: '9' });
  const nobody = await world.ask('PATCH', `${CONFIG}/s`, { apiVersion: 'v1', kind: 'ConfigMap' }, PATCH.apply);
  assert.match(nobody.json.message, /fieldManager: Required value: is required for apply patch/);
});

test('a body in a format that is not read is refused, with those that are', async () => {
  await using world = await testServer();
  const refused = await world.ask('POST', CONFIG, {}, { 'content-type': 'application/cbor' });
  assert.equal(refused.status, 415);
  assert.match(
    refused.json.message,
    /^the body of the request was in an unknown format - accepted media types include: application\/json, application\/yaml, .*protobuf$/,
  );
});

test('a namespace on its way out takes nothing new, and goes when its own finalizer does', async () => {
  await using world = await testServer();
  await world.ask('POST', '/api/v1/namespaces', { metadata: { name: 'old' } });
  const marked = (await world.ask('DELETE', '/api/v1/namespaces/old')).json;
  assert.equal(marked.status.phase, 'Terminating');
  const refused = await world.ask('POST', '/api/v1/namespaces/old/configmaps', { metadata: { name: 'g' } });
  assert.equal(refused.status, 403);
  assert.match(refused.json.message, /^configmaps "g" is forbidden: unable to create new content in namespace old because it is being terminated$/);
  await world.ask('PUT', '/api/v1/namespaces/old/finalize', { ...marked, spec: { finalizers: [] } });
  assert.equal((await world.ask('GET', '/api/v1/namespaces/old')).status, 404);
  assert.equal((await world.ask('DELETE', '/api/v1/namespaces/default')).json.message, 'namespaces "default" is forbidden: this namespace may not be deleted');
});

test('a method that makes no sense on a path is refused, whether the path is known or not', async () => {
  await using world = await testServer();
  const status = async (method: 'POST' | 'PUT' | 'PATCH' | 'GET', path: string) =>
    (await world.ask(method, path, method === 'GET' ? undefined : {}, PATCH.merge)).status;
  assert.deepEqual([await status('PUT', CONFIG), await status('PATCH', CONFIG), await status('POST', `${CONFIG}/a`)], [405, 405, 405]);
  const unknown = await world.ask('GET', '/api/v1/namespaces/default/nothings');
  assert.deepEqual([unknown.status, unknown.json.message], [404, 'the server could not find the requested resource']);
  assert.equal((await world.ask('GET', '/apis/no.such.group/v1/things')).text, '404 page not found\n');
});
