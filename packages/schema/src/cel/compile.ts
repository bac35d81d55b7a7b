/** Expressions of Kubernetes' CEL: type-checked in an environment of their own, run in one that all share. */
import { Environment } from '@marcbachmann/cel-js';
import type { ASTNode, Optional, ParseResult } from '@marcbachmann/cel-js';
import type { Parsers } from './convert.ts';
import { MATCHES, registerKubernetes } from './functions.ts';

/** A rule that does not compile. `message` says where in the expression and why. */
export class RuleError extends Error {
  override readonly name = 'RuleError';
  readonly expression: string;
  constructor(expression: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.expression = expression;
  }
}

const OPTIONS = { enableOptionalTypes: true, homogeneousAggregateLiterals: false } as const;

let shared: { readonly untyped: Environment; readonly parsers: Parsers; readonly base: Environment } | undefined;

/** Environments are dear: one to run in, one to start each typed one from. */
function environments() {
  if (shared === undefined) {
    const untyped = new Environment({ ...OPTIONS, unlistedVariablesAreDyn: true });
    registerKubernetes(untyped);
    // Where nothing has a type, the engine knows none of what is in an optional either, and would not read a field of it.
    untyped.registerFunction('optional<dyn>.value(): dyn', (optional: Optional) => optional.value());
    const base = new Environment(OPTIONS);
    registerKubernetes(base);
    const timestamp = untyped.parse('timestamp(text)');
    const duration = untyped.parse('duration(text)');
    shared = { untyped, base, parsers: { timestamp: (text) => timestamp({ text }), duration: (text) => duration({ text }) } };
  }
  return shared;
}

/** How strings with a format become values. */
export const parsers = (): Parsers => environments().parsers;

/** An environment to declare the variables of an expression in. */
export function newEnvironment(): Environment {
  return environments().base.clone();
}

/** An expression that has been checked, ready to run, and the type of what it says. */
export interface Checked {
  readonly run: ParseResult;
  readonly type: string;
}

/** Checks an expression in `typed` and makes it ready to run. `types`: what it may say; `undefined`: anything. @throws {RuleError} */
export function compile(expression: string, typed: Environment, types: readonly string[] | undefined): Checked {
  try {
    const checked = typed.parse(expression);
    rewriteMatches(checked.ast);
    const { valid, type, error } = checked.check();
    if (!valid) throw new RuleError(expression, `compilation failed: ${summary(error)}`, { cause: error });
    if (types?.includes(type!) === false) throw new RuleError(expression, `must evaluate to a ${types[0]}, not ${type}`);
    const run = environments().untyped.parse(expression);
    rewriteMatches(run.ast);
    return { run, type: type! };
  } catch (error) {
    if (error instanceof RuleError) throw error;
    throw new RuleError(expression, `compilation failed: ${summary(error)}`, { cause: error });
  }
}

/** The tree of an expression, unchecked; `undefined` when it cannot even be read. */
export function parsed(expression: string): ASTNode | undefined {
  try {
    return environments().untyped.parse(expression).ast;
  } catch {
    return undefined;
  }
}

/** The engine's `matches` takes JavaScript patterns; rules are written in RE2's. */
function rewriteMatches(ast: ASTNode): void {
  walk(ast, (node) => {
    if ((node.op === 'rcall' || node.op === 'call') && node.args[0] === 'matches') node.args[0] = MATCHES;
    return false;
  });
}

/** Whether an expression looks at a variable. */
export function mentions(ast: ASTNode, name: string): boolean {
  return walk(ast, (node) => node.op === 'id' && node.args === name);
}

/** Visits the nodes until one says stop. Arguments are nodes, lists of them, or plain values. */
function walk(part: unknown, visit: (node: ASTNode) => boolean): boolean {
  if (Array.isArray(part)) return part.some((one) => walk(one, visit));
  if (typeof part !== 'object' || part === null || !('op' in part)) return false;
  const node = part as ASTNode; // what has `op` in a tree is a node
  return visit(node) || walk(node.args, visit);
}

/** What went wrong, in one line: the engine's own messages draw the expression with a caret. */
export function summary(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = 'summary' in error && typeof error.summary === 'string' ? error.summary : error.message.split('\n')[0]!;
  return text.replace(/^No such key/, 'no such key');
}
