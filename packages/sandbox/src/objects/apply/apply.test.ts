import { definition } from '@binnacle/schema';
import type { Schema } from '@binnacle/schema';
import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../refusal.ts';
import type { JsonObject } from '../json.ts';
import { applyServerSide, trackUpdate, unlessUnchanged } from './index.ts';

const resolve = definition;
const T0 = 1_767_225_600_000; // 2026-01-01T00:00:00Z

const kinds = {
  Deployment: { apiVersion: 'apps/v1', schema: resolve('io.k8s.api.apps.v1.Deployment') },
  Service: { apiVersion: 'v1', schema: resolve('io.k8s.api.core.v1.Service') },
  ConfigMap: { apiVersion: 'v1', schema: resolve('io.k8s.api.core.v1.ConfigMap') },
  Thing: {
    apiVersion: 'ex.io/v1',
    schema: {
      type: 'object',
      properties: {
        metadata: { type: 'object' },
        status: { type: 'object', properties: { phase: { type: 'string' } } },
        spec: {
          type: 'object',
          properties: {
            set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
            atomic: { type: 'array', items: { type: 'string' } },
            whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: { type: 'string' } },
            open: { type: 'object', additionalProperties: { type: 'string' } },
            any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            size: { 'x-kubernetes-int-or-string': true },
          },
        },
      },
    },
  },
} as const satisfies Record<string, { apiVersion: string; schema: Schema }>;
type Name = keyof typeof kinds;

interface Options {
  readonly manager?: string;
  readonly force?: boolean;
  readonly now?: number;
  readonly subresource?: string;
  readonly blank?: JsonObject;
}

function apply(kind: Name, live: JsonObject | undefined, body: JsonObject, options: Options = {}): JsonObject {
  const config = { apiVersion: kinds[kind].apiVersion, kind, metadata: { name: 'a', namespace: 't' }, ...body };
  return applyServerSide({ ...kinds[kind], live, config, manager: 'm1', force: false, now: T0, resolve, ...options });
}

function update(kind: Name, before: JsonObject | undefined, after: JsonObject, options: Options = {}): JsonObject {
  return trackUpdate({ ...kinds[kind], before, after, manager: 'u1', now: T0, resolve, ...options });
}

const owners = (object: JsonObject): JsonObject[] => ((object['metadata'] as JsonObject)['managedFields'] ?? []) as JsonObject[];
const fields = (object: JsonObject, manager: string): unknown => owners(object).find((owner) => owner['manager'] === manager)?.['fieldsV1'];
const refusal = (code: number, message: string | RegExp) => (error: unknown) =>
  error instanceof Refusal &&
  error.status.code === code &&
  (typeof message === 'string' ? (assert.equal(error.message, message), true) : message.test(error.message));
const web = (container: JsonObject) => ({
  spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [container] } } },
});

test('an apply that creates owns what it says, and nothing of identity', () => {
  const created = apply('Deployment', undefined, web({ name: 'c', image: 'x', ports: [{ containerPort: 80 }] }));
  assert.deepEqual(owners(created), [
    {
      manager: 'm1',
      operation: 'Apply',
      apiVersion: 'apps/v1',
      time: '2026-01-01T00:00:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:spec': {
          'f:selector': {},
          'f:template': {
            'f:metadata': { 'f:labels': { 'f:a': {} } },
            'f:spec': {
              'f:containers': {
                'k:{"name":"c"}': {
                  '.': {},
                  'f:image': {},
                  'f:name': {},
                  'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
                },
              },
            },
          },
        },
      },
    },
  ]);
});

test('applying the same again is no write at all', () => {
  const body = web({ name: 'c', image: 'x', ports: [{ containerPort: 80 }], env: [{ name: 'E', value: '1' }] });
  const created = apply('Deployment', undefined, body);
  assert.equal(apply('Deployment', created, body, { now: T0 + 60_000 }), created);
});

test('a conflict names each field and its owner', () => {
  const live = apply('Deployment', undefined, { spec: { replicas: 1, ...web({ name: 'c', image: 'x' }).spec } });
  assert.throws(
    () => apply('Deployment', live, { spec: { replicas: 2 } }, { manager: 'm2' }),
    refusal(409, 'Apply failed with 1 conflict: conflict with "m1": .spec.replicas'),
  );
  try {
    apply('Deployment', live, { spec: { replicas: 2, template: { spec: { containers: [{ name: 'c', image: 'y' }] } } } }, { manager: 'm2' });
    assert.fail();
  } catch (error) {
    assert.ok(error instanceof Refusal);
    const text = 'Apply failed with 2 conflicts: conflicts with "m1":\n- .spec.replicas\n- .spec.template.spec.containers[name="c"].image';
    assert.equal(error.message, text);
    assert.equal(error.status.reason, 'Conflict');
    assert.deepEqual(error.status.details?.causes?.[1], {
      reason: 'FieldManagerConflict',
      message: 'conflict with "m1"',
      field: '.spec.template.spec.containers[name="c"].image',
    });
  }
});

test('force takes the field from its owner; the same value is shared without a word', () => {
  const live = apply('ConfigMap', undefined, { data: { a: '1', b: '2' } });
  const forced = apply('ConfigMap', live, { data: { a: '9' } }, { manager: 'm2', force: true });
  assert.deepEqual(fields(forced, 'm1'), { 'f:data': { 'f:b': {} } });
  assert.deepEqual(fields(forced, 'm2'), { 'f:data': { 'f:a': {} } });
  const shared = apply('ConfigMap', live, { data: { a: '1' } }, { manager: 'm2' });
  assert.deepEqual(fields(shared, 'm1'), { 'f:data': { 'f:a': {}, 'f:b': {} } });
  assert.deepEqual(fields(shared, 'm2'), { 'f:data': { 'f:a': {} } });
  assert.ok(!('time' in (owners(shared).find((owner) => owner['manager'] === 'm2') as JsonObject)));
});

test('a field that its applier drops goes, unless somebody else owns it', () => {
  const live = apply('ConfigMap', undefined, { data: { a: '1', b: '2', c: '3' } });
  const shared = apply('ConfigMap', live, { data: { b: '2' } }, { manager: 'm2' });
  const left = apply('ConfigMap', shared, { data: { c: '3' } });
  assert.deepEqual(left['data'], { b: '2', c: '3' });
  const none = apply('ConfigMap', left, {});
  assert.deepEqual(none['data'], { b: '2' });
  assert.equal(fields(none, 'm1'), undefined);
  assert.ok(!('data' in apply('ConfigMap', none, {}, { manager: 'm2' })));
});

test('what nobody owns stays when the applier goes', () => {
  const live = apply('Deployment', undefined, web({ name: 'c', image: 'x' }));
  const spec = live['spec'] as JsonObject;
  const defaulted = { ...live, spec: { ...spec, replicas: 1, strategy: { type: 'RollingUpdate' } } };
  const next = apply('Deployment', defaulted, { spec: { selector: { matchLabels: { a: 'b' } } } });
  assert.deepEqual(next['spec'], { selector: { matchLabels: { a: 'b' } }, replicas: 1, strategy: { type: 'RollingUpdate' } });
});

test('the element of a keyed list goes with its last owner, and its fields one by one', () => {
  const live = apply('Service', undefined, {
    spec: {
      ports: [
        { port: 80, name: 'x' },
        { port: 53, protocol: 'UDP', name: 'y' },
      ],
    },
  });
  const shared = apply('Service', live, { spec: { ports: [{ port: 80, protocol: 'TCP', appProtocol: 'h' }] } }, { manager: 'm2' });
  assert.deepEqual((shared['spec'] as JsonObject)['ports'], [
    { port: 80, name: 'x', protocol: 'TCP', appProtocol: 'h' },
    { port: 53, protocol: 'UDP', name: 'y' },
  ]);
  const left = apply('Service', shared, {});
  assert.deepEqual((left['spec'] as JsonObject)['ports'], [{ port: 80, protocol: 'TCP', appProtocol: 'h' }]);
});

test('order: shared elements as applied, new ones where the configuration has them', () => {
  const containers = (...names: string[]) => ({ spec: { template: { spec: { containers: names.map((name) => ({ name })) } } } });
  const live = apply('Deployment', undefined, containers('a', 'b', 'c'));
  const merged = apply('Deployment', live, containers('c', 'x', 'a'), { manager: 'm2' });
  const template = (merged['spec'] as { template: { spec: { containers: { name: string }[] } } }).template;
  assert.deepEqual(
    template.spec.containers.map(({ name }) => name),
    ['b', 'c', 'x', 'a'],
  );
});

test('sets, atomic and free parts of a custom resource', () => {
  const spec = { set: ['a', 'b'], atomic: ['x'], whole: { a: '1' }, open: { k: 'v' }, any: { deep: { er: 1 }, list: [{ z: 1 }] }, size: '10%' };
  const live = apply('Thing', undefined, { spec });
  assert.deepEqual(fields(live, 'm1'), {
    'f:spec': {
      'f:any': { 'f:deep': { '.': {}, 'f:er': {} }, 'f:list': {} },
      'f:atomic': {},
      'f:open': { 'f:k': {} },
      'f:set': { 'v:"a"': {}, 'v:"b"': {} },
      'f:size': {},
      'f:whole': {},
    },
  });
  const more = apply('Thing', live, { spec: { set: ['c'], open: { l: 'w' }, any: { deep: { other: true } } } }, { manager: 'm2' });
  assert.deepEqual(more['spec'], { ...spec, set: ['a', 'b', 'c'], open: { k: 'v', l: 'w' }, any: { ...spec.any, deep: { er: 1, other: true } } });
  assert.throws(() => apply('Thing', live, { spec: { whole: { b: '2' } } }, { manager: 'm2' }), refusal(409, /: \.spec\.whole$/));
  assert.throws(() => apply('Thing', live, { spec: { atomic: ['y'] } }, { manager: 'm2' }), refusal(409, /: \.spec\.atomic$/));
});

test('null and empty values', () => {
  const live = apply('Thing', undefined, { spec: { set: null, open: {} } });
  assert.deepEqual(fields(live, 'm1'), { 'f:spec': { 'f:open': {}, 'f:set': {} } });
  const full = apply('Thing', undefined, { spec: { set: ['a'] } });
  assert.deepEqual((apply('Thing', full, { spec: { set: null } }, { manager: 'm2' })['spec'] as JsonObject)['set'], ['a']);
});

test('a configuration that does not fit the schema is a server error, as on a real server', () => {
  const text = 'failed to create typed patch object (t/a; apps/v1, Kind=Deployment): ';
  assert.throws(() => apply('Deployment', undefined, { spec: { foo: 1 } }), refusal(500, `${text}.spec.foo: field not declared in schema`));
  assert.throws(
    () => apply('Deployment', undefined, { spec: { replicas: 'x' } }),
    refusal(500, `${text}.spec.replicas: expected numeric (int or float), got string`),
  );
  const twice = { spec: { template: { spec: { containers: [{ name: 'c' }, { name: 'c' }] } } } };
  const where = '.spec.template.spec.containers: duplicate entries for key [name="c"]';
  assert.throws(() => apply('Deployment', undefined, twice), refusal(500, `${text}${where}`));
  const cleared = { metadata: { name: 'a', managedFields: [] } };
  assert.throws(() => apply('Deployment', undefined, cleared), refusal(400, 'metadata.managedFields must be nil'));
  assert.throws(() => apply('Deployment', undefined, { apiVersion: 'apps/v2' }), refusal(400, /^Incorrect version specified/));
});

test('an update owns what it changes and takes it from appliers', () => {
  const body: JsonObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: { l: '1' } }, data: { a: '1' } };
  const created = update('ConfigMap', undefined, body);
  assert.deepEqual(fields(created, 'u1'), { 'f:data': { '.': {}, 'f:a': {} }, 'f:metadata': { 'f:labels': { '.': {}, 'f:l': {} } } });
  const applied = apply('ConfigMap', created, { data: { b: '2' } });
  const edited = update('ConfigMap', applied, { ...applied, data: { a: '1', b: '3' } }, { manager: 'u2', now: T0 + 5000 });
  assert.equal(fields(edited, 'm1'), undefined);
  assert.deepEqual(fields(edited, 'u2'), { 'f:data': { 'f:b': {} } });
  assert.equal(owners(edited).find((owner) => owner['manager'] === 'u2')?.['time'], '2026-01-01T00:00:05Z');
  assert.throws(() => apply('ConfigMap', edited, { data: { b: '2' } }), refusal(409, 'Apply failed with 1 conflict: conflict with "u2" using v1: .data.b'));
});

test('an update that changes nothing keeps owners and their times', () => {
  const created = update('ConfigMap', undefined, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { a: '1' } });
  assert.deepEqual(update('ConfigMap', created, { ...created }, { manager: 'u2', now: T0 + 5000 }), created);
  const forgetful = { ...created, metadata: { name: 'a' } };
  assert.deepEqual(update('ConfigMap', created, forgetful, { now: T0 + 5000 }), created);
});

test('owners that are cleared come back as before-first-apply', () => {
  const created = update('ConfigMap', undefined, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { a: '1' } });
  const cleared = update('ConfigMap', created, { ...created, metadata: { name: 'a', managedFields: [{}] } });
  assert.deepEqual(owners(cleared), []);
  assert.throws(() => apply('ConfigMap', cleared, { data: { a: '2' } }), refusal(409, /conflict with "before-first-apply" using v1: \.data\.a$/));
  const forced = apply('ConfigMap', cleared, { data: { a: '2' } }, { force: true });
  assert.deepEqual(
    owners(forced).map((owner) => owner['manager']),
    ['m1', 'before-first-apply'],
  );
  assert.deepEqual(fields(forced, 'before-first-apply'), { 'f:data': {} });
});

test('the main endpoint owns no status, /status no spec', () => {
  const thing: JsonObject = { apiVersion: 'ex.io/v1', kind: 'Thing', metadata: { name: 'a' }, spec: { size: 1 }, status: { phase: 'x' } };
  const created = update('Thing', undefined, thing);
  assert.deepEqual(fields(created, 'u1'), { 'f:spec': { '.': {}, 'f:size': {} } });
  const status = update('Thing', created, { ...created, spec: { size: 2 }, status: { phase: 'y' } }, { subresource: 'status' });
  assert.deepEqual(
    owners(status).map((owner) => [owner['subresource'], owner['fieldsV1']]),
    [
      [undefined, { 'f:spec': { '.': {}, 'f:size': {} } }],
      ['status', { 'f:status': { 'f:phase': {} } }],
    ],
  );
  const applied = apply('Thing', created, { status: { phase: 'z' } }, { subresource: 'status' });
  assert.deepEqual(fields(applied, 'm1'), { 'f:status': { 'f:phase': {} } });
});

test('more than ten updaters are merged into ancient-changes', () => {
  let live = update('ConfigMap', undefined, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { k: '0' } });
  for (let n = 1; n <= 14; n++) {
    live = update('ConfigMap', live, { ...live, data: { ...(live['data'] as JsonObject), [`k${n}`]: '1' } }, { manager: `w${n}`, now: T0 + n * 1000 });
  }
  assert.equal(owners(live).length, 10);
  assert.ok(owners(live).some((owner) => owner['manager'] === 'ancient-changes'));
});

test('a write that changes only times is none', () => {
  const before = apply('ConfigMap', undefined, { data: { a: '1' } });
  const after = apply('ConfigMap', undefined, { data: { a: '1' } }, { now: T0 + 99_000 });
  assert.equal(unlessUnchanged(before, after), before);
  const other = apply('ConfigMap', undefined, { data: { a: '2' } });
  assert.equal(unlessUnchanged(before, other), other);
});

test('an object that does not fit its schema loses its owners', () => {
  const created = apply('Thing', undefined, { spec: { set: ['a'] } });
  for (const spec of [{ set: [{}] }, { open: { k: 1 } }]) assert.deepEqual(owners(update('Thing', created, { ...created, spec })), []);
  assert.notDeepEqual(owners(update('Thing', created, { ...created, spec: { set: ['a', 'a'] } })), [], 'doubled elements fit');
});

test('what every object of a kind has is nobody’s before the first apply either', () => {
  const live = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: {} };
  const managers = (blank: JsonObject) => owners(apply('ConfigMap', live, { data: { a: '1' } }, { blank })).map(({ manager }) => manager);
  assert.deepEqual(managers({}), ['m1', 'before-first-apply']);
  assert.deepEqual(managers({ data: {} }), ['m1']);
});

const word = fc.constantFrom('a', 'b', 'c');
const spec = fc.record(
  {
    set: fc.uniqueArray(word),
    atomic: fc.array(word, { maxLength: 2 }),
    whole: fc.dictionary(word, word),
    open: fc.dictionary(word, word),
    any: fc.dictionary(word, fc.oneof(word, fc.dictionary(word, word), fc.array(word))),
    size: fc.oneof(fc.nat(3), word),
  },
  { requiredKeys: [] },
);

test('whatever is applied after whatever: applying it again is silent, and all that it says is there', () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('m1', 'm2', 'm3'), spec), { minLength: 1, maxLength: 6 }), (steps) => {
      let live: JsonObject | undefined;
      for (const [at, [manager, config]] of steps.entries()) {
        live = apply('Thing', live, { spec: config }, { manager, force: true, now: T0 + at * 1000 });
        assert.equal(apply('Thing', live, { spec: config }, { manager, now: T0 + 99_000 }), live);
        const result = (live['spec'] ?? {}) as Record<string, unknown>;
        for (const key of ['atomic', 'whole', 'size'] as const) if (config[key] !== undefined) assert.deepEqual(result[key], config[key]);
        for (const item of config.set ?? []) assert.ok((result['set'] as string[]).includes(item));
        for (const [key, value] of Object.entries(config.open ?? {})) assert.equal((result['open'] as JsonObject)[key], value);
      }
    }),
    { numRuns: 300 },
  ));

test('one applier alone gets exactly what it last said', () =>
  fc.assert(
    fc.property(fc.array(spec, { minLength: 1, maxLength: 4 }), (configs) => {
      let live: JsonObject | undefined;
      for (const config of configs) live = apply('Thing', live, { spec: config });
      const last = configs.at(-1) ?? {};
      // Empty parts that were full before go, as on a real server.
      const full = (value: JsonObject) => Object.fromEntries(Object.entries(value).filter(([, item]) => JSON.stringify(item).length > 2));
      const bare = (value: unknown): unknown =>
        typeof value === 'object' && value !== null && !Array.isArray(value)
          ? full(Object.fromEntries(Object.entries(value).map(([k, v]) => [k, bare(v)])))
          : value;
      const sorted = ({ set, ...rest }: { set?: unknown }) => ({
        ...rest,
        ...(Array.isArray(set) ? { set: set.map(String).toSorted((a, b) => a.localeCompare(b)) } : {}),
      });
      assert.deepEqual(sorted(bare(live?.['spec'] ?? {}) as object), sorted(bare(last) as object));
    }),
    { numRuns: 300 },
  ));
