import { mayCause, objectOf } from './causes.ts';
import type { Life, Trace } from './trace.ts';

/** What all tellings with the real controllers have in common, and what any of them had. */
export interface Learned {
  /** In each of them. */
  readonly always: readonly string[];
  /** In one of them or more. */
  readonly ever: ReadonlySet<string>;
  /** First before second, in each of them and at different moments. */
  readonly orders: readonly Order[];
  /** First before second in the life of each of alike objects that had both. */
  readonly lives: readonly Order[];
}

type Order = readonly [string, string];

/** The partial order that holds in all of these traces. */
export function learn(traces: readonly Trace[]): Learned {
  const ever = new Set(traces.flatMap(({ events, facts }) => [...events.keys(), ...facts]));
  const has = ({ events, facts }: Trace, what: string) => events.has(what) || facts.has(what);
  const always = [...ever].filter((what) => traces.every((one) => has(one, what)));
  const events = always.filter((what) => traces[0]?.events.has(what));
  const before = (a: string, b: string) => traces.every((one) => one.events.get(a)! < one.events.get(b)!) && mayCause(a, b);
  const orders = events.flatMap((a) => events.filter((b) => before(a, b)).map((b) => [a, b] as const));
  return { always, ever, orders, lives: [...new Set(traces.flatMap((one) => [...one.lives.keys()]))].flatMap((name) => ofLives(livesOf(traces, name))) };
}

const livesOf = (traces: readonly Trace[], name: string): readonly Life[] => traces.flatMap(({ lives }) => lives.get(name) ?? []);

function ofLives(lives: readonly Life[]): readonly Order[] {
  const events = [...new Set(lives.flatMap((life) => [...life.keys()]))];
  const inOrder = (a: string, b: string) => {
    const both = lives.filter((life) => life.has(a) && life.has(b));
    return both.length > 0 && both.every((life) => life.get(a)! < life.get(b)!);
  };
  return events.flatMap((a) => events.filter((b) => inOrder(a, b)).map((b) => [a, b] as const));
}

/**
 * In what our tellings differ from what is always so: what none of them has, what all have and nothing ever had, what comes the other way round in each of
 * them. Two events in one write are in no wrong order. Of orders that follow from each other only the narrowest are told. `any`: also what only some of them
 * do, which may be by chance.
 */
export function differences({ always, ever, orders, lives }: Learned, own: readonly Trace[], any: boolean): readonly string[] {
  const holds = (each: (trace: Trace) => boolean) => (any ? own.some(each) : own.every(each));
  const has = (trace: Trace, what: string) => trace.events.has(what) || trace.facts.has(what);
  const ours = new Set(own.flatMap(({ events, facts }) => [...events.keys(), ...facts]));
  const missing = always.filter((what) => holds((trace) => !has(trace, what)));
  const extra = [...ours].filter((what) => !ever.has(what) && holds((trace) => has(trace, what)));
  const wrong = orders.filter(([a, b]) => holds(({ events }) => (events.get(a) ?? 0) > (events.get(b) ?? Infinity)));
  const turned = (trace: Trace, [a, b]: Order) => (trace.lives.get(objectOf(a)) ?? []).some((life) => (life.get(a) ?? 0) > (life.get(b) ?? Infinity));
  const wrongLives = lives.filter((order) => holds((trace) => turned(trace, order)));
  return [
    ...missing.map((what) => `never: ${what}`),
    ...extra.map((what) => `only ours: ${what}`),
    ...narrowest(wrong, orders).map(([a, b]) => `other order: ${a} before ${b}`),
    ...narrowest(wrongLives, lives).map(([a, b]) => `other order in one life: ${a} before ${b}`),
  ];
}

/** What one telling of theirs has and one of ours has not, and the other way round, orders aside: told as `differences` tells what is always so. */
export function between(theirs: Trace, own: Trace): readonly string[] {
  const all = ({ events, facts }: Trace) => new Set([...events.keys(), ...facts]);
  const [a, b] = [all(theirs), all(own)];
  return [
    ...[...a].filter((what) => !b.has(what)).map((what) => `never: ${what}`),
    ...[...b].filter((what) => !a.has(what)).map((what) => `only ours: ${what}`),
  ];
}

function narrowest(wrong: readonly Order[], orders: readonly Order[]): readonly Order[] {
  const known = new Map<string, Set<string>>();
  for (const [a, b] of orders) known.set(a, (known.get(a) ?? new Set()).add(b));
  const before = (a: string, b: string) => known.get(a)?.has(b) === true;
  return wrong.filter(([a, b]) => !wrong.some(([x, y]) => (x === a && y !== b && before(y, b)) || (y === b && x !== a && before(a, x))));
}
