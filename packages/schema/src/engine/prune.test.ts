import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtinSchema } from '../builtin/table.ts';
import type { Schema } from '../structural.ts';
import { prune } from './prune.ts';
import { rootSchema } from './resolve.ts';

const schema: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        a: { type: 'integer' },
        list: { type: 'array', items: { type: 'object', properties: { k: { type: 'string' } } } },
        labels: { type: 'object', additionalProperties: { type: 'string' } },
        free: {
          type: 'object',
          'x-kubernetes-preserve-unknown-fields': true,
          properties: { known: { type: 'object', properties: { x: { type: 'integer' } } } },
        },
        port: { 'x-kubernetes-int-or-string': true },
        emb: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { spec: { type: 'object' } } },
      },
    },
  },
};

test('unknown fields go, each named by its path', () => {
  const { value, unknown } = prune(schema, { spec: { a: 1, foo: 2, list: [{ k: 'x', bar: 1 }], labels: { any: 'x' }, port: '80' } });
  assert.deepEqual(value, { spec: { a: 1, list: [{ k: 'x' }], labels: { any: 'x' }, port: '80' } });
  assert.deepEqual(unknown, ['spec.foo', 'spec.list[0].bar']);
});

test('where unknown fields are preserved, what is declared below is pruned again', () => {
  const { value, unknown } = prune(schema, { spec: { free: { anything: { deep: 1 }, known: { x: 1, y: 2 } } } });
  assert.deepEqual(value, { spec: { free: { anything: { deep: 1 }, known: { x: 1 } } } });
  assert.deepEqual(unknown, ['spec.free.known.y']);
});

test('an embedded object keeps its type and real metadata', () => {
  const { value, unknown } = prune(schema, { spec: { emb: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', nick: 'b' }, spec: { x: 1 }, more: 1 } } });
  assert.deepEqual(value, { spec: { emb: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: {} } } });
  assert.deepEqual(unknown, ['spec.emb.metadata.nick', 'spec.emb.spec.x', 'spec.emb.more']);
});

test('a whole custom object keeps its type and metadata, and metadata is Kubernetes’ own', () => {
  const object = { apiVersion: 'ex.io/v1', kind: 'Thing', metadata: { name: 'a', labels: { x: 'y' }, nick: 1 }, spec: {} };
  assert.deepEqual(prune(rootSchema(schema), object).unknown, ['metadata.nick']);
  assert.equal(rootSchema(schema), rootSchema(schema));
});

test('what has nothing unknown comes back as the same object', () => {
  const object = { spec: { a: 1, list: [{ k: 'x' }] } };
  assert.equal(prune(schema, object).value, object);
});

test('a misspelt field of a built-in kind is found, free-form ones are left alone', () => {
  const deployment = builtinSchema('apps', 'v1', 'Deployment')!;
  assert.deepEqual(prune(deployment, { spec: { replica: 1, template: { spec: { containers: [{ name: 'a', img: 'b' }] } } } }).unknown, [
    'spec.replica',
    'spec.template.spec.containers[0].img',
  ]);
  const crd = builtinSchema('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition')!;
  const free = {
    spec: { versions: [{ schema: { openAPIV3Schema: { type: 'object', properties: { a: { default: { x: [1] }, items: { type: 'string' } } } } } }] },
  };
  assert.deepEqual(prune(crd, free).unknown, []);
  assert.deepEqual(prune(rootSchema({}), { metadata: { managedFields: [{ fieldsV1: { 'f:spec': { 'f:a': {} } } }] } }).unknown, []);
});
