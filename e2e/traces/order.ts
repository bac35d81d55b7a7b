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
  const before = (a: string, b: string) => traces.every((one) => one.events.get(a)! < one.events.get(b)!);
  const orders = events.flatMap((a) => events.filter((b) => before(a, b)).map((b) => [a, b] as const));
  return { always, ever, orders };
}

/**
 * What a trace lacks of what is always so, has that never is, and does in another order. Two events in one write are in no wrong order. Of orders that
 * follow from each other only the narrowest are told.
 */
export function violations({ always, ever, orders }: Learned, trace: Trace): readonly string[] {
  const has = (what: string) => trace.events.has(what) || trace.facts.has(what);
  const missing = always.filter((what) => !has(what)).map((what) => `never: ${what}`);
  const extra = [...trace.events.keys(), ...trace.facts].filter((what) => !ever.has(what)).map((what) => `only ours: ${what}`);
  const wrong = orders.filter(([a, b]) => (trace.events.get(a) ?? 0) > (trace.events.get(b) ?? Infinity));
  const after = new Map<string, Set<string>>();
  for (const [a, b] of wrong) after.set(a, (after.get(a) ?? new Set()).add(b));
  const narrow = wrong.filter(([a, b]) => {
    const between = (c: string) => orders.some(([x, y]) => x === a && y === c) && orders.some(([x, y]) => x === c && y === b);
    return ![...(after.get(a) ?? [])].some((c) => c !== b && between(c)) && !wrong.some(([c, d]) => d === b && c !== a && between(c));
  });
  return [...missing, ...extra, ...narrow.map(([a, b]) => `other order: ${a} before ${b}`)];
}
