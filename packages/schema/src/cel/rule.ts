/** One CEL rule of a schema node: compiled and type-checked once, evaluated on JSON. */
import { Environment, Optional } from '@marcbachmann/cel-js';
import type { ASTNode, ParseResult } from '@marcbachmann/cel-js';
import type { Resolve } from '../builtin/table.ts';
import { definition } from '../builtin/table.ts';
import type { Rule, Schema } from '../structural.ts';
import { toCel } from './convert.ts';
import type { Parsers } from './convert.ts';
import { declareType } from './declare.ts';
import { MATCHES, registerKubernetes } from './functions.ts';

/** What came of a rule: it holds; it does not, and why; or it could not be evaluated, and why. */
export type Outcome = { readonly holds: true } | { readonly holds: false; readonly message: string } | { readonly error: string };

export interface CompiledRule {
  readonly rule: Rule;
  /** It looks at `oldSelf`: it does not run when there is none, unless `optionalOldSelf`. */
  readonly transition: boolean;
  /** `old` is left out when there was no value. Never throws for a bad value. */
  readonly evaluate: (self: unknown, old?: unknown) => Outcome;
}

/** A rule that does not compile. `message` says where in the expression and why. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  readonly expression: string;
  constructor(expression: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.expression = expression;
  }
}

/** As the API server compiles: unknown names and functions, and types that do not fit, are errors. `self` is typed by the schema. */
export function compileRule(rule: Rule, schema: Schema, resolve: Resolve = definition): CompiledRule {
  const typed = typedEnvironment(schema, rule, resolve);
  const run = compile(rule.rule, typed, ['bool', 'dyn']);
  const message = rule.messageExpression === undefined ? undefined : compile(rule.messageExpression, typed, ['string', 'dyn']);
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

const OPTIONS = { enableOptionalTypes: true, homogeneousAggregateLiterals: false } as const;

let shared: { readonly untyped: Environment; readonly parsers: Parsers; readonly base: Environment } | undefined;

/** Environments are dear: one to run in, one to start each typed one from. */
function environments() {
  if (shared === undefined) {
    const untyped = new Environment({ ...OPTIONS, unlistedVariablesAreDyn: true });
    registerKubernetes(untyped);
    const base = new Environment(OPTIONS);
    registerKubernetes(base);
    const timestamp = untyped.parse('timestamp(text)');
    const duration = untyped.parse('duration(text)');
    shared = { untyped, base, parsers: { timestamp: (text) => timestamp({ text }), duration: (text) => duration({ text }) } };
  }
  return shared;
}

const parsers = () => environments().parsers;

function typedEnvironment(schema: Schema, rule: Rule, resolve: Resolve): Environment {
  const environment = environments().base.clone();
  const type = declareType(environment, schema, resolve);
  environment.registerVariable('self', type);
  environment.registerVariable('oldSelf', rule.optionalOldSelf === true ? `optional<${type}>` : type);
  return environment;
}

function compile(expression: string, typed: Environment, types: readonly string[]): ParseResult {
  try {
    const checked = typed.parse(expression);
    rewriteMatches(checked.ast);
    const { valid, type, error } = checked.check();
    if (!valid) throw new RuleError(expression, `compilation failed: ${summary(error)}`, { cause: error });
    if (!types.includes(type!)) throw new RuleError(expression, `must evaluate to a ${types[0]}, not ${type}`);
    const run = environments().untyped.parse(expression);
    rewriteMatches(run.ast);
    return run;
  } catch (error) {
    if (error instanceof RuleError) throw error;
    throw new RuleError(expression, `compilation failed: ${summary(error)}`, { cause: error });
  }
}

/** The engine's `matches` takes JavaScript patterns; rules are written in RE2's. */
function rewriteMatches(ast: ASTNode): void {
  walk(ast, (node) => {
    if ((node.op === 'rcall' || node.op === 'call') && node.args[0] === 'matches') node.args[0] = MATCHES;
    return false;
  });
}

function mentions(ast: ASTNode, name: string): boolean {
  return walk(ast, (node) => node.op === 'id' && node.args === name);
}

/** Visits the nodes until one says stop. Arguments are nodes, lists of them, or plain values. */
function walk(part: unknown, visit: (node: ASTNode) => boolean): boolean {
  if (Array.isArray(part)) return part.some((one) => walk(one, visit));
  if (typeof part !== 'object' || part === null || !('op' in part)) return false;
  const node = part as ASTNode; // what has `op` in a tree is a node
  return visit(node) || walk(node.args, visit);
}

/** The engine's own messages draw the expression with a caret; one line is enough in a field error. */
function summary(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = 'summary' in error && typeof error.summary === 'string' ? error.summary : error.message.split('\n')[0]!;
  return text.replace(/^No such key/, 'no such key');
}
