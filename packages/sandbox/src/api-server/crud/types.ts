import { definition } from '@binnacle/schema';
import type { Schema } from '@binnacle/schema';
import { isRecord } from '../object.ts';

const TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';
const MICRO_TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime';
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;
const MICRO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(?:Z|[+-]\d\d:\d\d)$/;

/**
 * What Go's JSON decoder would say of a built-in object whose fields have the wrong types: the first such field, `undefined` when there is none. A null is
 * never wrong: it reads as absent.
 */
export function typeProblem(schema: Schema, value: unknown, where: string): string | undefined {
  return problemOf(schema, value, { parent: undefined, key: where });
}

/** Where a value is: written out only when it is wrong, since hardly any is. */
interface Place {
  readonly parent: Place | undefined;
  readonly key: string;
}

function pathOf({ parent, key }: Place): string {
  return parent === undefined ? key : `${pathOf(parent)}.${key}`;
}

function problemOf(schema: Schema, value: unknown, where: Place): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (schema.$ref === TIME) return timeProblem(value, where, RFC3339, '2006-01-02T15:04:05Z07:00');
  if (schema.$ref === MICRO_TIME) return timeProblem(value, where, MICRO, '2006-01-02T15:04:05.000000Z07:00');
  // Both are numbers or text, and checked by those who know them.
  if (schema.$ref === QUANTITY) return typeof value === 'string' || typeof value === 'number' ? undefined : mismatch(value, where, 'resource.Quantity');
  const node = schema.$ref === undefined ? schema : definition(schema.$ref);
  if (node['x-kubernetes-int-or-string'] === true) {
    return typeof value === 'string' || Number.isInteger(value) ? undefined : mismatch(value, where, 'intstr.IntOrString');
  }
  switch (node.type) {
    case 'object':
      return isRecord(value) ? entriesProblem(node, value, where) : mismatch(value, where, goType(schema, node));
    case 'array':
      if (!Array.isArray(value)) return mismatch(value, where, goType(schema, node));
      return itemsProblem(node.items ?? {}, value, where);
    case 'string':
      return typeof value === 'string' ? undefined : mismatch(value, where, 'string');
    case 'boolean':
      return typeof value === 'boolean' ? undefined : mismatch(value, where, 'bool');
    case 'integer':
      return Number.isInteger(value) ? undefined : mismatch(value, where, goType(schema, node));
    case 'number':
      return typeof value === 'number' ? undefined : mismatch(value, where, 'float64');
    default:
      return undefined;
  }
}

function entriesProblem(node: Schema, value: Readonly<Record<string, unknown>>, where: Place): string | undefined {
  const rest = typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
  for (const key in value) {
    const property = node.properties !== undefined && Object.hasOwn(node.properties, key) ? node.properties[key] : undefined;
    // Go names the map's field, not the key in it.
    const found =
      property !== undefined ? problemOf(property, value[key], { parent: where, key }) : rest === undefined ? undefined : problemOf(rest, value[key], where);
    if (found !== undefined) return found;
  }
  return undefined;
}

function itemsProblem(items: Schema, value: readonly unknown[], where: Place): string | undefined {
  for (const item of value) {
    const found = problemOf(items, item, where);
    if (found !== undefined) return found;
  }
  return undefined;
}

function mismatch(value: unknown, where: Place, wanted: string): string {
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  const number = typeof value === 'number' && !Number.isInteger(value) ? ` ${value}` : '';
  return `json: cannot unmarshal ${found}${number} into Go struct field ${pathOf(where)} of type ${wanted}`;
}

function timeProblem(value: unknown, where: Place, form: RegExp, layout: string): string | undefined {
  if (typeof value !== 'string') return mismatch(value, where, 'string');
  // The zero time is written as an empty text by some clients.
  if (form.test(value) || value === '') return undefined;
  const rest = value.slice(19);
  const part = rest === '' ? 'Z07:00' : layout.includes('.') ? '.000000' : 'Z07:00';
  return `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(rest === '' ? value : rest)} as "${part}"`;
}

/** The type's name as Go prints it. */
function goType(reference: Schema, node: Schema): string {
  if (reference.$ref !== undefined) return reference.$ref.split('.').slice(-2).join('.');
  if (node.type === 'array') return `[]${goType(node.items ?? {}, node.items ?? {})}`;
  if (node.type === 'integer') return node.format ?? 'int64';
  if (node.type === 'object')
    return typeof node.additionalProperties === 'object'
      ? `map[string]${goType(node.additionalProperties, node.additionalProperties)}`
      : 'map[string]interface {}';
  return node.type ?? 'interface {}';
}
