import { SPECIAL } from './special.ts';
import type { FieldRow, Table } from './table.ts';
import { malformed, signed, varints, wireFields, wireText } from './wire.ts';
import type { WireField } from './wire.ts';

/** Reads one message as JSON; `undefined` for one that Go writes as null. @throws {Refusal} 400 */
export type ReadMessage = (message: string, bytes: Uint8Array) => unknown;

/** A field of a message; flags as in `FieldRow`, spelled out. */
interface Field {
  readonly json: string;
  readonly type: string;
  readonly repeated: boolean;
  readonly map: boolean;
  readonly pointer: boolean;
  readonly omitEmpty: boolean;
  readonly omitZero: boolean;
  readonly inline: boolean;
  readonly unwrapped: boolean;
}

/** The deepest nesting that is read; messages. Only the schemas of CRDs nest at will, by two messages a level. */
const MAX_DEPTH = 200;

/** Makes the reader of a table's messages. Fields that the table does not know are skipped, as Go does. */
export function createMessageReader(table: Table): ReadMessage {
  const messages = new Map(Object.entries(table.messages).map(([name, rows]) => [name, new Map(rows.map((row) => [row[0], fieldOf(row)]))]));
  return (message, bytes) => read(message, bytes, 0);

  function read(message: string, bytes: Uint8Array, depth: number): unknown {
    if (depth > MAX_DEPTH) throw malformed(`more than ${MAX_DEPTH} messages inside each other`);
    const special = SPECIAL[message];
    if (special?.whole === true) return special.read(bytes);
    const fields = messages.get(message);
    // A table that names a message without having it is a defect, not bad input; the generator never writes one.
    if (fields === undefined) throw new Error(`no message ${message} in the table`);
    const out = new Map<string, unknown>();
    for (const wired of wireFields(bytes)) {
      const field = fields.get(wired.number);
      if (field !== undefined) add(out, field, wired, depth);
    }
    return shaped(message, fields, out);
  }

  function add(out: Map<string, unknown>, field: Field, wired: WireField, depth: number): void {
    if (field.map) {
      const entries = (out.get(field.json) ?? new Map()) as Map<string, unknown>;
      const [key, value] = entry(field, wired, depth);
      out.set(field.json, entries.set(key, value ?? null));
    } else if (field.repeated) {
      const items = (out.get(field.json) ?? []) as unknown[];
      if (wired.wire === 'bytes' && PACKED.has(field.type))
        for (const value of varints(wired.value)) items.push(scalar(field, { ...wired, wire: 'varint', value }));
      else items.push(one(field, wired, depth) ?? null);
      out.set(field.json, items);
    } else {
      const value = one(field, wired, depth);
      if (field.inline) for (const [key, part] of Object.entries(value as object)) out.set(key, part);
      else if (dropped(field, value)) out.delete(field.json);
      else out.set(field.json, value);
    }
  }

  function one(field: Field, wired: WireField, depth: number): unknown {
    if (!field.type.includes('.')) return scalar(field, wired);
    if (wired.wire !== 'bytes') throw malformed(`${field.json} is no message`);
    return read(field.type, wired.value, depth + 1);
  }

  /** A map's entry is a message of key and value; what it lacks is empty. */
  function entry(field: Field, wired: WireField, depth: number): readonly [string, unknown] {
    if (wired.wire !== 'bytes') throw malformed(`${field.json} is no map`);
    let key = '';
    let value: WireField | undefined;
    for (const part of wireFields(wired.value)) {
      if (part.number === 1 && part.wire === 'bytes') key = wireText(part.value);
      if (part.number === 2) value = part;
    }
    return [key, one(field, value ?? { number: 2, wire: 'bytes', value: new Uint8Array() }, depth)];
  }
}

const PACKED: ReadonlySet<string> = new Set(['int32', 'int64', 'bool']);

function fieldOf([, json, type, flags]: FieldRow): Field {
  const has = (flag: string) => flags.includes(flag);
  return {
    json,
    type,
    repeated: has('r'),
    map: has('m'),
    pointer: has('p'),
    omitEmpty: has('o'),
    omitZero: has('z'),
    inline: has('i'),
    unwrapped: has('u'),
  };
}

/**
 * Whether Go's JSON leaves the value out. A pointer that is there is set, whatever it points to; other zeros are written by Go although nobody set them.
 * A struct is never empty to `omitempty`; a port of 0 in one is left out all the same, since it means to Kubernetes that there is none.
 */
function dropped(field: Field, value: unknown): boolean {
  if (value === undefined) return true;
  if (field.pointer) return false;
  if (field.omitZero && typeof value === 'object' && value !== null && Object.keys(value).length === 0) return true;
  const scalars = !field.type.includes('.') || field.type === 'intstr.IntOrString';
  return field.omitEmpty && scalars && (value === '' || value === 0 || value === false);
}

function scalar(field: Field, wired: WireField): unknown {
  switch (field.type) {
    case 'string':
      if (wired.wire === 'bytes') return wireText(wired.value);
      break;
    case 'bytes':
      if (wired.wire === 'bytes') return Buffer.from(wired.value).toString('base64');
      break;
    case 'bool':
      if (wired.wire === 'varint') return wired.value !== 0n;
      break;
    case 'int32':
      // Go keeps the lower half, and so do we.
      if (wired.wire === 'varint') return Number(BigInt.asIntN(32, wired.value));
      break;
    case 'int64':
      if (wired.wire === 'varint') return signed(wired.value);
      break;
    case 'double':
      if (wired.wire === 'fixed' && wired.value.length === 8) return double(field, wired.value);
      break;
    default:
      throw new Error(`no scalar ${field.type}`);
  }
  throw malformed(`${field.json} is no ${field.type}`);
}

function double(field: Field, bytes: Uint8Array): number {
  const value = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getFloat64(0, true);
  if (!Number.isFinite(value)) throw malformed(`${field.json} is ${value}, which JSON cannot say`);
  return value;
}

function shaped(message: string, fields: ReadonlyMap<number, Field>, values: ReadonlyMap<string, unknown>): unknown {
  const special = SPECIAL[message];
  const first = fields.values().next().value;
  if (first?.unwrapped === true) return values.get(first.json) ?? [];
  const out = plain(values);
  return special?.whole === false ? special.shape(out) : out;
}

/** Maps as objects; `fromEntries` makes keys of their own even of `__proto__`. */
function plain(values: ReadonlyMap<string, unknown>): Readonly<Record<string, unknown>> {
  return Object.fromEntries([...values].map(([key, value]) => [key, value instanceof Map ? plain(value as ReadonlyMap<string, unknown>) : value]));
}
