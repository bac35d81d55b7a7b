/** What a function costs at most, and how large its result may be. Source: cel-go, checker/cost.go and ext; apiserver, pkg/cel/library/cost.go. */
import type { ASTNode } from '@marcbachmann/cel-js';
import { estimate, part, sum } from './estimate.ts';
import type { Estimate, Scope } from './estimate.ts';
import { ANYTHING, UNKNOWN_MAX } from './size.ts';
import type { Size, Value } from './size.ts';

/** A call of a function, or of a method. */
export interface Call {
  readonly name: string;
  readonly target: ASTNode | undefined;
  readonly args: readonly ASTNode[];
}

const TRAVERSAL = 0.1;
/** Of the length of a regular expression. */
const PATTERN = 0.25;
const scalar: Value = { kind: 'scalar', size: { min: 1, max: 1 } };
const text = (size: Size): Value => ({ kind: 'text', size });
/** A list that was made: nothing is known of its items. */
const list = (size: Size): Value => ({ kind: 'list', made: true, size });
const times = (a: number, b: number): number => Math.min(a * b, UNKNOWN_MAX);

interface Charge {
  readonly cost: number;
  readonly value: Value;
}
/** `on`: the receiver of a method, else the first argument. */
type Charger = (on: Value, args: readonly Value[]) => Charge;

const traversed: Charger = (on) => ({ cost: part(on.size.max, TRAVERSAL), value: scalar });
const kept: Charger = (on) => ({ cost: part(on.size.max, TRAVERSAL), value: text(on.size) });
const searched = (on: Value, pattern: Value): number => times(part(on.size.max + 1, TRAVERSAL), part(pattern.size.max, PATTERN));
const compared =
  (factor: number): Charger =>
  (on, args) => ({ cost: 1 + times(factor, times(on.size.max, args[1]?.size.max ?? UNKNOWN_MAX)), value: scalar });

/** For the items of a list; for a text, as `indexOf` has it, for its characters. */
const eachItem: Charger = (on) => {
  if (on.kind === 'text') return { cost: part(on.size.max, TRAVERSAL), value: scalar };
  const item = on.element?.();
  const one = item?.kind === 'text' ? 1 + part(itemMost(on), TRAVERSAL) : 1;
  return { cost: times(on.size.max, one), value: item ?? scalar };
};

/** The largest item of a list; of one that was made nobody knows. */
const itemMost = (on: Value): number => (on.made === true ? UNKNOWN_MAX : (on.element?.().size.max ?? UNKNOWN_MAX));

const CHARGES: Readonly<Record<string, Charger>> = {
  matches: (on, args) => ({ cost: searched(on, args.at(-1) ?? ANYTHING), value: scalar }),
  find: (on, args) => ({ cost: searched(on, args[0] ?? ANYTHING), value: text({ min: 0, max: on.size.max }) }),
  findAll: (on, args) => ({ cost: searched(on, args[0] ?? ANYTHING), value: list({ min: 0, max: on.size.max }) }),
  contains: (on, args) => ({ cost: times(part(on.size.max, TRAVERSAL), part(args[0]?.size.max ?? UNKNOWN_MAX, TRAVERSAL)), value: scalar }),
  startsWith: (_on, args) => ({ cost: part(args[0]?.size.max ?? UNKNOWN_MAX, TRAVERSAL), value: scalar }),
  endsWith: (_on, args) => ({ cost: part(args[0]?.size.max ?? UNKNOWN_MAX, TRAVERSAL), value: scalar }),
  format: (on) => ({ cost: part(on.size.max, TRAVERSAL), value: ANYTHING }),
  lowerAscii: kept,
  upperAscii: kept,
  substring: kept,
  trim: kept,
  url: kept,
  replace: (on, args) => ({ cost: part(on.size.max, 2 * TRAVERSAL), value: text({ min: 0, max: replacedMost(on.size, args) }) }),
  split: (on) => ({ cost: part(on.size.max, 2 * TRAVERSAL), value: list({ min: 0, max: on.size.max }) }),
  join: (on, args) => {
    const size = times(on.size.max, itemMost(on)) + times(args[0]?.size.max ?? 0, Math.max(0, on.size.max - 1));
    return { cost: part(size, TRAVERSAL), value: text({ min: 0, max: size }) };
  },
  isSorted: (on, args) => ({ ...eachItem(on, args), value: scalar }),
  sum: eachItem,
  min: eachItem,
  max: eachItem,
  indexOf: (on, args) => ({ ...eachItem(on, args), value: scalar }),
  lastIndexOf: (on, args) => ({ ...eachItem(on, args), value: scalar }),
  'sets.contains': compared(1),
  'sets.intersects': compared(1),
  'sets.equivalent': compared(2),
  isIP: traversed,
  isCIDR: traversed,
  ip: traversed,
  cidr: traversed,
  quantity: traversed,
  isQuantity: traversed,
  semver: traversed,
  isSemver: traversed,
  // These take one step, as all that are not here; what they make may be of any size.
  string: () => ({ cost: 1, value: text({ min: 0, max: UNKNOWN_MAX }) }),
  charAt: () => ({ cost: 1, value: text({ min: 0, max: UNKNOWN_MAX }) }),
  reverse: () => ({ cost: 1, value: text({ min: 0, max: UNKNOWN_MAX }) }),
  getScheme: () => ({ cost: 1, value: text({ min: 0, max: UNKNOWN_MAX }) }),
  getHost: () => ({ cost: 1, value: text({ min: 0, max: UNKNOWN_MAX }) }),
  getHostname: () => ({ cost: 1, value: text({ min: 0, max: UNKNOWN_MAX }) }),
  getPort: () => ({ cost: 1, value: text({ min: 0, max: UNKNOWN_MAX }) }),
  getEscapedPath: () => ({ cost: 1, value: text({ min: 0, max: UNKNOWN_MAX }) }),
  getQuery: () => ({ cost: 1, value: ANYTHING }),
  type: () => ({ cost: 1, value: ANYTHING }),
  dyn: (on) => ({ cost: 1, value: on }),
  orValue: (on) => ({ cost: 1, value: on }),
  value: (on) => ({ cost: 1, value: on }),
};

/** The longest text that comes of a replacement: each smallest part of it replaced by the longest text. */
function replacedMost(size: Size, [from, to]: readonly Value[]): number {
  if (from === undefined || to === undefined) return UNKNOWN_MAX;
  if (from.size.min === 0) return Math.min(times(size.max + 1, to.size.max) + size.max, UNKNOWN_MAX);
  if (to.size.max <= from.size.min) return size.max;
  return times(Math.ceil(size.max / from.size.min), to.size.max);
}

/** What a call costs with all that it is given. Most take one step, and make a number, a truth or a time. */
export function callCost({ name, target, args }: Call, scope: Scope): Estimate {
  const on = target === undefined ? undefined : estimate(target, scope);
  const given = args.map((argument) => estimate(argument, scope));
  const values = given.map(({ value }) => value);
  const first = on?.value ?? values[0] ?? ANYTHING;
  const charge = CHARGES[name]?.(first, values) ?? { cost: 1, value: scalar };
  return { cost: Math.min((on?.cost ?? 0) + sum(given) + charge.cost, UNKNOWN_MAX), value: charge.value };
}
