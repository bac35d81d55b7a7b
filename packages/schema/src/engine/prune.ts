/**
 * Dropping what the schema does not know, as the API server does. Source: spec/sandbox.md §2.9.
 *
 * `x-kubernetes-preserve-unknown-fields` keeps what is unknown in that node, but what is declared below it is pruned again.
 * An embedded resource keeps `apiVersion`, `kind` and `metadata` although nobody declares them.
 */
import type { Resolve } from '../builtin/table.ts';
import { definition } from '../builtin/table.ts';
import type { Schema } from '../structural.ts';
import { child, isObject, withEntry } from './json.ts';
import type { JsonObject } from './json.ts';
import { OBJECT_META, deref, entrySchema } from './resolve.ts';

/** What is left, and the paths that were dropped, such as `spec.list[0].bar`, in the order of the value. */
export interface Pruned<T> {
  readonly value: T;
  readonly unknown: readonly string[];
}

const NOTHING: Schema = {};
const META = new Set(['apiVersion', 'kind', 'metadata']);

/** Never changes what it is given; what has nothing unknown comes back as the same object. For a whole custom object use `rootSchema(schema)`. */
export function prune<T>(schema: Schema, value: T, resolve: Resolve = definition): Pruned<T> {
  const unknown: string[] = [];
  return { value: drop(schema, value, '', { resolve, unknown }) as T, unknown }; // only undeclared keys go
}

interface Walk {
  readonly resolve: Resolve;
  readonly unknown: string[];
}

function drop(reference: Schema, value: unknown, path: string, walk: Walk): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const schema = deref(reference, walk.resolve);
  if (Array.isArray(value)) return dropItems(schema, value, path, walk);
  return isObject(value) ? dropEntries(schema, value, path, walk) : value;
}

function dropItems(schema: Schema, value: readonly unknown[], path: string, walk: Walk): readonly unknown[] {
  const preserve = schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (schema.items === undefined && preserve) return value;
  let copy: unknown[] | undefined;
  for (const [index, item] of value.entries()) {
    const kept = drop(schema.items ?? NOTHING, item, `${path}[${index}]`, walk);
    if (kept !== item) (copy ??= [...value])[index] = kept;
  }
  return copy ?? value;
}

function dropEntries(schema: Schema, value: JsonObject, path: string, walk: Walk): JsonObject {
  const preserve = schema['x-kubernetes-preserve-unknown-fields'] === true;
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  let copy: Record<string, unknown> | undefined;
  for (const [key, entry] of Object.entries(value)) {
    const meta = embedded && META.has(key);
    const nested = meta ? (key === 'metadata' ? OBJECT_META : NOTHING) : entrySchema(schema, key);
    if (nested === undefined) {
      if (preserve) continue;
      walk.unknown.push(child(path, key));
      copy ??= { ...value };
      delete copy[key];
      continue;
    }
    // Object metadata is always Kubernetes' own, whatever table the caller resolves with.
    const kept = drop(nested, entry, child(path, key), nested === OBJECT_META ? { ...walk, resolve: definition } : walk);
    if (kept !== entry) copy = withEntry(value, copy, key, kept);
  }
  return copy ?? value;
}
