import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { builtinResources, builtinSchema } from '../builtin/table.ts';
import type { Schema } from '../structural.ts';
import { setDefaults } from './defaults.ts';
import { jsonEqual } from './json.ts';
import { prune } from './prune.ts';
import { validate } from './validate.ts';

const RUNS = { numRuns: 300 };
const keys = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor');

const leaf: fc.Arbitrary<Schema> = fc.oneof(
  fc.constantFrom<Schema>(
    { type: 'string', maxLength: 3 },
    { type: 'string', default: 'd', pattern: '^[a-z]' },
    { type: 'string', enum: ['a', 'b'], nullable: true },
    { type: 'integer', minimum: 0, default: 1 },
    { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }, { rule: '10 / self > 0' }] },
    { type: 'number' },
    { type: 'boolean', default: false },
    { 'x-kubernetes-int-or-string': true },
    { 'x-kubernetes-preserve-unknown-fields': true },
    { $ref: 'io.k8s.api.core.v1.ContainerPort' },
  ),
);

const schemas: fc.Arbitrary<Schema> = fc.letrec<{ node: Schema }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc
      .record({
        properties: fc.dictionary(keys, tie('node'), { maxKeys: 3 }),
        required: fc.subarray(['a', 'b']),
        preserve: fc.boolean(),
        filled: fc.boolean(),
      })
      .map(({ properties, required, preserve, filled }): Schema => ({
        type: 'object',
        properties,
        required,
        ...(preserve ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
        ...(filled ? { default: {} } : {}),
      })),
    tie('node').map((entry): Schema => ({ type: 'object', additionalProperties: entry })),
    fc.record({ items: tie('node'), list: fc.constantFrom('atomic' as const, 'set' as const, 'map' as const) }).map(({ items, list }): Schema => ({
      type: 'array',
      items,
      'x-kubernetes-list-type': list,
      ...(list === 'map' ? { 'x-kubernetes-list-map-keys': ['a'] } : {}),
    })),
  ),
})).node;

const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, 'a', 'zzzz', '', 0, -1, 1.5, 7, 2 ** 40),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.oneof(keys, fc.constantFrom('d', 'containerPort', 'protocol')), tie('value'), { maxKeys: 4 }),
  ),
})).value;

test('defaults filled once are filled: a second time changes nothing', () => {
  fc.assert(
    fc.property(schemas, values, (schema, value) => {
      const before = structuredClone(value);
      const once = setDefaults(schema, value);
      assert.equal(setDefaults(schema, once), once);
      assert.ok(jsonEqual(value, before), 'the input changed');
    }),
    RUNS,
  );
});

test('pruned once is pruned: a second time finds nothing, and defaults bring nothing unknown', () => {
  fc.assert(
    fc.property(schemas, values, (schema, value) => {
      const before = structuredClone(value);
      const { value: pruned, unknown } = prune(schema, value);
      assert.deepEqual(prune(schema, pruned).unknown, []);
      assert.equal(prune(schema, pruned).value, pruned);
      assert.equal(unknown.length === 0, pruned === value);
      assert.deepEqual(prune(schema, setDefaults(schema, pruned)).unknown, []);
      assert.ok(jsonEqual(value, before), 'the input changed');
    }),
    RUNS,
  );
});

test('no value makes validation throw, and a value that did not change is never refused', () => {
  fc.assert(
    fc.property(schemas, values, values, (schema, value, old) => {
      validate(schema, value);
      validate(schema, value, { old });
      assert.deepEqual(validate(schema, value, { old: structuredClone(value) }), []);
    }),
    RUNS,
  );
});

test('every built-in kind can be defaulted, pruned and validated with anything', () => {
  const kinds = builtinResources().map(({ group, version, kind }) => builtinSchema(group, version, kind)!);
  fc.assert(
    fc.property(
      fc.constantFrom(...kinds),
      fc.dictionary(fc.constantFrom('apiVersion', 'kind', 'metadata', 'spec', 'status', 'data'), values),
      (schema, value) => {
        const filled = setDefaults(schema, value);
        validate(schema, prune(schema, filled).value);
      },
    ),
    RUNS,
  );
});
