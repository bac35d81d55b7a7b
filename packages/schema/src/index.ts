export type { FieldError, Rule, Schema } from './structural.ts';
export type { Column, CustomObject, Declaration, Resource, Scale } from './resource.ts';

export { setDefaults } from './engine/defaults.ts';
export { prune } from './engine/prune.ts';
export type { Pruned } from './engine/prune.ts';
export { validate } from './engine/validate.ts';
export type { ValidateOptions } from './engine/validate.ts';
export { deref, rootSchema } from './engine/resolve.ts';
export { checkRules } from './engine/rules.ts';
export { duplicate, forbidden, formatErrors, invalid, required, sentence, tooLong, tooMany, unsupported, wrongType } from './engine/failure.ts';
export type { Invalid } from './engine/failure.ts';
export { jsonEqual } from './engine/json.ts';
export { re2 } from './engine/regex.ts';
export { RuleError, compileRule } from './cel/rule.ts';
export type { CompiledRule, Outcome } from './cel/rule.ts';
export { quantityNanos } from './cel/quantity.ts';
export { builtinResources, builtinSchema, definition } from './builtin/table.ts';
export type { BuiltinResource, Resolve } from './builtin/table.ts';
