/**
 * Between JSON with a schema and CEL. A whole number becomes a bigint because the schema says integer: in CEL `1` and `1.0` are different types,
 * in JSON they are not. Objects become maps, so a field called `constructor` is only that. Source: spec/runtime.md §3.4.
 */
import type { Resolve } from '../builtin/table.ts';
import { isObject } from '../engine/json.ts';
import { OBJECT_META, deref, entrySchema } from '../engine/resolve.ts';
import type { Schema } from '../structural.ts';

/** What the engine makes of strings with a format, given by who owns the environment. */
export interface Parsers {
  readonly timestamp: (text: string) => unknown;
  readonly duration: (text: string) => unknown;
}

/** CEL's reserved words, which as a field name are written between two underscores each side. */
const RESERVED = new Set('true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '));

/** How an expression writes the field `a-b` or `namespace`: `a__dash__b`, `__namespace__`. */
export function escapeName(name: string): string {
  if (RESERVED.has(name)) return `__${name}__`;
  return name.replaceAll('__', '__underscores__').replaceAll('.', '__dot__').replaceAll('-', '__dash__').replaceAll('/', '__slash__');
}

/** The value as expressions see it. What the schema does not know is left out: the API server does not show it either. */
export function toCel(reference: Schema, value: unknown, resolve: Resolve, parsers: Parsers): unknown {
  if (value === null || value === undefined) return null;
  const schema = deref(reference, resolve);
  if (schema['x-kubernetes-int-or-string'] === true) return typeof value === 'number' ? whole(value) : value;
  if (typeof value === 'number') return schema.type === 'number' ? value : whole(value);
  if (typeof value === 'string') return textToCel(schema, value, parsers);
  if (Array.isArray(value)) return schema.items === undefined ? [] : value.map((item) => toCel(schema.items!, item, resolve, parsers));
  return isObject(value) ? objectToCel(schema, value, resolve, parsers) : value;
}

function objectToCel(schema: Schema, value: Readonly<Record<string, unknown>>, resolve: Resolve, parsers: Parsers): Map<string, unknown> {
  const map = new Map<string, unknown>();
  for (const [key, entry] of Object.entries(value)) {
    const meta = schema['x-kubernetes-embedded-resource'] === true ? metaSchema(key) : undefined;
    const nested = entrySchema(schema, key) ?? meta;
    if (nested === undefined || entry === undefined) continue;
    const declared = schema.properties !== undefined && Object.hasOwn(schema.properties, key);
    map.set(declared ? escapeName(key) : key, toCel(nested, entry, resolve, parsers));
  }
  return map;
}

function metaSchema(key: string): Schema | undefined {
  if (key === 'metadata') return OBJECT_META;
  return key === 'apiVersion' || key === 'kind' ? { type: 'string' } : undefined;
}

function textToCel(schema: Schema, value: string, { timestamp, duration }: Parsers): unknown {
  switch (schema.format) {
    case 'date-time':
    case 'date':
      return timestamp(schema.format === 'date' ? `${value}T00:00:00Z` : value);
    case 'duration':
      return duration(value);
    case 'byte':
      return Uint8Array.from(Buffer.from(value, 'base64'));
    default:
      return value;
  }
}

function whole(value: number): bigint | number {
  return Number.isInteger(value) ? BigInt(value) : value;
}
