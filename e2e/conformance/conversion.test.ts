import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../eventually.ts';
import { needs, openTarget } from '../target.ts';
import { converter, reviewed } from './converter.ts';
import { DEFINITIONS, done, newGroup, PATCH, spec, thing, thingDefinition, things, verdict } from './requests.ts';

const target = await openTarget();

test('56. several versions without conversion: one object under each, a warning where a version is on its way out', async () => {
  await using ns = await target.namespace();
  const schema = { openAPIV3Schema: { type: 'object', properties: spec({ a: { type: 'integer' } }) } };
  const wider = { openAPIV3Schema: { type: 'object', properties: spec({ a: { type: 'integer' }, b: { type: 'integer' } }) } };
  const versions = [
    { name: 'v1beta1', served: true, storage: false, deprecated: true, schema: wider },
    { name: 'v1', served: true, storage: true, schema },
    { name: 'v1alpha1', served: false, storage: false, schema },
  ];
  await using custom = await things(target, { properties: {}, versions });
  const old = await target.ask('POST', custom.path(ns.name, 'v1beta1'), { body: thing(custom, 'a', { spec: { a: 1 } }, 'v1beta1') });
  assert.deepEqual([old.status, old.json.apiVersion], [201, `${custom.group}/v1beta1`]);
  assert.equal(old.headers['warning'], `299 - "${custom.group}/v1beta1 Thing is deprecated; use ${custom.group}/v1 Thing"`);
  const now = await done(target, 'GET', `${custom.path(ns.name)}/a`);
  assert.deepEqual([now.apiVersion, now.spec, now.metadata.uid], [`${custom.group}/v1`, { a: 1 }, old.json.metadata.uid]);
  const lost = await done(target, 'POST', custom.path(ns.name, 'v1beta1'), thing(custom, 'c', { spec: { a: 1, b: 2 } }, 'v1beta1'));
  assert.deepEqual(lost.spec, { a: 1 }, 'a field that the stored version does not have is lost');
  const mixed = await target.ask('POST', custom.path(ns.name, 'v1beta1'), { body: thing(custom, 'b', {}) });
  const text = `the API version in the data (${custom.group}/v1) does not match the expected API version (${custom.group}/v1beta1)`;
  assert.deepEqual([mixed.status, mixed.json.message], [400, text]);
  assert.equal((await target.ask('GET', custom.path(ns.name, 'v1alpha1'))).status, 404);
  // Discovery gets round to one version after the other.
  const group = await eventually('both versions are discovered', async () => {
    const { json } = await target.ask('GET', `/apis/${custom.group}`);
    return json?.versions.length === 2 && json;
  });
  assert.equal(group.preferredVersion.version, 'v1');
});

/** Version `v1` has a host and a port, `v1beta1` both in one text. */
const hostVersions = (stored: string) =>
  (
    [
      ['v1', { host: { type: 'string' }, port: { type: 'string', default: '80' } }],
      ['v1beta1', { hostPort: { type: 'string' } }],
    ] as const
  ).map(([name, properties]) => ({
    name,
    served: true,
    storage: name === stored,
    schema: { openAPIV3Schema: { type: 'object', properties: spec(properties) } },
  }));

/** Converts as `hostVersions` needs it; says in an annotation from what, and adds a field that no version has. */
function convertHost({ spec: { host, port, hostPort = '' }, metadata, ...rest }: any, apiVersion: string): object {
  const [first, second] = hostPort.split(':');
  const spec = apiVersion.endsWith('/v1') ? { host: first, port: second, extra: 1 } : { hostPort: `${host}:${port}` };
  return { ...rest, apiVersion, metadata: { ...metadata, annotations: { from: rest.apiVersion.split('/')[1] } }, spec };
}

test('56. a webhook converts: what is written in one version is read in each, alone, in lists and by who watches', needs(target, 'loopback'), async () => {
  await using ns = await target.namespace();
  await using webhook = await converter(convertHost);
  await using custom = await things(target, { properties: {}, versions: hostVersions('v1'), spec: { conversion: webhook.conversion() } });
  const [now, old] = [custom.path(ns.name), custom.path(ns.name, 'v1beta1')];
  await using events = await target.watch(`${old}?watch=true`);

  const made = await done(target, 'POST', old, thing(custom, 'a', { spec: { hostPort: 'a:1' } }, 'v1beta1'));
  assert.deepEqual([made.apiVersion, made.spec], [`${custom.group}/v1beta1`, { hostPort: 'a:1' }]);
  const { objects, desiredAPIVersion } = webhook.asked[0]!;
  assert.deepEqual([desiredAPIVersion, objects.map((object) => object.spec)], [`${custom.group}/v1`, [{ hostPort: 'a:1' }]]);
  const read = await done(target, 'GET', `${now}/a`);
  assert.deepEqual([read.apiVersion, read.spec, read.metadata.annotations], [`${custom.group}/v1`, { host: 'a', port: '1' }, { from: 'v1beta1' }]);
  assert.deepEqual([read.metadata.uid, read.metadata.generation], [made.metadata.uid, 1]);
  // A default of the stored version is there before it is converted.
  await done(target, 'POST', now, thing(custom, 'b', { spec: { host: 'b' } }));
  assert.deepEqual((await done(target, 'GET', `${old}/b`)).spec, { hostPort: 'b:80' });
  const list = await done(target, 'GET', old);
  assert.deepEqual(
    list.items.map((item: any) => [item.apiVersion, item.spec.hostPort]),
    [
      [`${custom.group}/v1beta1`, 'a:1'],
      [`${custom.group}/v1beta1`, 'b:80'],
    ],
  );

  const replaced = await done(target, 'PATCH', `${old}/a`, { spec: { hostPort: 'a:2' } }, PATCH.merge);
  assert.deepEqual([replaced.spec, replaced.metadata.generation], [{ hostPort: 'a:2' }, 2]);
  assert.deepEqual((await done(target, 'GET', `${now}/a`)).spec, { host: 'a', port: '2' });
  await done(target, 'DELETE', `${old}/a`);
  const seen: unknown[] = [];
  while (seen.length < 4) {
    const { type, object } = (await events.next())!;
    if (type !== 'BOOKMARK') seen.push([type, object.apiVersion.split('/')[1], object.spec]);
  }
  assert.deepEqual(seen, [
    ['ADDED', 'v1beta1', { hostPort: 'a:1' }],
    ['ADDED', 'v1beta1', { hostPort: 'b:80' }],
    ['MODIFIED', 'v1beta1', { hostPort: 'a:2' }],
    ['DELETED', 'v1beta1', { hostPort: 'a:2' }],
  ]);

  await done(target, 'PATCH', custom.definition, { spec: { versions: hostVersions('v1beta1') } }, PATCH.merge);
  await eventually('both versions are stored', async () => (await done(target, 'GET', custom.definition)).status.storedVersions.length === 2);
  await eventually('what is stored has the other version', async () => {
    webhook.asked.length = 0;
    await done(target, 'POST', `${old}?dryRun=All`, thing(custom, 'c', { spec: { hostPort: 'c:1' } }, 'v1beta1'));
    return !webhook.asked.some((one) => one.objects.some((object) => object.spec.hostPort === 'c:1'));
  });
  assert.deepEqual((await done(target, 'GET', `${now}/b`)).spec, { host: 'b', port: '80' });
  assert.deepEqual((await done(target, 'GET', `${old}/b`)).spec, { hostPort: 'b:80' });
});

test('56. a webhook that does not convert fails the request, with the reason; metadata is not its own', needs(target, 'loopback'), async () => {
  await using ns = await target.namespace();
  await using webhook = await converter(convertHost);
  await using custom = await things(target, { properties: {}, versions: hostVersions('v1'), spec: { conversion: webhook.conversion() } });
  const [now, old] = [custom.path(ns.name), custom.path(ns.name, 'v1beta1')];
  const made = await done(target, 'POST', now, thing(custom, 'a', { spec: { host: 'a' } }));
  const from = `conversion webhook for ${custom.group}/v1, Kind=Thing`;
  const objects = (change: object) => (review: any) =>
    reviewed(review, { convertedObjects: review.request.objects.map((object: any) => ({ ...object, apiVersion: `${custom.group}/v1beta1`, ...change })) });
  const named = (metadata: object) => objects({ metadata: { ...made.metadata, ...metadata } });
  for (const [reply, said] of [
    [(review: any) => reviewed(review, { result: { status: 'Failure', message: 'not today' } }), 'failed: not today'],
    [(review: any) => reviewed(review, { result: { status: 'Failure' } }), "failed: response.result.status was 'Failure', not 'Success'"],
    [(review: any) => reviewed(review, { uid: 'other' }), /^failed: expected response\.uid="[-0-9a-f]{36}", got "other"$/],
    [({ kind, apiVersion }: any) => ({ kind, apiVersion }), 'failed: no response provided'],
    [() => ({ status: 500, text: 'broken' }), 'failed: an error on the server ("broken") has prevented the request from succeeding'],
    [(review: any) => reviewed(review, { convertedObjects: [] }), 'returned 0 objects, expected 1'],
    [
      objects({ apiVersion: `${custom.group}/v1` }),
      `returned invalid object at index 0: invalid groupVersion (expected ${custom.group}/v1beta1, received ${custom.group}/v1)`,
    ],
    [objects({ kind: 'Other' }), 'returned invalid object at index 0: invalid kind (expected Thing, received Other)'],
    [named({ name: 'b' }), 'returned invalid object: must have the same name: a != b'],
    [named({ uid: 'b' }), `returned invalid object: must have the same UID: ${made.metadata.uid} != b`],
    [named({ labels: { a: 1 } }), 'returned invalid metadata: metadata.labels[a] must be a string, but is int64 in converted object'],
  ] as const) {
    webhook.reply = reply;
    const answer = await target.ask('GET', `${old}/a`);
    assert.deepEqual(verdict(answer), [500, '']);
    const why = answer.json.message.slice(from.length + 1);
    assert.ok(answer.json.message.startsWith(from) && (typeof said === 'string' ? why === said : said.test(why)), answer.json.message);
  }
  webhook.reply = () => ({ status: 500, text: 'broken' });
  const refused = await target.ask('POST', old, { body: thing(custom, 'b', { spec: { hostPort: 'b:1' } }, 'v1beta1') });
  assert.match(refused.json.message, /^conversion webhook for \S+\/v1beta1, Kind=Thing failed: /);
  assert.equal((await target.ask('DELETE', `${old}/a`)).status, 500);
  assert.equal((await target.ask('GET', `${now}/a`)).status, 200, 'who needs no conversion does not notice');

  webhook.reply = named({ labels: { by: 'webhook' }, finalizers: ['example.com/none'], generation: 7, creationTimestamp: null });
  const { metadata } = await done(target, 'GET', `${old}/a`);
  assert.deepEqual({ ...metadata, managedFields: [] }, { ...made.metadata, labels: { by: 'webhook' }, managedFields: [] });
});

test('56. how a definition may have its objects converted', async () => {
  const post = async (conversion: object) =>
    (await target.ask('POST', DEFINITIONS, { body: thingDefinition(newGroup(), { properties: {}, spec: { conversion } }) })).json.message;
  const webhook = (clientConfig: object, conversionReviewVersions: readonly string[] = ['v1']) => ({
    strategy: 'Webhook',
    webhook: { clientConfig, conversionReviewVersions },
  });
  const url = 'https://127.0.0.1';
  const at = 'spec.conversion.webhookClientConfig';
  for (const [conversion, said] of [
    [{}, 'spec.conversion.strategy: Required value'],
    [{ strategy: 'Other' }, 'spec.conversion.strategy: Unsupported value: "Other": supported values: "None", "Webhook"'],
    [{ strategy: 'Webhook' }, `[${at}: Required value: required when strategy is set to Webhook, spec.conversion.conversionReviewVersions: Required value]`],
    [
      { ...webhook({ url }), strategy: 'None' },
      `${at}: Forbidden: should not be set when strategy is not set to Webhook, spec.conversion.conversionReviewVersions: Forbidden: `,
    ],
    [webhook({ url, service: { namespace: 'a', name: 'b' } }), `${at}: Required value: exactly one of url or service is required`],
    [webhook({ url: 'http://127.0.0.1' }), `${at}.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`],
    [webhook({ service: { namespace: 'a', name: 'b', path: 'x' } }), `${at}.service.path: Invalid value: "x": must start with a '/'`],
    [webhook({ url }, ['v7']), 'spec.conversion.conversionReviewVersions: Invalid value: ["v7"]: must include at least one of v1, v1beta1'],
    [webhook({ url }, ['v1', 'v1']), 'spec.conversion.conversionReviewVersions[1]: Invalid value: "v1": duplicate version'],
  ] as const) {
    const message = await post(conversion);
    assert.ok(message?.includes(said), `${JSON.stringify(conversion)}: ${message}`);
  }
});
