/**
 * Filling in defaults as the API server does. Source: spec/sandbox.md §2.9.
 *
 * A default fills an absent key, and a null where null is no value. It does not create parents: a nested default shows only when its parent is
 * there or has a default itself. A null without a default, where null is no value, is dropped: it is how clients write "absent".
 */
import type { Resolve } from '../builtin/table.ts';
import { definition } from '../builtin/table.ts';
import type { Schema } from '../structural.ts';
import { withEntry } from './json.ts';
import type { JsonObject } from './json.ts';
import { defaultOf, deref, entrySchema, isNullable } from './resolve.ts';

/**
 * The value as the server reads it, out of a request or out of the store: without nulls that are no value, with its defaults. Never changes what it is
 * given; what needs nothing comes back as the same object, and a default is copied in, so no two objects share it.
 * Source: apiextensions-apiserver, pkg/apiserver/customresource_handler.go, `unstructuredSchemaCoercer.apply`, then `unstructuredDefaulter.Default`.
 */
export function setDefaults<T>(schema: Schema, value: T, resolve: Resolve = definition): T {
  return fill(schema, value, resolve, true) as T; // defaults add declared keys: what was of T's shape still is
}

/**
 * Defaults of what the server has made itself and has not read: the outcome of an apply, or of a webhook's patch. A null that is no value and has no
 * default stays, for validation to refuse. Source: apiextensions-apiserver, pkg/apiserver/schema/defaulting/algorithm.go, `Default`; asked by apimachinery,
 * pkg/util/managedfields/internal/structuredmerge.go, `Apply`, and by apiserver, pkg/admission/plugin/webhook/mutating/dispatcher.go, `callAttrMutatingHook`.
 */
export function fillDefaults<T>(schema: Schema, value: T, resolve: Resolve = definition): T {
  return fill(schema, value, resolve, false) as T; // as above
}

function fill(reference: Schema, value: unknown, resolve: Resolve, dropsNulls: boolean): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const schema = deref(reference, resolve);
  return Array.isArray(value) ? fillItems(schema, value, resolve, dropsNulls) : fillObject(schema, value as JsonObject, resolve, dropsNulls);
}

function fillItems(schema: Schema, value: readonly unknown[], resolve: Resolve, dropsNulls: boolean): readonly unknown[] {
  const items = schema.items;
  if (items === undefined) return value;
  let copy: unknown[] | undefined;
  for (const [index, item] of value.entries()) {
    const filled = fill(items, item === null ? nullFiller(items, resolve) : item, resolve, dropsNulls);
    if (filled !== item) (copy ??= [...value])[index] = filled;
  }
  return copy ?? value;
}

function fillObject(schema: Schema, value: JsonObject, resolve: Resolve, dropsNulls: boolean): JsonObject {
  let copy: Record<string, unknown> | undefined;
  for (const [key, filler] of fillers(schema, resolve)) if (!Object.hasOwn(value, key)) copy = withEntry(value, copy, key, structuredClone(filler));
  for (const key of Object.keys(copy ?? value)) {
    const nested = entrySchema(schema, key);
    if (nested === undefined) continue;
    const entry = (copy ?? value)[key];
    const now = entry === null ? nullFiller(nested, resolve) : entry;
    // A map of anything says nothing of its entries, so not that null is none.
    if (dropsNulls && now === null && !isNullable(nested, resolve) && Object.keys(nested).length > 0) {
      copy = without(value, copy, key);
      continue;
    }
    const filled = fill(nested, now, resolve, dropsNulls);
    if (filled !== entry) copy = withEntry(value, copy, key, filled);
  }
  return copy ?? value;
}

type Fillers = readonly (readonly [string, unknown])[];

/** By who resolves, then by schema: of a pod's many fields few have a default, and they are asked for on every request. */
const cache = new WeakMap<Resolve, WeakMap<Schema, Fillers>>();

function fillers(schema: Schema, resolve: Resolve): Fillers {
  let known = cache.get(resolve);
  if (known === undefined) cache.set(resolve, (known = new WeakMap()));
  let found = known.get(schema);
  if (found === undefined) {
    const all = Object.entries(schema.properties ?? {}).map(([key, property]) => [key, defaultOf(property, resolve)] as const);
    known.set(schema, (found = all.filter(([, filler]) => filler !== undefined)));
  }
  return found;
}

function nullFiller(schema: Schema, resolve: Resolve): unknown {
  if (isNullable(schema, resolve)) return null;
  const filler = defaultOf(schema, resolve);
  return filler === undefined ? null : structuredClone(filler);
}

function without(original: JsonObject, copy: Record<string, unknown> | undefined, key: string): Record<string, unknown> {
  const target = copy ?? { ...original };
  delete target[key];
  return target;
}
