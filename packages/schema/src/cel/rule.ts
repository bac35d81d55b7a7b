/** One CEL rule of a schema node: compiled and type-checked once, evaluated on JSON. */
import { Optional } from '@marcbachmann/cel-js';
import type { Environment, ParseResult } from '@marcbachmann/cel-js';
import type { Resolve } from '../builtin/table.ts';
import { definition } from '../builtin/table.ts';
import type { Rule, Schema } from '../structural.ts';
import { compile, mentions, newEnvironment, parsers, summary } from './compile.ts';
import { toCel } from './convert.ts';
import { declareType } from './declare.ts';

/** What came of a rule: it holds; it does not, and why; or it could not be evaluated, and why. */
export type Outcome = { readonly holds: true } | { readonly holds: false; readonly message: string } | { readonly error: string };

export interface CompiledRule {
  readonly rule: Rule;
  /** It looks at `oldSelf`: it does not run when there is none, unless `optionalOldSelf`. */
  readonly transition: boolean;
  /** `old` is left out when there was no value. Never throws for a bad value. */
  readonly evaluate: (self: unknown, old?: unknown) => Outcome;
}

/** As the API server compiles: unknown names and functions, and types that do not fit, are errors. `self` is typed by the schema. */
export function compileRule(rule: Rule, schema: Schema, resolve: Resolve = definition): CompiledRule {
  const typed = typedEnvironment(schema, rule, resolve);
  const { run } = compile(rule.rule, typed, ['bool', 'dyn']);
  const message = rule.messageExpression === undefined ? undefined : compile(rule.messageExpression, typed, ['string', 'dyn']).run;
  const transition = mentions(run.ast, 'oldSelf');
  const needsOld = transition || (message !== undefined && mentions(message.ast, 'oldSelf'));
  const evaluate = (self: unknown, old?: unknown): Outcome => {
    try {
      const before = old === undefined || !needsOld ? undefined : toCel(schema, old, resolve, parsers());
      const context = {
        self: toCel(schema, self, resolve, parsers()),
        ...(rule.optionalOldSelf === true
          ? { oldSelf: before === undefined ? Optional.none() : Optional.of(before) }
          : before === undefined
            ? {}
            : { oldSelf: before }),
      };
      const result: unknown = run(context);
      if (result === true) return { holds: true };
      return { holds: false, message: expressed(message, context) ?? ruleMessage(rule) };
    } catch (error) {
      return { error: `${summary(error)} evaluating rule: ${ruleMessage(rule)}` };
    }
  };
  return { rule, transition, evaluate };
}

/** The message a rule has when it fails: its own, else `failed rule: self >= oldSelf`. */
export function ruleMessage(rule: Rule): string {
  return rule.message !== undefined && rule.message !== '' ? rule.message : `failed rule: ${rule.rule.trim()}`;
}

/** The text of a message expression; `undefined` when it fails or says nothing, as the plain message then serves. */
function expressed(message: ParseResult | undefined, context: Readonly<Record<string, unknown>>): string | undefined {
  if (message === undefined) return undefined;
  try {
    const text: unknown = message(context);
    return typeof text === 'string' && text.trim() !== '' && !text.includes('\n') ? text.trim() : undefined;
  } catch {
    return undefined;
  }
}

function typedEnvironment(schema: Schema, rule: Rule, resolve: Resolve): Environment {
  const environment = newEnvironment();
  const type = declareType(environment, schema, resolve);
  environment.registerVariable('self', type);
  environment.registerVariable('oldSelf', rule.optionalOldSelf === true ? `optional<${type}>` : type);
  return environment;
}
