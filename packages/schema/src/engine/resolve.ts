/** Following references, and the schema of a whole object. */
import { definition } from '../builtin/table.ts';
import type { Resolve } from '../builtin/table.ts';
import type { Schema } from '../structural.ts';

/** References that lead to references, at most. */
const MAX_HOPS = 16;

/** The schema a node stands for. @throws on a dangling or circular reference. */
export function deref(schema: Schema, resolve: Resolve = definition): Schema {
  let found = schema;
  for (let hops = 0; found.$ref !== undefined; hops++) {
    if (hops === MAX_HOPS) throw new Error(`${schema.$ref} refers to itself`);
    found = resolve(found.$ref);
  }
  return found;
}

/** The default beside a reference wins over the one behind it. `undefined`: none. */
export function defaultOf(schema: Schema, resolve: Resolve = definition): unknown {
  if (schema.default !== undefined || schema.$ref === undefined) return schema.default;
  return defaultOf(resolve(schema.$ref), resolve);
}

/** Whether null is a value here, rather than a way to write "absent". */
export function isNullable(schema: Schema, resolve: Resolve = definition): boolean {
  return schema.nullable === true || (schema.$ref !== undefined && isNullable(resolve(schema.$ref), resolve));
}

/** The schema of an entry of an object: a declared property, else what additional ones must be. `undefined`: not declared. */
export function entrySchema(schema: Schema, key: string): Schema | undefined {
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, key)) return schema.properties[key];
  const rest = schema.additionalProperties;
  if (rest === undefined || rest === false) return undefined;
  return rest === true ? EMPTY : rest;
}

/** Says nothing of the value; `prune` empties objects under it, as the API server does. */
const EMPTY: Schema = {};

const TYPE_META: Readonly<Record<string, Schema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
};

/** What every object has besides its own fields. */
export const OBJECT_META: Schema = { $ref: 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };

const roots = new WeakMap<Schema, Schema>();

/**
 * The schema to prune and validate a whole custom object with: a CRD's schema plus `apiVersion`, `kind` and `metadata`, which a CRD leaves out
 * or declares as a bare object. The same value comes back for the same schema.
 */
export function rootSchema(schema: Schema): Schema {
  let root = roots.get(schema);
  if (root === undefined) {
    root = { ...schema, properties: { ...schema.properties, ...TYPE_META, metadata: OBJECT_META } };
    roots.set(schema, root);
  }
  return root;
}
