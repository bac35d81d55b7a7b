/** Lists that are sets or maps: what identifies an item, which are there twice, which old item a new one continues. */
import type { FieldError, Schema } from '../structural.ts';
import { duplicate } from './failure.ts';
import { isObject } from './json.ts';

/** An item's identity in a `map` list by its keys, in a `set` by its value. Equal strings: the same item. */
export function itemKey(schema: Schema, item: unknown): string {
  return JSON.stringify(schema['x-kubernetes-list-type'] === 'map' ? Object.entries(keysOf(schema, item)) : canonical(item));
}

function keysOf(schema: Schema, item: unknown): Record<string, unknown> {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (!isObject(item)) return {};
  return Object.fromEntries(keys.filter((key) => Object.hasOwn(item, key)).map((key) => [key, item[key]]));
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).toSorted();
  return keys.map((key) => [key, canonical(value[key])]);
}

/** `spec.set[1]: Duplicate value: "a"` for each item that is there again. */
export function duplicateErrors(schema: Schema, value: readonly unknown[], path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  if ((type !== 'set' && type !== 'map') || value.length < 2) return [];
  const seen = new Set<string>();
  const errors: FieldError[] = [];
  for (const [index, item] of value.entries()) {
    const key = itemKey(schema, item);
    if (seen.has(key)) errors.push(duplicate(`${path}[${index}]`, type === 'map' ? keysOf(schema, item) : item));
    seen.add(key);
  }
  return errors;
}

/** For each new item the old one it continues. Only a `map` list can tell; in others `undefined`, as for an item that is new. */
export function correlate(schema: Schema, old: unknown): (item: unknown) => unknown {
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(old)) return () => undefined;
  const byKey = new Map(old.map((item) => [itemKey(schema, item), item as unknown]));
  return (item) => byKey.get(itemKey(schema, item));
}
