import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../eventually.ts';
import { openTarget } from '../target.ts';
import type { TestNamespace } from '../target.ts';
import { DEFINITIONS, done, newGroup, PATCH, spec, thing, thingDefinition, things, verdict } from './requests.ts';
import type { Custom } from './requests.ts';

const target = await openTarget();

/** Gives a definition that is there already other properties of its spec, and waits until OpenAPI shows them and objects are held to them: a real server gets round to each by itself. */
async function redefine(custom: Custom, ns: TestNamespace, properties: object): Promise<void> {
  const redefined = { type: 'string', default: 'yes' };
  const schema = { openAPIV3Schema: { type: 'object', properties: spec({ ...properties, redefined }) } };
  await done(target, 'PATCH', custom.definition, { spec: { versions: [{ name: 'v1', served: true, storage: true, schema }] } }, PATCH.merge);
  await eventually('the new schema is documented', async () => {
    const document = await target.ask('GET', `/openapi/v3/apis/${custom.group}/v1`);
    return Object.keys(properties).every((name) => document.text.includes(`"${name}"`)) && document.text.includes('"redefined"');
  });
  await eventually('the new schema counts', async () => {
    const probe = await done(target, 'POST', `${custom.path(ns.name)}?dryRun=All`, thing(custom, 'probe', { spec: {} }));
    return probe.spec.redefined === 'yes';
  });
}

test('48. a definition is taken, accepted, established; then discovery, OpenAPI and its objects are there', async () => {
  const group = newGroup();
  const posted = await done(target, 'POST', DEFINITIONS, thingDefinition(group, { properties: {}, names: { shortNames: ['th'], categories: ['all'] } }));
  const own = `${DEFINITIONS}/things.${group}`;
  assert.deepEqual([posted.spec.names.singular, posted.spec.names.listKind, posted.spec.conversion], ['thing', 'ThingList', { strategy: 'None' }]);
  const established = await eventually('established', async () => {
    const { status } = await done(target, 'GET', own);
    return status.conditions?.some((c: any) => c.type === 'Established' && c.status === 'True') && status;
  });
  const conditions = Object.fromEntries(established.conditions.map((c: any) => [c.type, `${c.status} ${c.reason}`]));
  assert.deepEqual(conditions, { NamesAccepted: 'True NoConflicts', Established: 'True InitialNamesAccepted' });
  assert.deepEqual([established.acceptedNames.kind, established.storedVersions], ['Thing', ['v1']]);
  await eventually('served', async () => (await target.ask('GET', `/apis/${group}/v1/things`)).status === 200);
  await eventually('discovered', async () => {
    const { resources } = (await target.ask('GET', `/apis/${group}/v1`)).json;
    return resources?.some((r: any) => r.name === 'things' && r.shortNames?.[0] === 'th' && r.categories?.[0] === 'all');
  });
  await eventually('documented', async () => `apis/${group}/v1` in (await target.ask('GET', '/openapi/v3')).json.paths);
  await done(target, 'DELETE', own);
  await eventually('gone', async () => (await target.ask('GET', `/apis/${group}/v1/things`)).status === 404);
});

test('49. names that are taken do not fail the request, but are not accepted', async () => {
  await using custom = await things(target, { properties: {} });
  const other = thingDefinition(custom.group, { properties: {}, names: { plural: 'others', kind: 'Other', listKind: 'ThingList' } });
  await done(target, 'POST', DEFINITIONS, { ...other, metadata: { name: `others.${custom.group}` } });
  const status = await eventually('the conflict is told', async () => {
    const found = (await done(target, 'GET', `${DEFINITIONS}/others.${custom.group}`)).status;
    return found.conditions?.some((c: any) => c.type === 'NamesAccepted' && c.status === 'False') && found;
  });
  assert.equal(status.conditions.find((c: any) => c.type === 'NamesAccepted').reason, 'ListKindConflict');
  assert.notEqual(status.conditions.find((c: any) => c.type === 'Established')?.status, 'True');
  await done(target, 'DELETE', `${DEFINITIONS}/others.${custom.group}`);
});

test('49. what a definition must be, and what of it never changes', async () => {
  const group = newGroup();
  const post = async (body: object) => await target.ask('POST', DEFINITIONS, { body });
  const good = thingDefinition(group, { properties: {} });
  const misnamed = await post({ ...good, metadata: { name: `thing.${group}` } });
  assert.deepEqual(verdict(misnamed), [422, 'Invalid']);
  const untyped = await post(thingDefinition(group, { properties: { a: {} } }));
  assert.equal(untyped.status, 422);
  assert.match(untyped.json.message, /properties\[a\]\.type: Required value: must not be empty for specified object fields/);
  const bare = await post({ ...good, spec: { ...good.spec, versions: [{ name: 'v1', served: true, storage: true }] } });
  assert.equal(bare.status, 422);
  const schema = { openAPIV3Schema: { type: 'object' } };
  const two = ['v1', 'v2'].map((name) => ({ name, served: true, storage: true, schema }));
  assert.equal((await post({ ...good, spec: { ...good.spec, versions: two } })).status, 422);
  const wrongDefault = await post(thingDefinition(group, { properties: { a: { type: 'integer', default: 'x' } } }));
  assert.equal(wrongDefault.status, 422);

  await using custom = await things(target, { properties: {} });
  const change = async (body: object) => await target.ask('PATCH', custom.definition, { body: { spec: body }, headers: PATCH.merge });
  assert.equal((await change({ scope: 'Cluster' })).status, 422);
  assert.equal((await change({ group: newGroup() })).status, 422);
  const renamed = await change({ versions: [{ name: 'v2', served: true, storage: true, schema }] });
  assert.equal(renamed.status, 422);
  assert.match(renamed.json.message, /status\.storedVersions\[0\]: Invalid value: "v1": missing from spec\.versions; v1 was previously a storage version/);
  const both = {
    versions: [
      { name: 'v1', served: true, storage: false, schema },
      { name: 'v2', served: true, storage: true, schema },
    ],
  };
  assert.equal((await change(both)).status, 200);
  const stored = await eventually('both versions are stored', async () => {
    const { storedVersions } = (await done(target, 'GET', custom.definition)).status;
    return storedVersions.length === 2 && storedVersions;
  });
  assert.deepEqual(stored, ['v1', 'v2']);
});

test('50. pruning, fields that are kept, embedded objects, int-or-string', async () => {
  await using ns = await target.namespace();
  const properties = {
    known: { type: 'string' },
    open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { closed: { type: 'object', properties: { a: { type: 'string' } } } } },
    emb: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    port: { 'x-kubernetes-int-or-string': true },
  };
  await using custom = await things(target, { properties: spec(properties) });
  const path = custom.path(ns.name);
  const emb = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', nope: 1 }, spec: { any: 1 } };
  const made = await target.ask('POST', path, {
    body: thing(custom, 'a', { spec: { known: 'x', unknown: 1, open: { free: 1, closed: { a: 'x', b: 1 } }, emb, port: '80%' }, extra: 1 }),
  });
  assert.equal(made.status, 201, made.text);
  const { nope: _nope, ...metadata } = emb.metadata;
  assert.deepEqual(made.json.spec, { known: 'x', open: { free: 1, closed: { a: 'x' } }, emb: { ...emb, metadata }, port: '80%' });
  assert.equal(made.json.extra, undefined);
  const kindless = await target.ask('POST', path, { body: thing(custom, 'b', { spec: { emb: { spec: {} } } }) });
  assert.equal(kindless.status, 422);
  assert.ok(kindless.json.message.includes('spec.emb.kind: Required value'), kindless.json.message);
  assert.equal((await target.ask('POST', path, { body: thing(custom, 'c', { spec: { port: 1.5 } }) })).status, 422);
});

test('50. defaults: nested, for null, and on what was stored before there were any', async () => {
  await using ns = await target.namespace();
  const nested = { type: 'object', properties: { x: { type: 'integer', default: 1 } } };
  const properties = {
    size: { type: 'integer', default: 3 },
    filled: { ...nested, default: {} },
    left: nested,
    nullable: { type: 'string', nullable: true, default: 'd' },
    strict: { type: 'string', default: 'd' },
    dropped: { type: 'string' },
  };
  await using custom = await things(target, { properties: spec(properties) });
  const path = custom.path(ns.name);
  const made = await done(target, 'POST', path, thing(custom, 'a', { spec: { nullable: null, strict: null, dropped: null } }));
  assert.deepEqual(made.spec, { size: 3, filled: { x: 1 }, nullable: null, strict: 'd' });
  assert.deepEqual((await done(target, 'POST', path, thing(custom, 'b', { spec: { left: {} } }))).spec.left, { x: 1 });
  await redefine(custom, ns, { ...properties, later: { type: 'string', default: 'now' } });
  const old = await done(target, 'GET', `${path}/a`);
  assert.equal(old.spec.later, 'now');
  assert.equal(old.metadata.resourceVersion, made.metadata.resourceVersion);
});

test('50. a null that is no value is as good as absent in all that is read, and refused in what an apply makes', async () => {
  await using ns = await target.namespace();
  const properties = { size: { type: 'integer' }, strict: { type: 'string', default: 'd' }, map: { type: 'object', additionalProperties: { type: 'string' } } };
  await using custom = await things(target, { properties: spec(properties, { required: ['size'] }) });
  const path = custom.path(ns.name);
  const whole = (more: object, metadata: object = {}) => ({ ...thing(custom, 'a', { spec: { size: 1, ...more } }), metadata: { name: 'a', ...metadata } });
  const made = await done(target, 'POST', path, whole({ map: { k: null } }));
  assert.deepEqual(made.spec, { size: 1, strict: 'd', map: {} });
  const replaced = await done(target, 'PUT', `${path}/a`, { ...made, spec: { size: 1, strict: null, map: null } });
  assert.deepEqual(replaced.spec, { size: 1, strict: 'd' });
  const jsonPatch = (...values: unknown[]) =>
    target.ask('PATCH', `${path}/a`, { body: values.map((value) => ({ op: 'add', path: '/spec/map', value })), headers: PATCH.json });
  assert.deepEqual((await jsonPatch({ k: 'v', l: null })).json.spec.map, { k: 'v' });
  assert.equal((await jsonPatch(null)).json.spec.map, undefined);
  const lacking = await target.ask('PATCH', `${path}/a`, { body: [{ op: 'replace', path: '/spec/size', value: null }], headers: PATCH.json });
  assert.deepEqual([lacking.status, lacking.json.details.causes], [422, [{ reason: 'FieldValueRequired', field: 'spec.size', message: 'Required value' }]]);
  const apply = (body: object) => target.ask('PATCH', `${path}/a?fieldManager=m&force=true`, { body, headers: PATCH.apply });
  const refused = await apply(whole({ map: null }));
  assert.deepEqual([refused.status, refused.json.details.causes[0].field], [422, 'spec.map']);
  assert.ok(refused.json.message.includes('must be of type object: "null"'), refused.json.message);
  assert.equal((await apply(whole({ strict: null }))).json.spec.strict, 'd', 'a default takes its place');
  await jsonPatch({ k: 'v' });
  assert.deepEqual((await apply(whole({ map: null }))).json.spec.map, { k: 'v' }, 'over a map that holds something it says nothing');
  assert.equal((await apply(whole({}, { labels: null, annotations: null }))).status, 200, 'metadata has a type of its own');
});

test('51. all that is wrong is told at once, each with its path', async () => {
  await using ns = await target.namespace();
  const properties = {
    name: { type: 'string', maxLength: 10 },
    mode: { type: 'string', enum: ['A', 'B'] },
    size: { type: 'integer', minimum: 0, maximum: 10 },
    set: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    list: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['k'],
      items: { type: 'object', required: ['k'], properties: { k: { type: 'string' } } },
    },
    at: { type: 'string', format: 'date-time' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
  };
  await using custom = await things(target, { properties: spec(properties, { required: ['needed'] }) });
  const bad = {
    name: 'much-too-long',
    mode: 'C',
    size: -1,
    set: ['a', 'a'],
    list: [{ k: 'a' }, { k: 'a' }],
    at: 'yesterday',
    labels: { a: 1 },
  };
  const answer = await target.ask('POST', custom.path(ns.name), { body: thing(custom, 'a', { spec: bad }) });
  assert.deepEqual(verdict(answer), [422, 'Invalid']);
  const causes = new Map<string, string>(answer.json.details.causes.map((cause: any) => [cause.field, `${cause.reason} ${cause.message}`]));
  for (const [field, text] of [
    ['spec.needed', 'FieldValueRequired Required value'],
    ['spec.name', 'FieldValueTooLong Too long'],
    ['spec.mode', 'FieldValueNotSupported Unsupported value: "C": supported values: "A", "B"'],
    ['spec.size', 'FieldValueInvalid Invalid value: -1'],
    ['spec.set[1]', 'FieldValueDuplicate Duplicate value: "a"'],
    ['spec.list[1]', 'FieldValueDuplicate Duplicate value: {"k":"a"}'],
    ['spec.at', 'FieldValueTypeInvalid Invalid value: "yesterday"'],
    ['spec.labels.a', 'FieldValueTypeInvalid Invalid value: "integer"'],
  ] as const) {
    assert.ok(causes.get(field)?.startsWith(text), `${field}: ${causes.get(field)}`);
  }
});

test('52. rules in CEL: of one state, of a change, with their own words, path and reason', async () => {
  await using ns = await target.namespace();
  const properties = {
    min: { type: 'integer' },
    max: { type: 'integer' },
    fixed: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'fixed is immutable' }] },
    grows: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] },
    names: {
      type: 'array',
      maxItems: 5,
      items: { type: 'string', maxLength: 20 },
      'x-kubernetes-validations': [{ rule: "self.all(n, n.matches('^[a-z]+$'))" }],
    },
  };
  const rules = [
    {
      rule: '!has(self.min) || !has(self.max) || self.min <= self.max',
      messageExpression: "'max must ' + 'not be less than min'",
      fieldPath: '.max',
      reason: 'FieldValueForbidden',
    },
  ];
  await using custom = await things(target, { properties: spec(properties, { 'x-kubernetes-validations': rules }) });
  const path = custom.path(ns.name);
  const bad = await target.ask('POST', path, { body: thing(custom, 'a', { spec: { min: 3, max: 1, names: ['ok', 'NO'] } }) });
  assert.equal(bad.status, 422);
  const causes = new Map<string, any>(bad.json.details.causes.map((cause: any) => [cause.field, cause]));
  assert.deepEqual([causes.get('spec.max').reason, causes.get('spec.max').message], ['FieldValueForbidden', 'Forbidden: max must not be less than min']);
  assert.match(causes.get('spec.names').message, /failed rule: self\.all\(n, n\.matches\('\^\[a-z\]\+\$'\)\)/);
  await done(target, 'POST', path, thing(custom, 'a', { spec: { fixed: 'x', grows: 2 } }));
  const changed = await target.ask('PATCH', `${path}/a`, { body: { spec: { fixed: 'y', grows: 1 } }, headers: PATCH.merge });
  assert.equal(changed.status, 422);
  assert.match(changed.json.message, /spec\.fixed: Invalid value: "y": fixed is immutable/);
  assert.match(changed.json.message, /spec\.grows: Invalid value: 1: failed rule: self >= oldSelf/);
  assert.equal((await target.ask('PATCH', `${path}/a`, { body: { spec: { fixed: null } }, headers: PATCH.merge })).status, 200, 'taken away is not changed');
});

test('52. rules that cannot be right are refused with the definition', async () => {
  const refused = async (rule: string, property: object = { type: 'integer' }) => {
    const properties = { a: { ...property, 'x-kubernetes-validations': [{ rule }] } };
    const answer = await target.ask('POST', DEFINITIONS, { body: thingDefinition(newGroup(), { properties }) });
    assert.equal(answer.status, 422, `${rule}: ${answer.text}`);
    return answer.json.message as string;
  };
  await refused('self == ');
  await refused('self == "x"');
  await refused('self.none > 1', { type: 'object', properties: { b: { type: 'integer' } } });
  await refused('self + 1');
});

test('53. what was wrong before may stay while it is not touched', async () => {
  await using ns = await target.namespace();
  const properties = { mode: { type: 'string' }, n: { type: 'integer' }, free: { type: 'string' } };
  await using custom = await things(target, { properties: spec(properties) });
  const path = `${custom.path(ns.name)}/a`;
  await done(target, 'POST', custom.path(ns.name), thing(custom, 'a', { spec: { mode: 'old', n: 50 } }));
  const rules = [{ rule: 'self < 5' }];
  await redefine(custom, ns, {
    mode: { type: 'string', enum: ['A', 'B'] },
    n: { type: 'integer', 'x-kubernetes-validations': rules },
    free: { type: 'string' },
  });
  const labelled = await target.ask('PATCH', path, { body: { metadata: { labels: { a: 'b' } } }, headers: PATCH.merge });
  assert.equal(labelled.status, 200, labelled.text);
  const free = await target.ask('PATCH', path, { body: { spec: { free: 'x' } }, headers: PATCH.merge });
  assert.equal(free.status, 200, free.text);
  assert.equal((await target.ask('PATCH', path, { body: { spec: { mode: 'other' } }, headers: PATCH.merge })).status, 422);
  assert.equal((await target.ask('PATCH', path, { body: { spec: { n: 60 } }, headers: PATCH.merge })).status, 422);
  assert.equal((await target.ask('PATCH', path, { body: { spec: { n: 4, mode: 'A' } }, headers: PATCH.merge })).status, 200);
});

test('54. status is written through /status alone, which writes nothing else; the generation counts changes of the spec', async () => {
  await using ns = await target.namespace();
  const properties = { ...spec({ a: { type: 'integer' } }), status: { type: 'object', properties: { s: { type: 'string' } } } };
  await using custom = await things(target, { properties, version: { subresources: { status: {} } } });
  const path = `${custom.path(ns.name)}/a`;
  const made = await done(target, 'POST', custom.path(ns.name), thing(custom, 'a', { spec: { a: 1 }, status: { s: 'x' } }));
  assert.deepEqual([made.status, made.metadata.generation], [undefined, 1]);
  const ignored = await done(target, 'PATCH', path, { status: { s: 'x' } }, PATCH.merge);
  assert.deepEqual([ignored.status, ignored.metadata.resourceVersion], [undefined, made.metadata.resourceVersion]);
  const written = await done(target, 'PATCH', `${path}/status`, { metadata: { labels: { l: '1' } }, spec: { a: 9 }, status: { s: 'y' } }, PATCH.merge);
  assert.deepEqual([written.status, written.spec, written.metadata.labels, written.metadata.generation], [{ s: 'y' }, { a: 1 }, undefined, 1]);
  assert.notEqual(written.metadata.resourceVersion, made.metadata.resourceVersion);
  assert.equal((await done(target, 'PATCH', path, { metadata: { labels: { l: '2' } } }, PATCH.merge)).metadata.generation, 1);
  assert.equal((await done(target, 'PATCH', path, { spec: { a: 2 } }, PATCH.merge)).metadata.generation, 2);
  const stale = await target.ask('PUT', `${path}/status`, { body: { ...made, status: { s: 'z' } } });
  assert.deepEqual(verdict(stale), [409, 'Conflict']);
});

test('54. without the subresource status is a field like others, and there is no /status', async () => {
  await using ns = await target.namespace();
  await using custom = await things(target, { properties: { ...spec({}), status: { type: 'object', properties: { s: { type: 'string' } } } } });
  const path = `${custom.path(ns.name)}/a`;
  assert.deepEqual((await done(target, 'POST', custom.path(ns.name), thing(custom, 'a', { status: { s: 'x' } }))).status, { s: 'x' });
  assert.equal((await done(target, 'PATCH', path, { status: { s: 'y' } }, PATCH.merge)).metadata.generation, 2);
  assert.equal((await target.ask('GET', `${path}/status`)).status, 404);
});

test('55. the scale of a custom resource: read, written, and held to its rules', async () => {
  await using ns = await target.namespace();
  const properties = {
    ...spec({ size: { type: 'integer', minimum: 0, maximum: 10 } }),
    status: { type: 'object', properties: { size: { type: 'integer' }, selector: { type: 'string' } } },
  };
  const scale = { specReplicasPath: '.spec.size', statusReplicasPath: '.status.size', labelSelectorPath: '.status.selector' };
  await using custom = await things(target, { properties, version: { subresources: { status: {}, scale } } });
  const path = `${custom.path(ns.name)}/a`;
  await done(target, 'POST', custom.path(ns.name), thing(custom, 'a', { spec: { size: 3 } }));
  await done(target, 'PATCH', `${path}/status`, { status: { size: 2, selector: 'app=a' } }, PATCH.merge);
  const read = await done(target, 'GET', `${path}/scale`);
  assert.deepEqual([read.kind, read.apiVersion, read.spec, read.status], ['Scale', 'autoscaling/v1', { replicas: 3 }, { replicas: 2, selector: 'app=a' }]);
  await done(target, 'PATCH', `${path}/scale`, { spec: { replicas: 5 } }, PATCH.merge);
  const scaled = await done(target, 'GET', path);
  assert.deepEqual([scaled.spec.size, scaled.metadata.generation], [5, 2]);
  await done(target, 'PUT', `${path}/scale`, { ...read, metadata: { ...read.metadata, resourceVersion: undefined }, spec: { replicas: 6 } });
  const much = await target.ask('PATCH', `${path}/scale`, { body: { spec: { replicas: 70 } }, headers: PATCH.merge });
  assert.equal(much.status, 422);
  assert.match(much.json.message, /spec\.size: Invalid value: 70/);
});

test('58. a definition takes its objects along, and waits for those that are held', async () => {
  await using ns = await target.namespace();
  await using custom = await things(target, { properties: {} });
  const path = `${custom.path(ns.name)}/a`;
  const body = thing(custom, 'a', {});
  await done(target, 'POST', custom.path(ns.name), { ...body, metadata: { name: 'a', finalizers: ['example.com/hold'] } });
  const answer = await done(target, 'DELETE', custom.definition);
  assert.deepEqual(answer.metadata.finalizers, ['customresourcecleanup.apiextensions.k8s.io']);
  await eventually('it says that it waits', async () => {
    const { status } = await done(target, 'GET', custom.definition);
    return status.conditions.some((c: any) => c.type === 'Terminating' && c.status === 'True');
  });
  await eventually('the object is being deleted', async () => (await done(target, 'GET', path)).metadata.deletionTimestamp !== undefined);
  const late = await target.ask('POST', custom.path(ns.name), { body: thing(custom, 'b', {}) });
  assert.ok([403, 405].includes(late.status), late.text);
  await done(target, 'PATCH', path, { metadata: { finalizers: null } }, PATCH.merge);
  await eventually('it is gone', async () => (await target.ask('GET', custom.definition)).status === 404);
});
