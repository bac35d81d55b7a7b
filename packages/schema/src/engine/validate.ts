/**
 * Checking a value against a schema: what the API server would say, in its words and roughly its order. Source: spec/sandbox.md §2.9.
 *
 * With `old`, what did not change is not held against the writer (ratcheting): an equal subtree yields no error, and a changed parent looks at
 * its own rules again. CEL rules run last, and not at all when a value is missing, of the wrong type or too large.
 */
import type { Resolve } from '../builtin/table.ts';
import { definition } from '../builtin/table.ts';
import type { FieldError, Schema } from '../structural.ts';
import { invalid, required } from './failure.ts';
import { child, isObject, jsonEqual, own } from './json.ts';
import type { JsonObject } from './json.ts';
import { correlate, duplicateErrors } from './lists.ts';
import { deref, entrySchema } from './resolve.ts';
import { hasRules, ruleErrors } from './rules.ts';
import { valueErrors } from './value.ts';

export interface ValidateOptions {
  /** Where the value is in its object, in front of each error's field. Absent: it is the object. */
  readonly path?: string;
  readonly resolve?: Resolve;
  /** The value before the write. Absent: it is being created. */
  readonly old?: unknown;
  /** `false`: repeated items of `set` and `map` lists are let pass, as the server does for its own kinds, which it checks by hand. */
  readonly uniqueItems?: boolean;
  /** A null reads as absent, as Go's types have it: of the server's own kinds some write one (`rules: null`). */
  readonly nullIsAbsent?: boolean;
  /** What is wrong with the object beside the schema: what is missing there keeps CEL rules from being looked at as well. */
  readonly beside?: readonly FieldError[];
  /** Told of CEL rules that fail in what did not change: the API server sends those as warnings. */
  readonly onRatcheted?: (error: FieldError) => void;
}

const BLOCKING: ReadonlySet<FieldError['reason']> = new Set([
  'FieldValueNotSupported',
  'FieldValueRequired',
  'FieldValueTooLong',
  'FieldValueTooMany',
  'FieldValueTypeInvalid',
]);
const SKIPPED = 'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';

/** All that is wrong with the value; empty when it is valid. Never throws for a bad value, only for a dangling reference in the schema. */
export function validate(schema: Schema, value: unknown, options: ValidateOptions = {}): readonly FieldError[] {
  const { path = '', resolve = definition, old } = options;
  const walk: Walk = { resolve, errors: [], repeated: [], uniqueItems: options.uniqueItems ?? true, nullIsAbsent: options.nullIsAbsent ?? false };
  check(schema, value, old, path, walk);
  const errors = [...walk.errors, ...walk.repeated];
  if (!hasRules(schema, resolve)) return errors;
  if ([...errors, ...(options.beside ?? [])].some(({ reason }) => BLOCKING.has(reason))) return [...errors, invalid('', null, SKIPPED)];
  return [...errors, ...ruleErrors(schema, value, { path, resolve, old, onRatcheted: options.onRatcheted })];
}

interface Walk {
  readonly resolve: Resolve;
  readonly errors: FieldError[];
  /** Repeated list items: the server reports them after all others. */
  readonly repeated: FieldError[];
  readonly uniqueItems: boolean;
  readonly nullIsAbsent: boolean;
}

function check(reference: Schema, value: unknown, old: unknown, path: string, walk: Walk): void {
  if (old !== undefined && jsonEqual(value, old)) return;
  if (value === null && walk.nullIsAbsent) return;
  const schema = deref(reference, walk.resolve);
  const nullable = reference.nullable === true && schema.nullable !== true ? { ...schema, nullable: true } : schema;
  checkComposites(schema, value, path, walk);
  walk.errors.push(...valueErrors(nullable, value, path));
  if (Array.isArray(value)) checkItems(schema, value, old, path, walk);
  else if (isObject(value)) checkEntries(schema, value, old, path, walk);
}

function checkItems(schema: Schema, value: readonly unknown[], old: unknown, path: string, walk: Walk): void {
  if (walk.uniqueItems) walk.repeated.push(...duplicateErrors(schema, value, path));
  if (schema.items === undefined) return;
  const before = correlate(schema, old);
  for (const [index, item] of value.entries()) check(schema.items, item, before(item), `${path}[${index}]`, walk);
}

function checkEntries(schema: Schema, value: JsonObject, old: unknown, path: string, walk: Walk): void {
  const embedded = schema['x-kubernetes-embedded-resource'] === true;
  const wanted = embedded ? new Set([...(schema.required ?? []), 'apiVersion', 'kind']) : (schema.required ?? []);
  for (const key of wanted) if (!Object.hasOwn(value, key)) walk.errors.push(required(child(path, key)));
  if (embedded) walk.errors.push(...typeMetaErrors(value, path));
  const before = isObject(old) ? old : undefined;
  for (const [key, entry] of Object.entries(value)) {
    const nested = entrySchema(schema, key);
    if (nested !== undefined) check(nested, entry, own(before, key), child(path, key), walk);
    else if (embedded && (key === 'apiVersion' || key === 'kind')) check({ type: 'string' }, entry, own(before, key), child(path, key), walk);
  }
}

const NO_LABEL =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const DNS_1035_LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** What an embedded object says it is. Source: apiextensions-apiserver, pkg/apiserver/schema/objectmeta/validation.go, `validateEmbeddedResource`. */
function typeMetaErrors({ apiVersion, kind }: JsonObject, path: string): readonly FieldError[] {
  const errors: FieldError[] = [];
  if (apiVersion === '') errors.push(invalid(child(path, 'apiVersion'), apiVersion, 'must not be empty'));
  else if (typeof apiVersion === 'string' && apiVersion.split('/').length > 2)
    errors.push(invalid(child(path, 'apiVersion'), apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  if (kind === '') errors.push(invalid(child(path, 'kind'), kind, 'must not be empty'));
  else if (typeof kind === 'string' && !DNS_1035_LABEL.test(kind.toLowerCase()))
    errors.push(invalid(child(path, 'kind'), kind, `may have mixed case, but should otherwise match: ${NO_LABEL}`));
  return errors;
}

/** The errors of the value in a branch of a composite, where neither ratcheting nor list types nor CEL apply. */
function branchErrors(schema: Schema, value: unknown, path: string, walk: Walk): readonly FieldError[] {
  const branch: Walk = { resolve: walk.resolve, errors: [], repeated: [], uniqueItems: false, nullIsAbsent: walk.nullIsAbsent };
  check(schema, value, undefined, path, branch);
  return branch.errors;
}

/** The server says which composite failed without a field, then what the branch that came closest lacks. */
function checkComposites(schema: Schema, value: unknown, path: string, walk: Walk): void {
  if (value === null) return;
  const { anyOf, oneOf, allOf, not } = schema;
  const say = (text: string) => walk.errors.push(invalid('', '', `${JSON.stringify(path)} ${text}`));
  const nearest = (tried: readonly (readonly FieldError[])[]) => walk.errors.push(...tried.reduce((a, b) => (b.length < a.length ? b : a)));
  // int-or-string repeats its two types as anyOf; the type check says it better.
  if (anyOf !== undefined && anyOf.length > 0 && schema['x-kubernetes-int-or-string'] !== true) {
    const tried = anyOf.map((branch) => branchErrors(branch, value, path, walk));
    if (tried.every((errors) => errors.length > 0)) {
      say('must validate at least one schema (anyOf)');
      nearest(tried);
    }
  }
  if (oneOf !== undefined && oneOf.length > 0) {
    const tried = oneOf.map((branch) => branchErrors(branch, value, path, walk));
    const valid = tried.filter((errors) => errors.length === 0).length;
    if (valid !== 1) say(`must validate one and only one schema (oneOf). ${valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`}`);
    if (valid === 0) nearest(tried);
  }
  if (allOf !== undefined && allOf.length > 0) {
    const failed = allOf.map((branch) => branchErrors(branch, value, path, walk)).filter((errors) => errors.length > 0);
    if (failed.length > 0) say(`must validate all the schemas (allOf)${failed.length === allOf.length ? '. None validated' : ''}`);
    walk.errors.push(...failed.flat());
  }
  if (not !== undefined && branchErrors(not, value, path, walk).length === 0) say('must not validate the schema (not)');
}
