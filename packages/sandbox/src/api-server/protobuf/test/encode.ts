import { parseTimestamp } from '@binnacle/client';
import type { FieldRow, Table } from '../table.ts';

/** As Go writes non-pointer fields that nobody set: empty, or not at all. */
export interface Zeros {
  /** Writes explicit zeros for text, numbers, flags and structs that are not pointers and not in the object, as gogo's marshaller does. */
  readonly explicit: boolean;
}

/** Writes objects in protobuf by the decoder's own table: proves that reading undoes writing, and nothing about the numbers in the table. */
export function createEncoder(table: Table, { explicit }: Zeros) {
  return (object: Readonly<Record<string, unknown>>): Uint8Array => {
    const { apiVersion, kind, ...rest } = object as { apiVersion: string; kind: string };
    const type = Buffer.concat([text(1, apiVersion), text(2, kind)]);
    return Buffer.concat([Buffer.from('k8s\0'), bytes(1, type), bytes(2, message(table.kinds[`${apiVersion} ${kind}`]!, rest, 0)), bytes(3, Buffer.alloc(0))]);
  };

  function message(name: string, value: unknown, depth: number): Buffer {
    const special = SPECIAL[name];
    if (special !== undefined) return special(value);
    const rows = table.messages[name]!;
    if (rows[0]?.[3].includes('u') === true) return Buffer.concat((value as unknown[]).map((item) => text(1, item as string)));
    const object = name.includes('JSONSchemaPropsOr') ? either(rows, value) : (value as Readonly<Record<string, unknown>>);
    return Buffer.concat(rows.map((row) => field(row, object, depth)));
  }

  function field([number, json, type, flags]: FieldRow, object: Readonly<Record<string, unknown>>, depth: number): Buffer {
    if (flags.includes('i')) return bytes(number, message(type, object, depth + 1));
    const value = object[json];
    if (value === undefined) return explicit && !/[prm]/.test(flags) ? zero(number, type, depth) : Buffer.alloc(0);
    if (flags.includes('m')) {
      const entries = Object.entries(value as object);
      return Buffer.concat(entries.map(([key, item]) => bytes(number, Buffer.concat([text(1, key), one(2, type, item, depth)]))));
    }
    return flags.includes('r') ? Buffer.concat((value as unknown[]).map((item) => one(number, type, item, depth))) : one(number, type, value, depth);
  }

  function zero(number: number, type: string, depth: number): Buffer {
    if (type === 'string') return text(number, '');
    if (['int32', 'int64', 'bool'].includes(type)) return varint(number, 0);
    // Times, quantities and the like have a zero of their own; deeper than this Go's types repeat themselves.
    return type in SPECIAL || !type.includes('.') || depth > 6 ? Buffer.alloc(0) : bytes(number, message(type, {}, depth + 1));
  }

  function one(number: number, type: string, value: unknown, depth: number): Buffer {
    if (type === 'string') return text(number, value as string);
    if (type === 'bytes') return bytes(number, Buffer.from(value as string, 'base64'));
    if (type === 'double') return double(number, value as number);
    return type.includes('.') ? bytes(number, message(type, value, depth + 1)) : varint(number, Number(value));
  }
}

/** What kind of two a value is, told by its shape: the rows of `JSONSchemaPropsOr…` are the schema and something else. */
function either(rows: readonly FieldRow[], value: unknown): Readonly<Record<string, unknown>> {
  const other = rows.find(([, json]) => json !== 'Schema')![1];
  return Array.isArray(value) || typeof value === 'boolean' ? { [other]: value } : { Schema: value };
}

const SPECIAL: Readonly<Record<string, (value: any) => Buffer>> = {
  'meta.v1.Time': (value: string) => time(value),
  'meta.v1.MicroTime': (value: string) => time(value),
  'resource.Quantity': (value: string) => text(1, value),
  'intstr.IntOrString': (value: string | number) =>
    typeof value === 'number' ? Buffer.concat([varint(1, 0), varint(2, value), text(3, '')]) : Buffer.concat([varint(1, 1), varint(2, 0), text(3, value)]),
  'runtime.RawExtension': json,
  'meta.v1.FieldsV1': json,
  'apiextensions.v1.JSON': json,
};

function json(value: unknown): Buffer {
  return text(1, JSON.stringify(value));
}

function time(value: string): Buffer {
  const [seconds, fraction = ''] = value.slice(0, -1).split('.');
  return Buffer.concat([varint(1, parseTimestamp(`${seconds}Z`) / 1000), varint(2, Number(fraction.padEnd(9, '0')))]);
}

function text(number: number, value: string): Buffer {
  return bytes(number, Buffer.from(value));
}

function bytes(number: number, value: Buffer): Buffer {
  return Buffer.concat([plain((BigInt(number) << 3n) | 2n), plain(BigInt(value.length)), value]);
}

function varint(number: number, value: number): Buffer {
  return Buffer.concat([plain(BigInt(number) << 3n), plain(BigInt.asUintN(64, BigInt(value)))]);
}

function double(number: number, value: number): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeDoubleLE(value);
  return Buffer.concat([plain((BigInt(number) << 3n) | 1n), fixed]);
}

function plain(value: bigint): Buffer {
  const out: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    if (rest < 0x80n) return Buffer.from([...out, Number(rest)]);
    out.push(Number(rest & 0x7fn) | 0x80);
  }
}
