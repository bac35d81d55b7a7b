import type { KindUnderTest } from './pod-knobs.ts';
import type { Json } from './step.ts';

const GROUP = 'differential.example.com';
const text = { type: 'string' };
const number = { type: 'integer' };

/** What a definition can say of a field, a field each. */
const spec = {
  type: 'object',
  required: ['mode'],
  properties: {
    mode: {
      type: 'string',
      maxLength: 1,
      enum: ['A', 'B'],
      'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'stays', reason: 'FieldValueForbidden' }],
    },
    replicas: { type: 'integer', format: 'int32', default: 1, minimum: 0, maximum: 10 },
    low: number,
    high: number,
    code: { type: 'string', pattern: '^[a-z]+$', minLength: 2, maxLength: 5 },
    time: { type: 'string', format: 'date-time' },
    size: { 'x-kubernetes-int-or-string': true, pattern: '^[0-9]+%$' },
    share: { type: 'number', multipleOf: 0.5, maximum: 4, exclusiveMaximum: true },
    maybe: { type: 'string', nullable: true },
    parts: {
      type: 'array',
      maxItems: 3,
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name', 'port'],
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: text, port: { type: 'integer', default: 80 }, value: { type: 'string', default: 'v', maxLength: 5 } },
      },
    },
    set: { type: 'array', maxItems: 5, 'x-kubernetes-list-type': 'set', items: { type: 'string', maxLength: 5 } },
    atoms: { type: 'array', items: number },
    counts: { type: 'object', minProperties: 1, maxProperties: 2, additionalProperties: { type: 'integer', minimum: 0 } },
    whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { a: text, b: text } },
    any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: number } },
    inner: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    deep: {
      type: 'object',
      default: {},
      properties: { x: { type: 'string', default: 'deep' }, y: { type: 'object', properties: { z: { type: 'boolean', default: true } } } },
    },
  },
  not: { required: ['low', 'code'] },
  'x-kubernetes-validations': [
    { rule: '!has(self.low) || !has(self.high) || self.low <= self.high', messageExpression: '"low is above in " + self.mode', fieldPath: '.low' },
    { rule: '!has(self.counts) || self.counts.all(key, self.counts[key] < 5)', message: 'no count above 4' },
    { rule: 'has(self.code) == has(oldSelf.code)', message: 'code comes or goes' },
    { rule: '!oldSelf.hasValue() || self.replicas >= oldSelf.value().replicas - 5', message: 'not so fast', optionalOldSelf: true },
  ],
};

const widget = {
  type: 'object',
  required: ['spec'],
  properties: {
    spec,
    status: { type: 'object', properties: { replicas: number, selector: text, phase: { type: 'string', enum: ['Up', 'Down'] } } },
  },
};

const definition = (plural: string, kind: string, version: Json): Json => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${plural}.${GROUP}` },
  spec: { group: GROUP, scope: 'Namespaced', names: { plural, kind }, versions: [{ name: 'v1', served: true, storage: true, ...version }] },
});

/** Definitions of kinds that are there to be asked about: one says of its fields what can be said, the other nothing. */
export const DEFINITIONS: readonly Json[] = [
  definition('widgets', 'Widget', {
    schema: { openAPIV3Schema: widget },
    subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' } },
    selectableFields: [{ jsonPath: '.spec.mode' }, { jsonPath: '.spec.replicas' }],
    additionalPrinterColumns: [
      { name: 'Mode', type: 'string', jsonPath: '.spec.mode' },
      { name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas', priority: 1 },
      { name: 'Time', type: 'date', jsonPath: '.spec.time' },
      { name: 'Set', type: 'string', jsonPath: '.spec.set' },
      { name: 'Parts', type: 'string', jsonPath: '.spec.parts[*].name' },
    ],
  }),
  definition('gadgets', 'Gadget', { schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } } }),
];

/** Those kinds by their plural. */
export const CUSTOM: Readonly<Record<string, KindUnderTest>> = {
  widgets: {
    base: `/apis/${GROUP}/v1`,
    apiVersion: `${GROUP}/v1`,
    kind: 'Widget',
    valid: { spec: { mode: 'A' } },
    scale: true,
    fields: ['spec.mode=A', 'spec.mode!=A', 'spec.replicas=1', 'spec.code=x'],
    knobs: [
      ['spec.mode', ['A', 'B', 'C', undefined]],
      ['spec.replicas', [0, 9, 11, '3', null, undefined]],
      ['spec.low', [1, 5]],
      ['spec.high', [3, 7]],
      ['spec.code', ['abc', 'ABC', 'a', 'abcdef', undefined]],
      ['spec.time', ['2026-01-01T00:00:00Z', 'today']],
      ['spec.size', [5, '50%', 'half', 0.5]],
      ['spec.share', [1.5, 2, 1.2, 4, 5]],
      ['spec.maybe', [null, 'yes', 1]],
      [
        'spec.parts',
        [
          [{ name: 'a' }],
          [{ name: 'a', value: 'too long' }, { name: 'b' }],
          [{ name: 'a' }, { name: 'a', port: 81 }],
          [{ name: 'a' }, { name: 'a', port: 80 }],
          [{ name: 'b', extra: 1 }, { port: 1 }],
          [{ name: 'a' }, { name: 'b' }, { name: 'c' }, { name: 'd' }],
          [],
          null,
        ],
      ],
      ['spec.parts.0.value', ['w', 'longer than five', undefined]],
      ['spec.set', [['a', 'b'], ['b', 'c'], ['a', 'a'], ['longer than five'], []]],
      ['spec.atoms', [[1, 2], [2], ['x']]],
      ['spec.counts', [{ a: 1 }, { a: 9, b: -1 }, {}, { a: 1, b: 2, c: 3 }]],
      ['spec.whole', [{ a: '1' }, { b: '2' }, { a: '1', c: 'x' }]],
      ['spec.any', [{ x: 1, y: { z: null } }, { known: 'no' }, {}]],
      [
        'spec.inner',
        [
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } },
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'X_', unknown: 1 } },
          { kind: 'ConfigMap' },
          { apiVersion: 'a/b/c', kind: '' },
        ],
      ],
      ['spec.deep', [{}, { y: {} }, { x: 'mine', w: 1 }, null]],
      ['spec', [{}, null, undefined, { mode: 'A', replicas: 10 }]],
    ],
    status: [{ phase: 'Up', replicas: 1, selector: 'app=x' }, { phase: 'Sideways' }, { unknown: 1 }, { replicas: 'x' }],
  },
  gadgets: {
    base: `/apis/${GROUP}/v1`,
    apiVersion: `${GROUP}/v1`,
    kind: 'Gadget',
    valid: { spec: { a: { b: 1 } } },
    knobs: [
      ['spec.a', [{ b: 2 }, { c: [1, { d: null }] }, null, 'x']],
      ['spec.a.b', [1, [1, 2], [], {}, undefined]],
      ['status', [{ phase: 'x' }, null]],
      ['data', [[{ a: 1 }, { b: null }], { '': 1 }]],
    ],
  },
};
