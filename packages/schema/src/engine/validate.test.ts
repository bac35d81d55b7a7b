import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from '../structural.ts';
import { formatErrors, sentence } from './failure.ts';
import { validate } from './validate.ts';
import type { ValidateOptions } from './validate.ts';

const said = (schema: Schema, value: unknown, options?: ValidateOptions) => validate(schema, value, options).map(sentence);
const at = (schema: Schema, value: unknown) => said(schema, value, { path: 'spec.x' });

const thing: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        name: { type: 'string', maxLength: 10 },
        mode: { type: 'string', enum: ['A', 'B'] },
        set: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
        list: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: { type: 'object', required: ['k'], properties: { k: { type: 'string' }, v: { type: 'integer', maximum: 5 } } },
        },
        n: { type: 'integer', maximum: 5, 'x-kubernetes-validations': [{ rule: 'self >= 0' }] },
      },
    },
  },
};

test('all errors of an object come in one sentence, in the API server’s words', () => {
  const value = { spec: { labels: { a: 1 }, name: 'aaaaaaaaaaa', mode: 'C', set: ['a', 'a'], list: [{ k: 'a' }, { k: 'a' }] } };
  const { message, causes } = formatErrors('Thing.ex.io', 'e', validate(thing, value));
  assert.equal(
    message,
    'Thing.ex.io "e" is invalid: [spec.labels.a: Invalid value: "integer": spec.labels.a in body must be of type string: "integer", ' +
      'spec.name: Too long: may not be more than 10 bytes, spec.mode: Unsupported value: "C": supported values: "A", "B", ' +
      'spec.set[1]: Duplicate value: "a", spec.list[1]: Duplicate value: {"k":"a"}, ' +
      '<nil>: Invalid value: null: some validation rules were not checked because the object was invalid; correct the existing errors to complete validation]',
  );
  assert.deepEqual(causes[1], { reason: 'FieldValueTooLong', field: 'spec.name', message: 'Too long: may not be more than 10 bytes' });
  assert.equal(
    formatErrors('Pod', 'p', validate(thing, { spec: { n: 6 } })).message,
    'Pod "p" is invalid: spec.n: Invalid value: 6: spec.n in body should be less than or equal to 5',
  );
});

test('each limit has its sentence', () => {
  const cases: readonly (readonly [Schema, unknown, string | undefined])[] = [
    [{ type: 'integer' }, 3.0, undefined],
    [{ type: 'number' }, 3, undefined],
    [{ type: 'string' }, null, 'Invalid value: "null": spec.x in body must be of type string: "null"'],
    [{ type: 'string', nullable: true }, null, undefined],
    [{ type: 'integer', minimum: 1 }, 0, 'Invalid value: 0: spec.x in body should be greater than or equal to 1'],
    [{ type: 'integer', maximum: 1, exclusiveMaximum: true }, 1, 'Invalid value: 1: spec.x in body should be less than 1'],
    [{ type: 'number', multipleOf: 0.5 }, 1.2, 'Invalid value: 1.2: spec.x in body should be a multiple of 0.5'],
    // Of an integer the factor's fraction is cut off.
    [{ type: 'number', multipleOf: 0.5 }, 2, 'Invalid value: 0: factor MultipleOf declared for spec.x must be positive: 0'],
    [{ type: 'integer', multipleOf: 5 }, 7, 'Invalid value: 7: spec.x in body should be a multiple of 5'],
    [{ type: 'string', minLength: 2 }, 'é', 'Invalid value: "é": spec.x in body should be at least 2 chars long'],
    [{ type: 'string', maxLength: 2 }, '🙂🙂', undefined],
    [{ type: 'string', pattern: '^a+$' }, 'b', 'Invalid value: "b": spec.x in body should match \'^a+$\''],
    [{ type: 'string', format: 'date-time' }, 'today', 'Invalid value: "today": spec.x in body must be of type date-time: "today"'],
    [{ type: 'string', format: 'date-time' }, '2024-02-29T10:00:00.5+02:00', undefined],
    [{ type: 'string', format: 'nobody-knows' }, 'x', undefined],
    [{ type: 'array', maxItems: 1, items: { type: 'integer' } }, [1, 2], 'Too many: 2: must have at most 1 items'],
    [{ type: 'array', minItems: 1 }, [], 'Invalid value: 0: spec.x in body should have at least 1 items'],
    [{ 'x-kubernetes-int-or-string': true }, '50%', undefined],
    [{ type: 'string', enum: ['a'] }, 'b', 'Unsupported value: "b": supported values: "a"'],
  ];
  for (const [schema, value, wanted] of cases)
    assert.deepEqual(at(schema, value), wanted === undefined ? [] : [`spec.x: ${wanted}`], JSON.stringify([schema, value]));
});

test('a value of a wrong type is held to the rest of its schema as well', () => {
  const range = '<nil>: Invalid value: "": Checked value must be of type integer (default format) in spec.x';
  assert.deepEqual(at({ type: 'integer' }, 1.5), ['spec.x: Invalid value: "number": spec.x in body must be of type integer: "number"', range]);
  assert.deepEqual(at({ 'x-kubernetes-int-or-string': true }, 1.5), [
    'spec.x: Invalid value: "number": spec.x in body must be of type integer,string: "number"',
    range,
  ]);
  assert.deepEqual(at({ type: 'string', enum: ['a'] }, 1), [
    'spec.x: Invalid value: "integer": spec.x in body must be of type string: "integer"',
    'spec.x: Unsupported value: 1: supported values: "a"',
  ]);
});

test('a number beyond its format is refused', () => {
  assert.deepEqual(at({ type: 'integer', format: 'int32' }, 2 ** 31), [
    '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in spec.x',
  ]);
  assert.deepEqual(at({ type: 'integer', format: 'int64' }, 2 ** 31), []);
});

test('a missing field is required, in an embedded object its type as well', () => {
  assert.deepEqual(at({ type: 'object', required: ['a'] }, {}), ['spec.x.a: Required value']);
  assert.deepEqual(at({ type: 'object', 'x-kubernetes-embedded-resource': true }, { apiVersion: 'v1' }), ['spec.x.kind: Required value']);
  assert.deepEqual(at({ type: 'object', 'x-kubernetes-embedded-resource': true }, { apiVersion: 'a/b/c', kind: '' }), [
    'spec.x.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
    'spec.x.kind: Invalid value: "": must not be empty',
  ]);
  assert.deepEqual(at({ type: 'object', 'x-kubernetes-embedded-resource': true }, { apiVersion: 'a/b', kind: 'Kind' }), []);
});

test('of alternatives, the one that came closest says what it lacks', () => {
  const oneOf: Schema = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, oneOf: [{ required: ['a'] }, { required: ['b'] }] };
  assert.deepEqual(at(oneOf, { a: '' }), []);
  assert.deepEqual(at(oneOf, {}), [
    '<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found none valid',
    'spec.x.a: Required value',
  ]);
  assert.deepEqual(at(oneOf, { a: '', b: '' }), [
    '<nil>: Invalid value: "": "spec.x" must validate one and only one schema (oneOf). Found 2 valid alternatives',
  ]);
  assert.deepEqual(at({ not: { required: ['a'] } }, { a: 1 }), ['<nil>: Invalid value: "": "spec.x" must not validate the schema (not)']);
  assert.equal(at({ allOf: [{ type: 'string' }, { minLength: 3 }] }, 'ab')[0], '<nil>: Invalid value: "": "spec.x" must validate all the schemas (allOf)');
});

test('what was wrong before and did not change is let pass; what is wrong anew is not', () => {
  const old = { spec: { n: 9, list: [{ k: 'a', v: 9 }, { k: 'b' }] } };
  assert.deepEqual(said(thing, { ...old, metadata: { labels: {} } }, { old }), []);
  assert.deepEqual(said(thing, { spec: { n: 8, list: old.spec.list } }, { old }), [
    'spec.n: Invalid value: 8: spec.n in body should be less than or equal to 5',
  ]);
  // Items of a map list are known by their keys, wherever they are in it.
  assert.deepEqual(
    said(
      thing,
      {
        spec: {
          n: 9,
          list: [
            { k: 'b', v: 1 },
            { k: 'a', v: 9 },
          ],
        },
      },
      { old },
    ),
    [],
  );
  assert.deepEqual(said(thing, { spec: { n: 9, list: [{ k: 'b', v: 9 }] } }, { old }), [
    'spec.list[0].v: Invalid value: 9: spec.list[0].v in body should be less than or equal to 5',
  ]);
});

test('repeated items may be let pass, as the server does in pods', () => {
  assert.deepEqual(said(thing, { spec: { set: ['a', 'a'] } }, { uniqueItems: false }), []);
});
