import type { Trace } from './trace.ts';

/** What all tellings with the real controllers have in common, and what any of them had. */
export interface Learned {
  /** In each of them. */
  readonly always: readonly string[];
  /** In one of them or more. */
  readonly ever: ReadonlySet<string>;
  /** First before second, in each of them and at different moments. */
  readonly orders: readonly (readonly [string, string])[];
}

/** The partial order that holds in all of these traces. */
export function learn(traces: readonly Trace[]): Learned {
  const ever = new Set(traces.flatMap(({ events, facts }) => [...events.keys(), ...facts]));
  const has = ({ events, facts }: Trace, what: string) => events.has(what) || facts.has(what);
  const always = [...ever].filter((what) => traces.every((one) => has(one, what)));
  const events = always.filter((what) => traces[0]?.events.has(what));
  const before = (a: string, b: string) => mayFollow(a, b) && traces.every((one) => one.events.get(a)! < one.events.get(b)!);
  const orders = events.flatMap((a) => events.filter((b) => before(a, b)).map((b) => [a, b] as const));
  return { always, ever, orders };
}

/** Written by the node or the scheduler. */
const NODES = /^(Pod\/\S+ (status\.|spec\.nodeName|is gone)|PersistentVolumeClaim\/\S+ metadata\.annotations\.volume\.kubernetes\.io\/selected-node)/;
/** What a controller counts: a number does not say of which pods. */
const COUNTED = /^(StatefulSet|DaemonSet|Deployment|ReplicaSet|Job|PodDisruptionBudget)\/\S+ status\./;

/**
 * Whether one event may be the reason of another, by who writes the later one: node and scheduler act on the pod alone and read no status of a controller; counts
 * follow pods whenever their controller comes to it. All other orders between them are who is faster.
 */
function mayFollow(a: string, b: string): boolean {
  const objectOf = (event: string) => event.slice(0, event.indexOf(' '));
  if (objectOf(a) === objectOf(b)) return true;
  return !NODES.test(b) && !(NODES.test(a) && COUNTED.test(b));
}

/**
 * In what our tellings differ from what is always so: what none of them has, what all have and nothing ever had, what comes the other way round in each of
 * them. Two events in one write are in no wrong order. Of orders that follow from each other only the narrowest are told. `any`: also what only some of them
 * do, which may be by chance.
 */
export function differences({ always, ever, orders }: Learned, own: readonly Trace[], any: boolean): readonly string[] {
  const holds = (each: (trace: Trace) => boolean) => (any ? own.some(each) : own.every(each));
  const has = (trace: Trace, what: string) => trace.events.has(what) || trace.facts.has(what);
  const ours = new Set(own.flatMap(({ events, facts }) => [...events.keys(), ...facts]));
  const missing = always.filter((what) => holds((trace) => !has(trace, what)));
  const extra = [...ours].filter((what) => !ever.has(what) && holds((trace) => has(trace, what)));
  const wrong = orders.filter(([a, b]) => holds(({ events }) => (events.get(a) ?? 0) > (events.get(b) ?? Infinity)));
  return [
    ...missing.map((what) => `never: ${what}`),
    ...extra.map((what) => `only ours: ${what}`),
    ...narrowest(wrong, orders).map(([a, b]) => `other order: ${a} before ${b}`),
  ];
}

type Order = Learned['orders'][number];

function narrowest(wrong: readonly Order[], orders: readonly Order[]): readonly Order[] {
  const known = new Map<string, Set<string>>();
  for (const [a, b] of orders) known.set(a, (known.get(a) ?? new Set()).add(b));
  const before = (a: string, b: string) => known.get(a)?.has(b) === true;
  return wrong.filter(([a, b]) => !wrong.some(([x, y]) => (x === a && y !== b && before(y, b)) || (y === b && x !== a && before(a, x))));
}
