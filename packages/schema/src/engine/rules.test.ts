import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FieldError, Schema } from '../structural.ts';
import { sentence } from './failure.ts';
import { checkRules } from './rules.ts';
import { validate } from './validate.ts';

const spec = (properties: Record<string, Schema>, rules: Schema['x-kubernetes-validations'] = []): Schema => ({
  type: 'object',
  properties: { spec: { type: 'object', properties, 'x-kubernetes-validations': rules } },
});
const said = (schema: Schema, now: unknown, before?: unknown) =>
  validate(schema, { spec: now }, before === undefined ? {} : { old: { spec: before } }).map(sentence);

test('a failed rule is told at its node, with its message or itself', () => {
  const schema = spec({
    n: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < 5' }] },
    s: { type: 'string', 'x-kubernetes-validations': [{ rule: "self != 'b'", message: 'not b' }] },
  });
  assert.deepEqual(said(schema, { n: 50, s: 'b' }), ['spec.n: Invalid value: 50: failed rule: self < 5', 'spec.s: Invalid value: "b": not b']);
  assert.deepEqual(said(schema, { n: 4, s: 'a' }), []);
});

test('a rule of an object names its kind, may point to a field, and may give its own reason and text', () => {
  const min: Schema = { type: 'integer' };
  assert.deepEqual(said(spec({ min, max: min }, [{ rule: 'self.min <= self.max' }]), { min: 2, max: 1 }), [
    'spec: Invalid value: "object": failed rule: self.min <= self.max',
  ]);
  const pointed = spec({ min, max: min }, [
    { rule: 'self.min <= self.max', fieldPath: '.max', reason: 'FieldValueForbidden', messageExpression: "'below ' + string(self.min)" },
  ]);
  assert.deepEqual(validate(pointed, { spec: { min: 2, max: 1 } }), [{ reason: 'FieldValueForbidden', field: 'spec.max', message: 'Forbidden: below 2' }]);
});

test('a transition rule runs when there was a value, and only then', () => {
  const schema = spec({ imm: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'imm is immutable' }] } });
  assert.deepEqual(said(schema, { imm: 'b' }), []);
  assert.deepEqual(said(schema, { imm: 'b' }, {}), []);
  assert.deepEqual(said(schema, { imm: 'b' }, { imm: 'a' }), ['spec.imm: Invalid value: "b": imm is immutable']);
  // Kubernetes lets an immutable field be removed: the rule has no value to run on.
  assert.deepEqual(said(schema, {}, { imm: 'a' }), []);
});

test('an entry called constructor had no old value just because objects have a constructor', () => {
  const schema = spec({ m: { type: 'object', additionalProperties: { type: 'string', 'x-kubernetes-validations': [{ rule: 'self == oldSelf' }] } } });
  assert.deepEqual(said(schema, { m: { constructor: 'a' } }, { m: {} }), []);
});

test('a transition rule with an optional old value runs on creation too', () => {
  const schema = spec({
    n: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'oldSelf.hasValue() || self == 1', optionalOldSelf: true, message: 'starts at 1' }] },
  });
  assert.deepEqual(said(schema, { n: 2 }), ['spec.n: Invalid value: 2: starts at 1']);
  assert.deepEqual(said(schema, { n: 2 }, { n: 1 }), []);
});

test('a field of an optional old value is read where there is one, and not looked for where there is none', () => {
  const rule = '!oldSelf.hasValue() || self.n >= oldSelf.value().n - 5';
  const schema = spec({
    o: { type: 'object', properties: { n: { type: 'integer' } }, 'x-kubernetes-validations': [{ rule, optionalOldSelf: true, message: 'not so fast' }] },
  });
  assert.deepEqual(said(schema, { o: { n: 2 } }), []);
  assert.deepEqual(said(schema, { o: { n: 2 } }, { o: { n: 3 } }), []);
  assert.deepEqual(said(schema, { o: { n: 2 } }, { o: { n: 9 } }), ['spec.o: Invalid value: "object": not so fast']);
});

test('items of a map list have an old self by their key, items of other lists have none', () => {
  const item: Schema = {
    type: 'object',
    required: ['k'],
    properties: { k: { type: 'string' }, v: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf' }] } },
  };
  const map = spec({ list: { type: 'array', items: item, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] } });
  const before = {
    list: [
      { k: 'a', v: 5 },
      { k: 'b', v: 1 },
    ],
  };
  assert.deepEqual(
    said(
      map,
      {
        list: [
          { k: 'b', v: 3 },
          { k: 'a', v: 4 },
        ],
      },
      before,
    ),
    ['spec.list[1].v: Invalid value: 4: failed rule: self >= oldSelf'],
  );
  assert.deepEqual(said(spec({ list: { type: 'array', items: item } }), { list: [{ k: 'a', v: 4 }] }, before), []);
});

test('an unchanged value that breaks a rule is a warning, not an error', () => {
  const schema = spec({ n: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < 5' }] } });
  const warnings: FieldError[] = [];
  const object = { spec: { n: 50 } };
  assert.deepEqual(validate(schema, object, { old: structuredClone(object), onRatcheted: (error) => warnings.push(error) }), []);
  assert.deepEqual(warnings.map(sentence), ['spec.n: Invalid value: 50: failed rule: self < 5']);
});

test('an evaluation that fails refuses the object and says why', () => {
  const schema = spec({ m: { type: 'object', additionalProperties: { type: 'string' } } }, [{ rule: "self.m['x'] == 'y'", message: 'm has x' }]);
  assert.deepEqual(said(schema, { m: {} }), ['spec: Invalid value: "object": no such key: x evaluating rule: m has x']);
});

test('a rule that does not compile is an error with the path to it', () => {
  const schema = spec({ list: { type: 'array', items: { type: 'integer', 'x-kubernetes-validations': [{ rule: "self == 'x'" }] } } }, [
    { rule: 'self.nope > 1' },
  ]);
  assert.deepEqual(checkRules(schema, 'spec.versions[0].schema.openAPIV3Schema').map(sentence), [
    'spec.versions[0].schema.openAPIV3Schema.properties[spec].x-kubernetes-validations[0].rule: Invalid value: "self.nope > 1": compilation failed: no such key: nope',
    'spec.versions[0].schema.openAPIV3Schema.properties[spec].properties[list].items.x-kubernetes-validations[0].rule: Invalid value: "self == \'x\'": compilation failed: no such overload: int == string',
  ]);
  assert.match(said(schema, { list: [1] })[0]!, /rule compile error/);
});
