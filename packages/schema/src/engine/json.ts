/** Plain JSON: telling its shapes apart, comparing, reading keys that are really there. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** A JSON object: neither an array nor null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own entry only: user data may be called `constructor`, and must not find Object's. */
export function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Equal as JSON: the order of keys does not count, the order of items does. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, index) => jsonEqual(item, b[index]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && jsonEqual(a[key], b[key]));
}

/** JSON with the keys sorted at every level: one text for one content. A key that is `undefined` is absent. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'null';
}

/** Far quicker than a replacer, of which JSON.stringify asks every value. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(value).toSorted()) withEntry(value, copy, key, sorted(value[key]));
  return copy;
}

/** `spec` + `size` → `spec.size`. */
export function child(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** A copy with one entry set, safe for a key named `__proto__`; `copy` is reused when it already is a copy. */
export function withEntry(original: JsonObject, copy: Record<string, unknown> | undefined, key: string, value: unknown): Record<string, unknown> {
  const target = copy ?? { ...original };
  if (key !== '__proto__') target[key] = value;
  else Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  return target;
}
