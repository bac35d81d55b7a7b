/**
 * What zod has no word for and Kubernetes does. Each is a zod schema with its CRD schema in its metadata, so `.optional()`, `.default()` and
 * `.describe()` go on from it as usual.
 */
import type { Condition, HPAScalingRules, LabelSelector, MetricSpec } from '@binnacle/client/kinds';
import { z } from 'zod';
import { quantityNanos } from '../cel/quantity.ts';
import type { Rule, Schema } from '../structural.ts';
import { INT_OR_STRING, QUANTITY, inlineDefinition } from './pod-part.ts';
import type { PodParts } from './pod-part.ts';

/** Metadata key under which a zod schema names the CRD schema it stands for. By name, because zod copies metadata and the identity would be lost. */
export const STRUCTURAL = 'structural';

const forms = new Map<string, Schema>();

/** The CRD schema of that name. @throws when no helper made it. */
export function structuralForm(name: string): Schema {
  const form = forms.get(name);
  if (form === undefined) throw new Error(`no helper of k is called ${name}`);
  return form;
}

const isText = (value: unknown) => typeof value === 'string' || typeof value === 'number';
const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A type of ours with a CRD schema of its own. */
function of<T>(name: string, schema: Schema, accepts: (value: unknown) => boolean): z.ZodCustom<T, T> {
  forms.set(name, schema);
  return z.custom<T>(accepts).meta({ [STRUCTURAL]: name });
}

function builtin<T>(name: string): z.ZodCustom<T, T> {
  return of(name, inlineDefinition(name), isObject);
}

/** `10Gi`, `500m`, `2`: an amount as Kubernetes writes it. Compare with `quantityNanos`, not as text. */
function quantity(): z.ZodCustom<string | number, string | number> {
  return of('quantity', QUANTITY, (value) => isText(value) && quantityNanos(value) !== undefined);
}

/** A length of time in Go's way: `30s`, `1h30m`. Never negative. */
function duration(): z.ZodString {
  return z.string().regex(/^(0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$/);
}

/** A whole number or text, such as a port by number or name. */
function intOrString(): z.ZodCustom<string | number, string | number> {
  return of('intOrString', INT_OR_STRING, (value) => typeof value === 'string' || Number.isInteger(value));
}

/** A whole number of 32 bits. */
function int32(): z.ZodInt32 {
  return z.int32();
}

/** A whole number; exact up to 2^53, as everywhere in JavaScript. */
function int64(): z.ZodInt {
  return z.int();
}

/** A list whose items are known by `keys`: two writers may each own items of it, and no two items may have the same. */
function listMap<S extends z.ZodType>(item: S, ...keys: readonly (keyof z.output<S> & string)[]): z.ZodArray<S> {
  if (keys.length === 0) throw new Error('a map list needs a key');
  return z.array(item).meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': keys });
}

/** A list of different scalars, whose order means nothing. */
function set<S extends z.ZodType>(item: S): z.ZodArray<S> {
  return z.array(item).meta({ 'x-kubernetes-list-type': 'set' });
}

/** May not change once it is there. Setting and removing it stay possible: forbid those with a rule of the parent. */
function immutable<S extends z.ZodType>(schema: S, message = 'field is immutable'): S {
  return rule(schema, { rule: 'self == oldSelf', message });
}

/** Adds a CEL rule to a field; `self` is its value. */
function rule<S extends z.ZodType>(schema: S, ...rules: readonly Rule[]): S {
  const before = (schema.meta()?.['x-kubernetes-validations'] ?? []) as readonly Rule[];
  return schema.meta({ 'x-kubernetes-validations': [...before, ...rules] });
}

/** Text by text, such as labels. */
function stringMap(): z.ZodRecord<z.ZodString, z.ZodString> {
  return z.record(z.string(), z.string());
}

/** A piece of a pod, with the type and schema Kubernetes gives it. */
function podPart<N extends keyof PodParts>(name: N): z.ZodCustom<PodParts[N], PodParts[N]> {
  return builtin(`io.k8s.api.core.v1.${name}`);
}

/** A metric of a HorizontalPodAutoscaler and what is aimed at, of any of its types. */
function hpaMetric(): z.ZodCustom<MetricSpec, MetricSpec> {
  return builtin('io.k8s.api.autoscaling.v2.MetricSpec');
}

/** How fast a HorizontalPodAutoscaler goes in one direction, and for how long it looks back. */
function hpaScalingRules(): z.ZodCustom<HPAScalingRules, HPAScalingRules> {
  return builtin('io.k8s.api.autoscaling.v2.HPAScalingRules');
}

/** A selector over labels. */
function labelSelector(): z.ZodCustom<LabelSelector, LabelSelector> {
  return builtin('io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector');
}

/** Limits as Kubernetes sets them on metav1.Condition in CRDs. */
const CONDITION: Schema = {
  type: 'object',
  required: ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
  properties: {
    lastTransitionTime: { type: 'string', format: 'date-time', description: 'When the status last changed.' },
    message: { type: 'string', maxLength: 32_768, description: 'For people: what is the matter. May be empty.' },
    observedGeneration: { type: 'integer', format: 'int64', minimum: 0, description: 'Generation of the spec this is about.' },
    reason: {
      type: 'string',
      minLength: 1,
      maxLength: 1_024,
      pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
      description: 'For scripts: why, in one CamelCase word.',
    },
    status: { type: 'string', enum: ['True', 'False', 'Unknown'], description: 'Whether it holds.' },
    type: {
      type: 'string',
      maxLength: 316,
      pattern: '^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$',
      description: 'What holds or does not, in CamelCase.',
    },
  },
};

/** `status.conditions`, known by their type. */
function conditions(): z.ZodArray<z.ZodCustom<Condition, Condition>> {
  return z.array(of<Condition>('condition', CONDITION, isObject)).meta({
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
    description: 'What is the case now, one entry a type.',
  });
}

export const k = {
  quantity,
  duration,
  intOrString,
  int32,
  int64,
  listMap,
  set,
  immutable,
  rule,
  stringMap,
  podPart,
  hpaMetric,
  hpaScalingRules,
  labelSelector,
  conditions,
} as const;
