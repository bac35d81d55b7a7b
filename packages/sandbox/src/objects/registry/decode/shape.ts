import { definition } from '@binnacle/schema';
import type { Schema } from '@binnacle/schema';
import type { JsonObject } from '../../json.ts';
import { defaultsByType } from './defaults.ts';
import { keepsEmptyText } from './empty-text.ts';

/** What decoding does with a value of a built-in type. Compiled from its definition once. */
export type Shape =
  | { readonly is: 'quantity' | 'time' | 'microTime' | 'plain' }
  | { readonly is: 'list'; readonly items: () => Shape }
  /** `text`: of strings or of bytes, whose null is an empty one. */
  | { readonly is: 'map'; readonly values: () => Shape; readonly text: 'plain' | 'base64' | undefined }
  | {
      readonly is: 'object';
      readonly field: (name: string) => Field | undefined;
      /** What declared fields hold when they are absent. */
      readonly fallbacks: readonly (readonly [string, unknown])[];
      readonly defaults: ((object: JsonObject) => JsonObject) | undefined;
    };

export interface Field {
  readonly shape: Shape;
  /** Whether the server leaves this value of the field out: Go's `omitempty`. */
  readonly omits: (value: unknown) => boolean;
}

const SPECIAL: Readonly<Record<string, Shape>> = {
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { is: 'quantity' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.Time': { is: 'time' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime': { is: 'microTime' },
  'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1': { is: 'plain' },
};

const named = new Map<string, Shape>();

/** The shape of a definition, such as `io.k8s.api.core.v1.PodSpec`. @throws when there is no definition of that name. */
export function shapeOf(name: string): Shape {
  let shape = named.get(name) ?? SPECIAL[name];
  if (shape === undefined) {
    shape = compile(definition(name), name);
    named.set(name, shape);
  }
  return shape;
}

const PLAIN: Shape = { is: 'plain' };

function compile(schema: Schema, name: string): Shape {
  if (schema.$ref !== undefined) return shapeOf(schema.$ref);
  if (schema['x-kubernetes-preserve-unknown-fields'] === true) return PLAIN;
  if (schema.type === 'array') {
    const items = schema.items;
    return items === undefined ? PLAIN : { is: 'list', items: once(() => compile(items, '')) };
  }
  if (schema.type !== 'object') return PLAIN;
  const values = schema.additionalProperties;
  if (typeof values === 'object')
    return { is: 'map', values: once(() => compile(values, '')), text: values.type !== 'string' ? undefined : values.format === 'byte' ? 'base64' : 'plain' };
  return objectShape(schema, name);
}

function objectShape(schema: Schema, name: string): Shape {
  const properties = schema.properties ?? {};
  const fields = new Map<string, Field>();
  const needed = new Set(schema.required);
  return {
    is: 'object',
    fallbacks: Object.entries(properties).flatMap(([key, property]) =>
      property.default === undefined || NAMES_LEFT_OUT.test(`${name}.${key}`) ? [] : [[key, property.default] as const],
    ),
    defaults: defaultsByType[name],
    field: (key) => {
      let field = fields.get(key);
      const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
      if (field === undefined && property !== undefined) {
        field = { shape: compile(property, ''), omits: omission(property, name, key, needed.has(key)) };
        fields.set(key, field);
      }
      return field;
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** Lists that Go writes even when they are empty, beside those that a type requires. */
const WRITTEN_EMPTY = new Set(['rbac.v1.Role.rules', 'rbac.v1.ClusterRole.rules', 'discovery.v1.EndpointSlice.endpoints', 'discovery.v1.EndpointSlice.ports']);

/** Numbers that Go keeps by value: 0 is absent. Others are pointers, for which 0 is a number. */
const ZERO_IS_ABSENT = new Set([
  'initialDelaySeconds',
  'hostPort',
  'nodePort',
  'minReadySeconds',
  'healthCheckNodePort',
  'observedGeneration',
  'generation',
  'count',
  'readyReplicas',
  'currentReplicas',
  'updatedReplicas',
  'availableReplicas',
  'unavailableReplicas',
  'fullyLabeledReplicas',
  'updatedNumberScheduled',
  'numberAvailable',
  'numberUnavailable',
  'active',
  'succeeded',
  'failed',
]);

/** Booleans that Go keeps by value. */
const FALSE_IS_ABSENT = new Set([
  'hostNetwork',
  'hostPID',
  'hostIPC',
  'stdin',
  'stdinOnce',
  'tty',
  'publishNotReadyAddresses',
  'paused',
  'unschedulable',
  'readOnly',
]);

/** Names of what is referred to: their default is an empty text, which is left out. Source: k8s.io/api, core/v1/types.go, `LocalObjectReference` and what embeds it. */
const NAMES_LEFT_OUT = /\.core\.v1\.(LocalObjectReference|(ConfigMap|Secret)(EnvSource|KeySelector|Projection)|ConfigMapVolumeSource)\.name$/;

const keeps = () => false;

function omission(property: Schema, owner: string, key: string, needed: boolean): (value: unknown) => boolean {
  if (NAMES_LEFT_OUT.test(`${owner}.${key}`)) return (value) => value === '';
  if (needed || property.default !== undefined) return keeps;
  const where = `${owner.replace('io.k8s.api.', '')}.${key}`;
  switch (property.type) {
    case 'string':
      return keepsEmptyText(where) ? keeps : (value) => value === '';
    case 'array':
      return WRITTEN_EMPTY.has(where) ? keeps : (value) => Array.isArray(value) && value.length === 0;
    case 'object':
      return property.additionalProperties === undefined ? keeps : (value) => typeof value === 'object' && value !== null && Object.keys(value).length === 0;
    case 'integer':
      return ZERO_IS_ABSENT.has(key) || where === 'apps.v1.DeploymentStatus.replicas' ? (value) => value === 0 : keeps;
    case 'boolean':
      return FALSE_IS_ABSENT.has(key) ? (value) => value === false : keeps;
    default:
      return keeps;
  }
}
