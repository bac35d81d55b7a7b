/** How large a value may become that a schema allows, in one request. Source: apiserver, pkg/cel/common/schemas.go. */
import { OBJECT_META, deref } from '../../engine/resolve.ts';
import type { Resolve } from '../../builtin/table.ts';
import type { Schema } from '../../structural.ts';
import { escapeName } from '../convert.ts';

/** Bytes of a request, at most. */
const REQUEST_BYTES = 3 * 1024 * 1024;
/** What is known of no size: as good as without end. */
export const UNKNOWN_MAX = 2 ** 64;

/** From, to: characters, bytes, items or entries. */
export interface Size {
  readonly min: number;
  readonly max: number;
}

/** What an expression is about, as far as its cost depends on it. */
export interface Value {
  readonly kind: 'scalar' | 'text' | 'list' | 'map' | 'object' | 'any';
  readonly size: Size;
  /** A field of an object; `undefined`: nothing is known of it. */
  readonly field?: (name: string) => Value | undefined;
  /** Any item of a list, or any value of a map. */
  readonly element?: () => Value;
  /** It was made by an expression, and stands nowhere in the schema. */
  readonly made?: true;
}

/** The value that a schema describes. */
export function valueOf(reference: Schema, resolve: Resolve): Value {
  const schema = deref(reference, resolve);
  const upTo = (max: number) => ({ min: 0, max });
  if (schema['x-kubernetes-int-or-string'] === true) return { kind: 'any', size: upTo(textMost(schema)) };
  switch (schema.type) {
    case 'string':
      return { kind: isTime(schema) ? 'scalar' : 'text', size: upTo(textMost(schema)) };
    case 'array': {
      const { items } = schema;
      if (items === undefined) return ANYTHING;
      return { kind: 'list', size: upTo(schema.maxItems ?? itemsMost(items, resolve)), element: () => valueOf(items, resolve) };
    }
    case 'object':
      return objectValue(schema, resolve);
    case 'boolean':
    case 'integer':
    case 'number':
      return { kind: 'scalar', size: upTo(0) };
    default:
      return ANYTHING;
  }
}

/** Something of which nothing is known. */
export const ANYTHING: Value = { kind: 'any', size: { min: 0, max: UNKNOWN_MAX } };

function objectValue(schema: Schema, resolve: Resolve): Value {
  const rest = schema.additionalProperties;
  if (schema.properties === undefined && typeof rest === 'object') {
    const most = schema.maxProperties ?? Math.floor((REQUEST_BYTES - 2) / (smallest(rest, resolve) + 6));
    return { kind: 'map', size: { min: 0, max: most }, element: () => valueOf(rest, resolve) };
  }
  const embedded: Readonly<Record<string, Schema>> =
    schema['x-kubernetes-embedded-resource'] === true ? { apiVersion: TEXT, kind: TEXT, metadata: OBJECT_META } : {};
  const declared: Readonly<Record<string, Schema>> = { ...embedded, ...schema.properties };
  const field = (name: string): Value | undefined => {
    const found = Object.entries(declared).find(([key]) => escapeName(key) === name);
    return found === undefined ? undefined : valueOf(found[1], resolve);
  };
  return { kind: 'object', size: { min: 0, max: 0 }, field };
}

const TEXT: Schema = { type: 'string' };

/** How often data of a schema may be repeated in one request, when nothing above it says how often. */
export function repeatsMost(schema: Schema, resolve: Resolve): number {
  return Math.floor(REQUEST_BYTES / (smallest(schema, resolve) + 1));
}

function itemsMost(items: Schema, resolve: Resolve): number {
  return Math.floor((REQUEST_BYTES - 2) / (smallest(items, resolve) + 1));
}

const isTime = ({ format }: Schema): boolean => format === 'date' || format === 'date-time' || format === 'duration';

function textMost(schema: Schema): number {
  if (schema.format === 'duration' || schema.format === 'date-time') return 32;
  if (schema.format === 'date') return 12;
  // A length is told in characters of up to four bytes.
  if (schema.maxLength !== undefined) return Math.max(0, schema.maxLength) * (schema.format === 'byte' ? 1 : 4);
  const texts = (schema.enum ?? []).filter((one) => typeof one === 'string');
  return texts.length > 0 ? Math.max(...texts.map((one) => one.length)) : REQUEST_BYTES - 2;
}

/** Bytes of the smallest JSON that a schema allows. */
function smallest(reference: Schema, resolve: Resolve): number {
  const schema = deref(reference, resolve);
  if (schema['x-kubernetes-int-or-string'] === true) return 1;
  switch (schema.type) {
    case 'string':
      return schema.format === 'duration' ? 3 : schema.format === 'date' ? 12 : schema.format === 'date-time' ? 21 : 2;
    case 'boolean':
      return 4;
    case 'array':
      return 2;
    case 'object': {
      const needed = (schema.required ?? []).flatMap((name) => {
        const property = schema.properties?.[name];
        return property === undefined || property.default !== undefined ? [] : [name.length + smallest(property, resolve) + 4];
      });
      return needed.reduce((sum, bytes) => sum + bytes, 2);
    }
    default:
      return 1;
  }
}
