/** An object of a request or of the store: plain JSON, never changed in place. */
export type JsonObject = { readonly [key: string]: unknown };

/** Whether `value` is a JSON object: neither a list nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at `key`, or an empty one: for reading through what may be absent. */
export function objectAt(parent: JsonObject | undefined, key: string): JsonObject {
  const value = parent?.[key];
  return isObject(value) ? value : {};
}

/** The list at `key`, or an empty one. */
export function listAt(parent: JsonObject | undefined, key: string): readonly unknown[] {
  const value = parent?.[key];
  return Array.isArray(value) ? value : [];
}

/** The string at `key`; undefined when absent or no string. */
export function stringAt(parent: JsonObject | undefined, key: string): string | undefined {
  const value = parent?.[key];
  return typeof value === 'string' ? value : undefined;
}

/** Whether two JSON values are the same, whatever the order of their keys. A key that holds `undefined` counts as absent. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, at) => equal(item, b[at]));
  }
  const left = a as JsonObject;
  const right = b as JsonObject;
  for (const key in left) if (!equal(left[key], right[key])) return false;
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false;
  return true;
}

/** `object` without `key`; the same object when it has none. */
export function without(object: JsonObject, key: string): JsonObject {
  if (!(key in object)) return object;
  const { [key]: _, ...rest } = object;
  return rest;
}

/** `object` with `value` at `key`, or without the key when `value` is undefined. */
export function withKey(object: JsonObject, key: string, value: unknown): JsonObject {
  return value === undefined ? without(object, key) : { ...object, [key]: value };
}

/** A value as Go prints it with `%v`: error texts of the API server hold such. */
export function goValue(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goValue).join(' ')}]`;
  if (isObject(value)) {
    const entries = Object.keys(value).toSorted();
    return `map[${entries.map((key) => `${key}:${goValue(value[key])}`).join(' ')}]`;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
