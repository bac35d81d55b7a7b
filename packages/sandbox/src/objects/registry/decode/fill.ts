import { isObject } from '../../json.ts';
import type { JsonObject } from '../../json.ts';

/** `object` with what `values` has and it lacks; the same object when it lacks nothing. An `undefined` value fills nothing. */
export function fill(object: JsonObject, values: JsonObject): JsonObject {
  let copy: Record<string, unknown> | undefined;
  for (const key in values) if (object[key] === undefined && values[key] !== undefined) (copy ??= { ...object })[key] = values[key];
  return copy ?? object;
}

/** Like `fill`, but an empty string counts as lacking, too: how Go writes an unset enumeration. */
export function fillText(object: JsonObject, values: Readonly<Record<string, string>>): JsonObject {
  let copy: Record<string, unknown> | undefined;
  for (const key in values) if (object[key] === undefined || object[key] === '') (copy ??= { ...object })[key] = values[key];
  return copy ?? object;
}

/** `object` with the value at `key` changed; the same object when `change` gives the same value. */
export function edit(object: JsonObject, key: string, change: (value: JsonObject) => JsonObject): JsonObject {
  const value = object[key];
  if (!isObject(value)) return object;
  const changed = change(value);
  return changed === value ? object : { ...object, [key]: changed };
}

/** `object` with each object of the list at `key` changed. */
export function editEach(object: JsonObject, key: string, change: (item: JsonObject, at: number) => JsonObject): JsonObject {
  const list = object[key];
  if (!Array.isArray(list)) return object;
  let copy: unknown[] | undefined;
  for (const [at, item] of list.entries()) {
    if (!isObject(item)) continue;
    const changed = change(item, at);
    if (changed !== item) (copy ??= [...list])[at] = changed;
  }
  return copy === undefined ? object : { ...object, [key]: copy };
}
