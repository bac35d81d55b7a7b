import { parseTimestamp, timestamp } from '@binnacle/client';
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
 * @throws {Refusal} 400 for a time of microseconds that has not exactly six digits of them.
 */
export function canonical(name: string, object: JsonObject): JsonObject {
  try {
    return walk(shapeOf(name), object) as JsonObject; // an object's shape gives an object
  } catch (error) {
    if (!(error instanceof BadTime)) throw error;
    const kind = stringAt(object, 'kind') ?? '';
    const version = (stringAt(object, 'apiVersion') ?? '').replace(/^.*\//, '');
    throw new Refusal(400, 'BadRequest', `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${error.message}`);
  }
}

class BadTime extends Error {
  override readonly name = 'BadTime';
}

function walk(shape: Shape, value: unknown): unknown {
  switch (shape.is) {
    case 'plain':
      return value;
    case 'quantity':
      return canonicalQuantity(value);
    case 'time':
      return canonicalTime(value);
    case 'microTime':
      return checkedMicroTime(value);
    case 'list':
      return Array.isArray(value) ? walkList(shape.items(), value) : value;
    case 'map':
      return isObject(value) ? walkMap(shape.values(), value) : value;
    case 'object':
      return isObject(value) ? walkObject(shape, value) : value;
  }
}

function walkList(items: Shape, list: readonly unknown[]): readonly unknown[] {
  if (items.is === 'plain') return list;
  let copy: unknown[] | undefined;
  for (const [at, item] of list.entries()) {
    const walked = walk(items, item);
    if (walked !== item) (copy ??= [...list])[at] = walked;
  }
  return copy ?? list;
}

function walkMap(values: Shape, map: JsonObject): JsonObject {
  if (values.is === 'plain') return map;
  let copy: Record<string, unknown> | undefined;
  for (const key in map) {
    const walked = walk(values, map[key]);
    if (walked !== map[key]) (copy ??= { ...map })[key] = walked;
  }
  return copy ?? map;
}

function walkObject(shape: Shape & { readonly is: 'object' }, object: JsonObject): JsonObject {
  let copy: Record<string, unknown> | undefined;
  for (const key in object) {
    const value = object[key];
    const field = shape.field(key);
    if (field === undefined) continue;
    const walked = value === null || value === undefined ? undefined : walk(field.shape, value);
    if (walked === undefined || field.omits(walked)) delete (copy ??= { ...object })[key];
    else if (walked !== value) (copy ??= { ...object })[key] = walked;
  }
  for (const [key, fallback] of shape.fallbacks) {
    if ((copy ?? object)[key] === undefined) (copy ??= { ...object })[key] = fallback;
  }
  const out = copy ?? object;
  return shape.defaults?.(out) ?? out;
}

function canonicalTime(value: unknown): unknown {
  if (typeof value !== 'string' || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value)) return value;
  const ms = parseTimestamp(value);
  return Number.isNaN(ms) ? value : timestamp(ms);
}

function checkedMicroTime(value: unknown): unknown {
  if (typeof value !== 'string' || /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/.test(value)) return value;
  const rest = value.slice(19);
  throw new BadTime(
    `parsing time ${JSON.stringify(JSON.stringify(value))} as "\\"2006-01-02T15:04:05.000000Z07:00\\"": cannot parse ${JSON.stringify(`${rest}"`)} as ".000000"`,
  );
}
