import { timestamp } from '@binnacle/client';
import fc from 'fast-check';
import type { FieldRow, Table } from '../table.ts';

/** The deepest nesting that is made up; kinds repeat themselves below. */
const DEPTH = 7;

/** Any object of a kind, as JSON: each field there or not, pointers to zero too, other zeros not, since Go's JSON has none of them. */
export function anyObject(table: Table, groupVersionKind: string): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const [apiVersion, kind] = groupVersionKind.split(' ') as [string, string];
  return message(table, table.kinds[groupVersionKind]!, 0).map((fields) => ({ apiVersion, kind, ...(fields as object) }));
}

function message(table: Table, name: string, depth: number): fc.Arbitrary<unknown> {
  const special = SPECIAL[name];
  if (special !== undefined) return special;
  const rows = table.messages[name]!;
  if (rows[0]?.[3].includes('u') === true) return fc.array(fc.string(), { maxLength: 2 });
  if (name.includes('JSONSchemaPropsOr')) return either(table, name, depth);
  if (depth > DEPTH) return fc.constant({});
  const own = rows.filter(([, , , flags]) => !flags.includes('i'));
  const inlined = rows.filter(([, , , flags]) => flags.includes('i')).map(([, , type]) => message(table, type, depth + 1));
  const fields = fc.uniqueArray(fc.constantFrom(...own.map((_, at) => at), -1), { maxLength: 6 }).chain((chosen) => {
    const picked = chosen.filter((at) => at >= 0).map((at) => own[at]!);
    return fc.record(Object.fromEntries(picked.map((row) => [row[1], field(table, row, depth)])));
  });
  return fc.tuple(fields, ...inlined).map((parts) => Object.assign({}, ...parts) as unknown);
}

function field(table: Table, [, , type, flags]: FieldRow, depth: number): fc.Arbitrary<unknown> {
  // Items of lists and values of maps keep their zeros, and so do pointers and what has no omitempty.
  const zero = /[rmp]/.test(flags) || !flags.includes('o');
  const value = type.includes('.') ? message(table, type, depth + 1) : scalar(type, zero);
  if (flags.includes('r')) return fc.array(value, { minLength: 1, maxLength: 2 });
  if (flags.includes('m')) return fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), value, { minKeys: 1, maxKeys: 2, noNullPrototype: true });
  if (type === 'intstr.IntOrString') return value.filter((item) => zero || (item !== 0 && item !== ''));
  return flags.includes('z') ? value.filter((item) => typeof item !== 'object' || Object.keys(item as object).length > 0) : value;
}

function scalar(type: string, zero: boolean): fc.Arbitrary<unknown> {
  if (type === 'string') return fc.string({ unit: 'grapheme', minLength: zero ? 0 : 1, maxLength: 5 });
  if (type === 'bytes') return fc.uint8Array({ minLength: zero ? 0 : 1, maxLength: 5 }).map((bytes) => Buffer.from(bytes).toString('base64'));
  if (type === 'bool') return zero ? fc.boolean() : fc.constant(true);
  if (type === 'double') return fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0));
  const range = type === 'int32' ? fc.integer() : fc.maxSafeInteger();
  return range.filter((value) => zero || value !== 0);
}

/** `JSONSchemaPropsOrBool`, `…OrArray`, `…OrStringArray`: what is no schema is told from its row. */
function either(table: Table, name: string, depth: number): fc.Arbitrary<unknown> {
  const row = table.messages[name]!.find(([, json]) => json !== 'Schema')!;
  const other = row[3].includes('r') ? field(table, row, depth) : fc.boolean();
  return depth > DEPTH ? other : fc.oneof(message(table, 'apiextensions.v1.JSONSchemaProps', depth + 1), other);
}

/** 2001 to 2033, in seconds. */
const seconds = fc.integer({ min: 978_307_200, max: 2_000_000_000 });
// Written and read once: text knows no -0.
const json = fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
const SPECIAL: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  'meta.v1.Time': seconds.map((s) => timestamp(s * 1000)),
  'meta.v1.MicroTime': fc
    .tuple(seconds, fc.integer({ min: 0, max: 999_999 }))
    .map(([s, us]) => `${timestamp(s * 1000).slice(0, -1)}.${String(us).padStart(6, '0')}Z`),
  'resource.Quantity': fc.constantFrom('0', '1', '500m', '1Gi', '1e3', '-2', '0.5'),
  'intstr.IntOrString': fc.oneof(fc.integer(), fc.string()),
  'runtime.RawExtension': json.filter((value) => value !== null),
  'meta.v1.FieldsV1': json.filter((value) => value !== null),
  'apiextensions.v1.JSON': json,
};
