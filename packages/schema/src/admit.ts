/** What becomes of an object when it is written: defaults, pruning, schema, CEL, and the declaration's own check. */
import { setDefaults } from './engine/defaults.ts';
import { prune } from './engine/prune.ts';
import { rootSchema } from './engine/resolve.ts';
import { validate } from './engine/validate.ts';
import type { CustomObject, Resource } from './resource.ts';
import type { FieldError } from './structural.ts';

export interface Admitted<Spec, Status> {
  /** With defaults, without unknown fields. Of its type only when there are no errors. */
  readonly object: CustomObject<Spec, Status>;
  readonly errors: readonly FieldError[];
  /** Fields that no schema knows and that were dropped: `spec.replcias`. */
  readonly unknown: readonly string[];
}

/**
 * The API server's verdict and ours: `errors` is empty when both would take it. The declaration's check runs only on what passes the schema, because it
 * is written for that. `before` is the object that is replaced; absent, it is being created.
 */
export function admit<Spec, Status>(resource: Resource<Spec, Status>, object: unknown, before?: unknown): Admitted<Spec, Status> {
  const schema = rootSchema(resource.schema);
  const { value, unknown } = prune(schema, object);
  const now = setDefaults(schema, value);
  const old = before === undefined ? undefined : setDefaults(schema, before);
  const errors = validate(schema, now, { old });
  // Sound where it is used: what validates against the schema is of the type the schema was derived from.
  const typed = now as CustomObject<Spec, Status>;
  return { object: typed, errors: errors.length > 0 ? errors : resource.check(typed, old as CustomObject<Spec, Status> | undefined), unknown };
}
