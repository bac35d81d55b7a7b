/** What an expression costs at most, before anybody has run it. Source: cel-go, checker/cost.go; apiserver, pkg/cel/library/cost.go. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { callCost } from './calls.ts';
import { ANYTHING, UNKNOWN_MAX } from './size.ts';
import type { Size, Value } from './size.ts';

/** What it costs to evaluate a part, and what comes out. */
export interface Estimate {
  readonly cost: number;
  readonly value: Value;
}

/** Variables by name. */
export type Scope = ReadonlyMap<string, Value>;

const LIST_COST = 10;
const MAP_COST = 30;
const TRAVERSAL = 0.1;
const SCALAR: Value = { kind: 'scalar', size: { min: 1, max: 1 } };

/** A part of a size, rounded up; never more than can be counted. */
export function part(size: number, factor: number): number {
  return Math.min(Math.ceil(size * factor), UNKNOWN_MAX);
}

/** What the real estimate takes for the size of all that has a name and no place in the schema: that of `self`. */
function rootSize(scope: Scope): Size {
  return scope.get('self')?.size ?? { min: 0, max: 0 };
}

/** Estimates a part of an expression. */
export function estimate(node: ASTNode, scope: Scope): Estimate {
  switch (node.op) {
    case 'value':
      return { cost: 0, value: literal(node.args) };
    case 'id':
      return { cost: 1, value: scope.get(node.args) ?? { kind: 'any', size: rootSize(scope) } };
    case '.':
    case '.?':
      return selected(node.args[0], node.args[1], scope);
    case '[]':
    case '[?]':
      return indexed(node.args[0], node.args[1], scope);
    case 'list':
      return listed(node.args, scope);
    case 'map':
      return mapped(node.args, scope);
    case '?:':
      return conditional(node.args, scope);
    case '!_':
    case '-_':
      return { cost: 1 + estimate(node.args, scope).cost, value: SCALAR };
    case 'call':
      return node.args[0] === 'has' ? presence(node.args[1][0]!, scope) : callCost({ name: node.args[0], target: undefined, args: node.args[1] }, scope);
    case 'rcall':
      return received(node.args, scope);
    default:
      return binary(node.op, node.args[0], node.args[1], scope);
  }
}

function literal(value: unknown): Value {
  if (typeof value !== 'string') return SCALAR;
  const length = Array.from(value).length;
  return { kind: 'text', size: { min: length, max: length } };
}

function selected(of: ASTNode, name: string, scope: Scope): Estimate {
  const { cost, value } = estimate(of, scope);
  const found = value.kind === 'map' ? value.element?.() : value.field?.(name);
  return { cost: cost + (value.kind === 'map' || value.kind === 'object' ? 1 : 0), value: found ?? ANYTHING };
}

function indexed(of: ASTNode, at: ASTNode, scope: Scope): Estimate {
  const [list, index] = [estimate(of, scope), estimate(at, scope)];
  const element = list.value.element?.();
  return { cost: list.cost + index.cost + 1, value: element ?? (list.value.made === true ? { kind: 'any', size: rootSize(scope) } : ANYTHING) };
}

function presence(of: ASTNode, scope: Scope): Estimate {
  const inner = of.op === '.' ? estimate(of.args[0], scope).cost : estimate(of, scope).cost;
  return { cost: inner, value: SCALAR };
}

function listed(items: readonly ASTNode[], scope: Scope): Estimate {
  const all = items.map((item) => estimate(item, scope));
  const value: Value = { kind: 'list', made: true, size: { min: items.length, max: items.length }, element: () => either(all.map((one) => one.value)) };
  return { cost: LIST_COST + sum(all), value };
}

function mapped(entries: readonly (readonly [ASTNode, ASTNode])[], scope: Scope): Estimate {
  const keys = entries.map(([key]) => estimate(key, scope));
  const values = entries.map(([, value]) => estimate(value, scope));
  const value: Value = { kind: 'map', made: true, size: { min: entries.length, max: entries.length }, element: () => either(values.map((one) => one.value)) };
  return { cost: MAP_COST + sum(keys) + sum(values), value };
}

function conditional([condition, yes, no]: readonly [ASTNode, ASTNode, ASTNode], scope: Scope): Estimate {
  const [a, b] = [estimate(yes, scope), estimate(no, scope)];
  return { cost: estimate(condition, scope).cost + Math.max(a.cost, b.cost), value: either([a.value, b.value]) };
}

/** One of several values, whichever is the largest. */
function either(values: readonly Value[]): Value {
  const [first] = values;
  if (first === undefined) return { kind: 'any', size: { min: 0, max: 0 } };
  const largest = values.reduce((most, one) => (one.size.max > most.size.max ? one : most));
  return { ...largest, size: { min: Math.min(...values.map(({ size }) => size.min)), max: largest.size.max } };
}

function binary(op: string, left: ASTNode, right: ASTNode, scope: Scope): Estimate {
  const [a, b] = [estimate(left, scope), estimate(right, scope)];
  const both = a.cost + b.cost;
  const [x, y] = [a.value, b.value];
  const texts = isText(x) && isText(y);
  switch (op) {
    case '&&':
    case '||':
      return { cost: both, value: SCALAR };
    case 'in':
      return { cost: both + (y.kind === 'map' ? 1 : part(y.size.max, 1)), value: SCALAR };
    case '==':
    case '!=':
      return { cost: both + part(Math.min(x.size.max, y.size.max), TRAVERSAL), value: SCALAR };
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { cost: both + (texts ? part(Math.min(x.size.max, y.size.max), TRAVERSAL) : 1), value: SCALAR };
    case '+': {
      if (!texts && x.kind !== 'list' && y.kind !== 'list') return { cost: both + 1, value: SCALAR };
      const size: Size = { min: x.size.min + y.size.min, max: Math.min(x.size.max + y.size.max, UNKNOWN_MAX) };
      return { cost: both + (texts ? part(size.max, TRAVERSAL) : 1), value: { ...(x.kind === 'any' ? y : x), size } };
    }
    default:
      return { cost: both + 1, value: SCALAR };
  }
}

/** Text, or what may be text. */
const isText = ({ kind }: Value): boolean => kind === 'text' || kind === 'any';

function received([name, receiver, args]: readonly [string, ASTNode, readonly ASTNode[]], scope: Scope): Estimate {
  const loop = LOOPS[name];
  const [variable, ...rest] = args;
  if (loop !== undefined && variable?.op === 'id' && rest.length > 0) return looped(loop, receiver, variable.args, rest, scope);
  if (receiver.op === 'id' && receiver.args === 'cel' && name === 'bind' && variable?.op === 'id' && rest.length === 2) {
    const bound = estimate(rest[0]!, scope);
    const result = estimate(rest[1]!, new Map([...scope, [variable.args, bound.value]]));
    return { cost: LIST_COST + bound.cost + result.cost, value: result.value };
  }
  const library = receiver.op === 'id' && !scope.has(receiver.args);
  return callCost(library ? { name: `${receiver.args}.${name}`, target: undefined, args } : { name, target: receiver, args }, scope);
}

/** How a macro goes over a list: what it costs once, and for each element beside its predicate. */
interface Loop {
  readonly once: number;
  readonly each: number;
  readonly makesList?: true;
}
const LOOPS: Readonly<Record<string, Loop>> = {
  all: { once: 1, each: 3 },
  exists: { once: 1, each: 4 },
  exists_one: { once: 2, each: 2 },
  existsOne: { once: 2, each: 2 },
  map: { once: 11, each: 12, makesList: true },
  filter: { once: 11, each: 13, makesList: true },
};

function looped(loop: Loop, receiver: ASTNode, variable: string, parts: readonly ASTNode[], scope: Scope): Estimate {
  const range = estimate(receiver, scope);
  const item = itemOf(range.value, scope);
  const inner = new Map([...scope, [variable, item]]);
  const all = parts.map((one) => estimate(one, inner));
  const cost = range.cost + loop.once + Math.min(range.value.size.max * (loop.each + sum(all)), UNKNOWN_MAX);
  if (loop.makesList === undefined) return { cost, value: SCALAR };
  // What `map` makes is its last part's; `filter` keeps what there was.
  const element = loop.each === LOOPS['map']!.each ? all.at(-1)!.value : item;
  return { cost, value: { kind: 'list', made: true, size: range.value.size, element: () => element } };
}

/** What a loop sees of what it goes over. */
function itemOf(range: Value, scope: Scope): Value {
  const element = range.element?.();
  if (range.made === true) return { ...(element ?? ANYTHING), size: rootSize(scope) };
  // Of a map it sees the keys, of which a schema says nothing.
  return range.kind === 'map' ? { kind: 'text', size: { min: 0, max: 0 } } : (element ?? ANYTHING);
}

/** What several parts cost together. */
export function sum(parts: readonly Estimate[]): number {
  return parts.reduce((total, { cost }) => Math.min(total + cost, UNKNOWN_MAX), 0);
}
