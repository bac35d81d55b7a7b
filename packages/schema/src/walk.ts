/** Every field of a structural schema with its path, for those who read schemas: lint and the reference page. */
import type { Schema } from './structural.ts';

export interface Field {
  /** `spec.env[].name`; an entry of a map is `[*]`. */
  readonly path: string;
  readonly schema: Schema;
  /** The parent demands it. */
  readonly required: boolean;
  /** The object, list or map it is in. Absent at the top. */
  readonly parent: Schema | undefined;
}

/** Parents before their children, in the order of declaration. */
export function* fields(schema: Schema, path = '', required = false, parent?: Schema): Generator<Field> {
  if (path !== '') yield { path, schema, required, parent };
  for (const [key, property] of Object.entries(schema.properties ?? {}))
    yield* fields(property, path === '' ? key : `${path}.${key}`, schema.required?.includes(key) === true, schema);
  if (schema.items !== undefined) yield* fields(schema.items, `${path}[]`, false, schema);
  if (typeof schema.additionalProperties === 'object') yield* fields(schema.additionalProperties, `${path}[*]`, false, schema);
}
