import { parseTimestamp, timestamp } from '@binnacle/client';
import { quantityNanos } from '@binnacle/schema';
import { Refusal } from '../../../refusal.ts';
import { isObject, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { canonicalQuantity } from './quantity.ts';
import { shapeOf } from './shape.ts';
import type { Shape } from './shape.ts';

/**
 * An object of a built-in kind as the API server's own types would write it: quantities and times in one form, nulls and empty values of optional
 * fields left out, defaults filled in. Doing it twice changes nothing, and what needs no change comes back as it is. Fields that the definition does
 * not know stay: dropping them is the decoder's, which warns.
 * @param name the kind's definition, such as `io.k8s.api.apps.v1.StatefulSet`.
 * @throws {Refusal} 400 for what cannot be read: quantities, bytes in base64, a time of microseconds that has not exactly six digits of them.
 */
export function canonical(name: string, object: JsonObject): JsonObject {
  try {
    const shape = shapeOf(name);
    // An object's shape gives an object.
    return (shape.is === 'object' ? walkObject(shape, object, walkPart) : walk(shape, object)) as JsonObject;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const kind = stringAt(object, 'kind') ?? '';
    const version = (stringAt(object, 'apiVersion') ?? '').replace(/^.*\//, '');
    throw new Refusal(400, 'BadRequest', `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${error.message}`);
  }
}

/** A value that no type can hold. */
class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** What came out as this shape already: a write decodes an object several times, of which mostly the metadata alone have changed since the last. */
const settled = new WeakMap<object, Shape>();

function walkPart(shape: Shape, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return walk(shape, value);
  if (settled.get(value) === shape) return value;
  const walked = walk(shape, value);
  if (typeof walked === 'object' && walked !== null) settled.set(walked, shape);
  return walked;
}

function walk(shape: Shape, value: unknown): unknown {
  switch (shape.is) {
    case 'plain':
      return value;
    case 'quantity':
      return checkedQuantity(value);
    case 'time':
      return canonicalTime(value);
    case 'microTime':
      return checkedMicroTime(value);
    case 'list':
      return Array.isArray(value) ? walkList(shape.items(), value) : value;
    case 'map':
      return isObject(value) ? (shape.text === undefined ? walkMap(shape.values(), value) : walkTexts(value, shape.text)) : value;
    case 'object':
      return isObject(value) ? walkObject(shape, value) : value;
  }
}

function walkList(items: Shape, list: readonly unknown[]): readonly unknown[] {
  if (items.is === 'plain') return list;
  let copy: unknown[] | undefined;
  for (const [at, item] of list.entries()) {
    // A null element is an object that says nothing.
    const walked = walk(items, item === null && items.is === 'object' ? {} : item);
    if (walked !== item) (copy ??= [...list])[at] = walked;
  }
  return copy ?? list;
}

function walkTexts(map: JsonObject, text: 'plain' | 'base64'): JsonObject {
  if (text === 'base64') for (const value of Object.values(map)) checkBase64(value);
  const empty = Object.keys(map).filter((key) => map[key] === null);
  return empty.length === 0 ? map : { ...map, ...Object.fromEntries(empty.map((key) => [key, ''])) };
}

function walkMap(values: Shape, map: JsonObject): JsonObject {
  if (values.is === 'plain') return map;
  let copy: Record<string, unknown> | undefined;
  for (const key in map) {
    // A null amount is none of it.
    const walked = walk(values, map[key] === null && values.is === 'quantity' ? '0' : map[key]);
    if (walked !== map[key]) (copy ??= { ...map })[key] = walked;
  }
  return copy ?? map;
}

function walkObject(shape: Shape & { readonly is: 'object' }, object: JsonObject, walkField = walk): JsonObject {
  let copy: Record<string, unknown> | undefined;
  for (const key in object) {
    const value = object[key];
    const field = shape.field(key);
    if (field === undefined) continue;
    const walked = value === null || value === undefined ? undefined : walkField(field.shape, value);
    if (walked === undefined || field.omits(walked)) delete (copy ??= { ...object })[key];
    else if (walked !== value) (copy ??= { ...object })[key] = walked;
  }
  for (const [key, fallback] of shape.fallbacks) {
    if ((copy ?? object)[key] === undefined) (copy ??= { ...object })[key] = fallback;
  }
  const out = copy ?? object;
  return shape.defaults?.(out) ?? out;
}

const QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

function checkedQuantity(value: unknown): unknown {
  const canonicalForm = canonicalQuantity(value);
  if (typeof canonicalForm === 'string' && quantityNanos(canonicalForm) === undefined) throw new Unreadable(QUANTITY);
  return canonicalForm;
}

function checkBase64(value: unknown): void {
  if (typeof value !== 'string') return;
  const wrong = value.search(/[^A-Za-z0-9+/=\r\n]/);
  const form = /^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
  if (wrong < 0 && form.test(value.replace(/[\r\n]/g, ''))) return;
  throw new Unreadable(`illegal base64 data at input byte ${wrong >= 0 ? wrong : value.length}`);
}

function canonicalTime(value: unknown): unknown {
  if (typeof value !== 'string' || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)) return value;
  const ms = parseTimestamp(value);
  return Number.isNaN(ms) ? value : timestamp(ms);
}

function checkedMicroTime(value: unknown): unknown {
  if (typeof value !== 'string' || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/.test(value)) return value;
  const rest = value.slice(19);
  throw new Unreadable(
    `parsing time ${JSON.stringify(JSON.stringify(value))} as "\\"2006-01-02T15:04:05.000000Z07:00\\"": cannot parse ${JSON.stringify(`${rest}"`)} as ".000000"`,
  );
}
