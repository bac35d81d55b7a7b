import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schema } from '../structural.ts';
import { fillDefaults, setDefaults } from './defaults.ts';

const schema: Schema = {
  type: 'object',
  properties: {
    size: { type: 'integer', default: 3 },
    mode: { type: 'string', nullable: true, default: 'A' },
    note: { type: 'string' },
    nest: { type: 'object', default: {}, properties: { x: { type: 'integer', default: 1 } } },
    nodef: { type: 'object', properties: { x: { type: 'integer', default: 1 } } },
    ports: { type: 'array', items: { type: 'object', properties: { protocol: { type: 'string', default: 'TCP' } } } },
    map: { type: 'object', additionalProperties: { type: 'object', properties: { y: { type: 'integer', default: 2 } } } },
    words: { type: 'array', items: { type: 'string', default: '' } },
  },
};

test('defaults fill what is absent, and inside a parent that is there or has a default', () => {
  assert.deepEqual(setDefaults(schema, {}), { size: 3, mode: 'A', nest: { x: 1 } });
  assert.deepEqual(setDefaults(schema, { size: 0, nodef: {}, ports: [{}, { protocol: 'UDP' }], map: { a: {} } }), {
    size: 0,
    mode: 'A',
    nest: { x: 1 },
    nodef: { x: 1 },
    ports: [{ protocol: 'TCP' }, { protocol: 'UDP' }],
    map: { a: { y: 2 } },
  });
});

test('null is a value where the schema says so, else the default, else nothing', () => {
  assert.deepEqual(setDefaults(schema, { size: null, mode: null, note: null, nest: {}, words: [null] }), { size: 3, mode: null, nest: { x: 1 }, words: [''] });
});

test('what nobody has read gets its defaults and keeps its nulls, for validation to refuse', () => {
  assert.deepEqual(fillDefaults(schema, { size: null, mode: null, note: null, nest: {} }), { size: 3, mode: null, note: null, nest: { x: 1 } });
});

test('what is complete comes back as the same object, and what is given never changes', () => {
  const complete = { size: 1, mode: 'B', nest: { x: 1 } };
  assert.equal(setDefaults(schema, complete), complete);
  const ports = Object.freeze([Object.freeze({})]);
  const given = Object.freeze({ size: 1, mode: 'B', nest: Object.freeze({ x: 1 }), ports });
  assert.notEqual(setDefaults<object>(schema, given), given);
  assert.deepEqual(given, { size: 1, mode: 'B', nest: { x: 1 }, ports: [{}] });
});

test('two objects never share a default', () => {
  const [a, b] = [setDefaults<Record<string, unknown>>(schema, {}), setDefaults<Record<string, unknown>>(schema, {})];
  assert.notEqual(a['nest'], b['nest']);
  assert.notEqual(a['nest'], schema.properties!['nest']!.default);
  const list: Schema = { type: 'object', properties: { env: { type: 'array', default: [{ a: 1 }] } } };
  const filled = setDefaults<{ env?: unknown }>(list, {});
  assert.deepEqual(filled.env, [{ a: 1 }]);
  assert.notEqual(filled.env, list.properties!['env']!.default);
});

test('references are followed into the built-in table, and the default beside a reference counts', () => {
  const pod: Schema = { $ref: 'io.k8s.api.core.v1.PodSpec' };
  assert.deepEqual(setDefaults(pod, { containers: [{ name: 'a', ports: [{ containerPort: 1 }] }] }), {
    containers: [{ name: 'a', ports: [{ containerPort: 1, protocol: 'TCP' }] }],
  });
  const resolve = (): Schema => ({ type: 'string', default: 'far' });
  assert.deepEqual(setDefaults({ type: 'object', properties: { a: { $ref: 'x', default: 'near' }, b: { $ref: 'x' } } }, {}, resolve), { a: 'near', b: 'far' });
});

test('a key called __proto__ or constructor is data like any other', () => {
  const map: Schema = { type: 'object', additionalProperties: { type: 'object', properties: { y: { type: 'integer', default: 2 } } } };
  const given = JSON.parse('{"__proto__": {}, "constructor": {}}') as Record<string, unknown>;
  const filled = setDefaults(map, given);
  assert.equal(JSON.stringify(filled), '{"__proto__":{"y":2},"constructor":{"y":2}}');
  assert.equal(Object.getPrototypeOf(filled), Object.prototype);
});
