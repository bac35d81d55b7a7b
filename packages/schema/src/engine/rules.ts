/** The CEL rules of a schema, run over a value: which run, against what old value, and how a failure is told. Source: spec/sandbox.md §2.9. */
import type { Resolve } from '../builtin/table.ts';
import { definition } from '../builtin/table.ts';
import { RuleError } from '../cel/compile.ts';
import { compileRule } from '../cel/rule.ts';
import type { CompiledRule } from '../cel/rule.ts';
import type { FieldError, Rule, Schema } from '../structural.ts';
import { duplicate, forbidden, invalid, required, shown } from './failure.ts';
import { child, isObject, jsonEqual, own } from './json.ts';
import { correlate } from './lists.ts';
import { deref, entrySchema } from './resolve.ts';

interface RuleOptions {
  readonly path: string;
  readonly resolve: Resolve;
  readonly old: unknown;
  readonly onRatcheted: ((error: FieldError) => void) | undefined;
}

/** The failures of all rules on a value that is valid otherwise. A rule that does not compile is a failure as well. */
export function ruleErrors(schema: Schema, value: unknown, options: RuleOptions): readonly FieldError[] {
  const errors: FieldError[] = [];
  run(schema, value, options.old, options.path, { ...options, errors });
  return errors;
}

/** What is wrong with the rules themselves; `path` is where the schema is: `spec.versions[0].schema.openAPIV3Schema`. */
export function checkRules(schema: Schema, path = '', resolve: Resolve = definition): readonly FieldError[] {
  const errors: FieldError[] = [];
  for (const [index, rule] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    const result = compiled(rule, schema, resolve);
    if (result instanceof RuleError) errors.push(invalid(`${child(path, 'x-kubernetes-validations')}[${index}].rule`, rule.rule, result.message));
  }
  for (const [key, property] of Object.entries(schema.properties ?? {})) errors.push(...checkRules(property, `${child(path, 'properties')}[${key}]`, resolve));
  if (schema.items !== undefined) errors.push(...checkRules(schema.items, child(path, 'items'), resolve));
  if (typeof schema.additionalProperties === 'object') errors.push(...checkRules(schema.additionalProperties, child(path, 'additionalProperties'), resolve));
  return errors;
}

const ruled = new WeakMap<Schema, boolean>();

/** Whether the schema has rules anywhere: most have none, and need no second walk. */
export function hasRules(reference: Schema, resolve: Resolve): boolean {
  const known = ruled.get(reference);
  if (known !== undefined) return known;
  ruled.set(reference, false); // a definition that contains itself
  const schema = deref(reference, resolve);
  const parts = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties].filter((part) => typeof part === 'object');
  const found = (schema['x-kubernetes-validations']?.length ?? 0) > 0 || parts.some((part) => hasRules(part, resolve));
  ruled.set(reference, found);
  return found;
}

interface Walk extends RuleOptions {
  readonly errors: FieldError[];
}

function run(reference: Schema, value: unknown, old: unknown, path: string, walk: Walk): void {
  if (!hasRules(reference, walk.resolve) || value === null) return;
  const schema = deref(reference, walk.resolve);
  const unchanged = old !== undefined && jsonEqual(value, old);
  if (unchanged && walk.onRatcheted === undefined) return;
  for (const rule of schema['x-kubernetes-validations'] ?? []) {
    const error = failure(rule, schema, value, old, path, walk.resolve);
    if (error === undefined) continue;
    if (unchanged) walk.onRatcheted?.(error);
    else walk.errors.push(error);
  }
  if (Array.isArray(value)) {
    if (schema.items === undefined) return;
    const before = correlate(schema, old);
    for (const [index, item] of value.entries()) run(schema.items, item, before(item), `${path}[${index}]`, walk);
  } else if (isObject(value)) {
    const before = isObject(old) ? old : undefined;
    for (const [key, entry] of Object.entries(value)) {
      const nested = entrySchema(schema, key);
      if (nested !== undefined) run(nested, entry, own(before, key), child(path, key), walk);
    }
  }
}

function failure(rule: Rule, schema: Schema, value: unknown, old: unknown, path: string, resolve: Resolve): FieldError | undefined {
  const compiledRule = compiled(rule, schema, resolve);
  if (compiledRule instanceof RuleError) return invalid(path, objectless(schema, value), `rule compile error: ${compiledRule.message}: ${rule.rule}`);
  if (compiledRule.transition && (old === undefined || old === null) && rule.optionalOldSelf !== true) return undefined;
  const outcome = compiledRule.evaluate(value, old ?? undefined);
  if ('error' in outcome) return invalid(path, objectless(schema, value), outcome.error);
  if (outcome.holds) return undefined;
  const field = rule.fieldPath === undefined ? path : `${path}${rule.fieldPath.startsWith('.') && path === '' ? rule.fieldPath.slice(1) : rule.fieldPath}`;
  return told(rule, field, objectless(schema, value), outcome.message);
}

function told(rule: Rule, field: string, value: unknown, message: string): FieldError {
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(field, message);
    case 'FieldValueRequired':
      return required(field, message);
    case 'FieldValueDuplicate':
      return { ...duplicate(field, value), message: `Duplicate value: ${shown(value)}: ${message}` };
    default:
      return invalid(field, value, message);
  }
}

/** Errors show a scalar, and of the rest only what it is. */
function objectless(schema: Schema, value: unknown): unknown {
  return schema.type === 'object' || schema.type === 'array' ? schema.type : value;
}

const cache = new WeakMap<Schema, Map<Rule, CompiledRule | RuleError>>();

function compiled(rule: Rule, schema: Schema, resolve: Resolve): CompiledRule | RuleError {
  let rules = cache.get(schema);
  if (rules === undefined) cache.set(schema, (rules = new Map()));
  let result = rules.get(rule);
  if (result === undefined) {
    try {
      result = compileRule(rule, schema, resolve);
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      result = error;
    }
    rules.set(rule, result);
  }
  return result;
}
