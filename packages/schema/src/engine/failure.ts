/** The sentences of the API server about bad fields. Scripts and tests match on them, so they are kept to the letter. Source: spec/sandbox.md §2.9. */
import type { FieldError } from '../structural.ts';
import { isObject } from './json.ts';

type Reason = FieldError['reason'];

/** A value as an error shows it: a string quoted, an object as JSON with its keys sorted. */
export function shown(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? 'null';
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((key) => [key, sorted(value[key])]),
  );
}

/** `Invalid value: 70: …` */
export function invalid(field: string, value: unknown, detail: string, reason: Reason = 'FieldValueInvalid'): FieldError {
  return { reason, field, message: `Invalid value: ${shown(value)}: ${detail}` };
}

/** `Required value`, with why when there is more to say than that. */
export function required(field: string, detail = ''): FieldError {
  return { reason: 'FieldValueRequired', field, message: detail === '' ? 'Required value' : `Required value: ${detail}` };
}

/** `Unsupported value: "C": supported values: "A", "B"` */
export function unsupported(field: string, value: unknown, supported: readonly unknown[]): FieldError {
  const list = supported.map((one) => JSON.stringify(typeof one === 'string' ? one : JSON.stringify(one))).join(', ');
  return { reason: 'FieldValueNotSupported', field, message: `Unsupported value: ${shown(value)}: supported values: ${list}` };
}

/** `Duplicate value: "a"` */
export function duplicate(field: string, value: unknown): FieldError {
  return { reason: 'FieldValueDuplicate', field, message: `Duplicate value: ${shown(value)}` };
}

/** `Too long: may not be more than 10 bytes`: the server says bytes and counts characters. */
export function tooLong(field: string, max: number): FieldError {
  return { reason: 'FieldValueTooLong', field, message: `Too long: may not be more than ${max} bytes` };
}

/** `Too many: 5: must have at most 3 items`, for maps as well as lists. */
export function tooMany(field: string, actual: number, max: number): FieldError {
  return { reason: 'FieldValueTooMany', field, message: `Too many: ${actual}: must have at most ${max} items` };
}

/** `Invalid value: "integer": spec.labels.a in body must be of type string: "integer"` */
export function wrongType(field: string, wanted: string, actual: string): FieldError {
  return invalid(field, actual, `${field} in body must be of type ${wanted}: ${JSON.stringify(actual)}`, 'FieldValueTypeInvalid');
}

/** `Forbidden: field is immutable` */
export function forbidden(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${detail}` };
}

/** `spec.size: Invalid value: …` */
export function sentence(error: FieldError): string {
  return `${error.field === '' ? '<nil>' : error.field}: ${error.message}`;
}

/** What goes into the Status of a 422 answer. */
export interface Invalid {
  readonly message: string;
  readonly causes: readonly { readonly reason: FieldError['reason']; readonly field: string; readonly message: string }[];
}

/**
 * One text for all errors, the same one twice said once: `Thing.ex.io "e" is invalid: [a, b]`.
 * @param kindGroup `Thing.ex.io`, or `Pod` in the core group.
 */
export function formatErrors(kindGroup: string, name: string, errors: readonly FieldError[]): Invalid {
  const sentences = [...new Set(errors.map(sentence))];
  const list = sentences.length === 1 ? sentences[0]! : `[${sentences.join(', ')}]`;
  const causes = errors.map(({ reason, field, message }) => ({ reason, field: field === '' ? '<nil>' : field, message }));
  return { message: `${kindGroup} ${JSON.stringify(name)} is invalid: ${list}`, causes };
}
