import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import type { Schema } from '../structural.ts';
import { k } from './k.ts';
import { DeclarationError, structuralize } from './structuralize.ts';

const of = (schema: z.ZodType): Schema => structuralize(schema, 'spec');

test('numbers carry their format, and only the bounds somebody set', () => {
  assert.deepEqual(of(k.int32()), { type: 'integer', format: 'int32' });
  assert.deepEqual(of(k.int32().min(1).max(9)), { type: 'integer', format: 'int32', minimum: 1, maximum: 9 });
  assert.deepEqual(of(z.int()), { type: 'integer', format: 'int64' });
  assert.deepEqual(of(z.number().int().min(2)), { type: 'integer', format: 'int64', minimum: 2 });
  assert.deepEqual(of(z.number().gt(0).lt(1)), { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 1, exclusiveMaximum: true });
});

test('text keeps its limits; a format Kubernetes checks comes without zod’s pattern', () => {
  assert.deepEqual(of(z.string().min(1).max(5).regex(/^a/)), { type: 'string', minLength: 1, maxLength: 5, pattern: '^a' });
  assert.deepEqual(of(z.iso.datetime()), { type: 'string', format: 'date-time' });
  assert.deepEqual(of(z.email()), { type: 'string', format: 'email' });
  assert.deepEqual(of(z.string().regex(/a/).regex(/b/)), { type: 'string', allOf: [{ pattern: 'a' }, { pattern: 'b' }] });
});

test('a literal is an enum of one, a union of words is one enum', () => {
  assert.deepEqual(of(z.literal('a')), { type: 'string', enum: ['a'] });
  assert.deepEqual(of(z.union([z.literal('a'), z.enum(['b', 'c'])])), { type: 'string', enum: ['a', 'b', 'c'] });
});

test('absent and null are told apart', () => {
  const schema = of(z.object({ a: z.string().optional(), b: z.string().nullable(), c: z.int().default(1) }));
  assert.deepEqual(schema.required, ['b']);
  assert.deepEqual(schema.properties, { a: { type: 'string' }, b: { type: 'string', nullable: true }, c: { type: 'integer', format: 'int64', default: 1 } });
});

test('number or text is int-or-string, with the limits of both', () => {
  assert.deepEqual(of(z.union([z.int().min(1), z.string().regex(/%$/)])), {
    anyOf: [{ type: 'integer' }, { type: 'string' }],
    'x-kubernetes-int-or-string': true,
    minimum: 1,
    pattern: '%$',
  });
});

test('what may be anything keeps unknown fields, closed objects say nothing', () => {
  assert.deepEqual(of(z.record(z.string(), z.unknown())), { type: 'object', 'x-kubernetes-preserve-unknown-fields': true });
  assert.deepEqual(of(z.looseObject({})), { type: 'object', properties: {}, 'x-kubernetes-preserve-unknown-fields': true });
  assert.deepEqual(of(z.strictObject({ a: z.unknown().optional() })), { type: 'object', properties: { a: { 'x-kubernetes-preserve-unknown-fields': true } } });
  assert.deepEqual(of(k.stringMap()), { type: 'object', additionalProperties: { type: 'string' } });
});

test('a union of objects shows all fields, and branches only say what tells them apart', () => {
  const schema = of(
    z.discriminatedUnion('type', [z.object({ type: z.literal('a'), x: z.int().default(1) }), z.object({ type: z.literal('b'), y: z.string() })]),
  );
  assert.deepEqual(schema, {
    type: 'object',
    properties: { type: { type: 'string', enum: ['a', 'b'] }, x: { type: 'integer', format: 'int64', default: 1 }, y: { type: 'string' } },
    required: ['type'],
    oneOf: [
      { properties: { type: { enum: ['a'] } }, required: ['type'] },
      { properties: { type: { enum: ['b'] } }, required: ['type', 'y'] },
    ],
  });
});

test('lists of Kubernetes’ kinds, and pieces of pods, come as CRDs want them', () => {
  assert.deepEqual(of(k.set(z.string())), { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' });
  const list = of(k.listMap(z.object({ name: z.string() }), 'name').default([]));
  assert.deepEqual([list['x-kubernetes-list-type'], list['x-kubernetes-list-map-keys'], list.default], ['map', ['name'], []]);
  assert.deepEqual(of(k.immutable(z.string().optional()))['x-kubernetes-validations'], [{ rule: 'self == oldSelf', message: 'field is immutable' }]);
  const twice = k.rule(k.immutable(z.string()), { rule: "self != ''" });
  assert.equal(of(twice)['x-kubernetes-validations']?.length, 2);
  const container = of(k.podPart('Container').optional().describe('Beside.'));
  assert.equal(container.description, 'Beside.');
  assert.deepEqual(container.required, ['name']);
  assert.deepEqual(container.properties!['name'], { type: 'string' });
  const ports = container.properties!['ports']!;
  assert.deepEqual(ports['x-kubernetes-list-map-keys'], ['containerPort', 'protocol']);
  assert.deepEqual(ports.items!.properties!['protocol'], { type: 'string', default: 'TCP' });
  assert.equal(container.properties!['livenessProbe']!.properties!['httpGet']!.properties!['port']!['x-kubernetes-int-or-string'], true);
  assert.ok(!JSON.stringify(of(k.podPart('PodTemplateSpec'))).includes('$ref'));
});

test('a key of a pod part that may be absent keeps its empty default, or the list could not be a map', () => {
  const secrets = of(k.podPart('PodSpec')).properties!['imagePullSecrets']!;
  assert.deepEqual(secrets['x-kubernetes-list-map-keys'], ['name']);
  assert.deepEqual(of(k.podPart('LocalObjectReference')), { type: 'object', properties: { name: { type: 'string' } }, 'x-kubernetes-map-type': 'atomic' });
  assert.deepEqual(secrets.items!.properties!['name'], { type: 'string', default: '' });
});

test('what only our process could run is refused, with the path', () => {
  const recursive: z.ZodType = z.object({
    get kids() {
      return z.array(recursive).optional();
    },
  });
  const named: z.ZodType = z
    .object({
      get kids() {
        return z.array(named).optional();
      },
    })
    .meta({ id: 'Named' });
  const cases: readonly (readonly [z.ZodType, string])[] = [
    [z.string().transform(Number), 'spec.a'],
    [z.array(z.string().refine((text) => text !== 'x')), 'spec.a[]'],
    [z.record(z.string(), z.string().trim()), 'spec.a[*]'],
    [z.lazy(() => z.string()), 'spec.a'],
    [z.coerce.number(), 'spec.a'],
    [z.date(), 'spec.a'],
    [z.custom<string>(), 'spec.a'],
    [z.union([z.string(), z.object({})]), 'spec.a'],
    [z.union([z.object({ x: z.string() }), z.object({ x: z.int() })]), 'spec.a'],
    [z.union([z.int(), z.enum(['auto'])]), 'spec.a'],
    [k.listMap(z.object({ name: z.string().optional() }), 'name'), 'spec.a'],
    [z.object({ b: z.iso.duration() }), 'spec.a.b'],
    [recursive, 'spec.a'],
    [named, 'spec.a.kids[]'],
  ];
  for (const [schema, path] of cases)
    assert.throws(
      () => of(z.object({ a: schema })),
      (error) => error instanceof DeclarationError && error.message.startsWith(`${path}: `),
      path,
    );
});
