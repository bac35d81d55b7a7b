import type { DeepReadonly, Live } from '@binnacle/client';
import type { Container, Node, Pod } from '@binnacle/client/kinds';
import { quantity } from '../controllers/volume/quantity.ts';

type Amounts = ReadonlyMap<string, number>;

/**
 * What a pod asks of its node, by resource, in base units (cores, bytes). Containers and sidecars add up, init containers come one after another; what the
 * pod as a whole asks for goes before. `pods` is 1: nodes count those too.
 */
export function requestsOf({ spec }: Live<typeof Pod>): Amounts {
  const total = new Map<string, number>();
  for (const container of spec?.containers ?? []) add(total, asked(container.resources));
  const peak = new Map<string, number>();
  const sidecars = new Map<string, number>();
  for (const container of spec?.initContainers ?? []) {
    const own = asked(container.resources);
    if (container.restartPolicy === 'Always') {
      add(total, own);
      add(sidecars, own);
    } else for (const [name, amount] of own) peak.set(name, Math.max(peak.get(name) ?? 0, amount + (sidecars.get(name) ?? 0)));
  }
  for (const [name, amount] of peak) total.set(name, Math.max(total.get(name) ?? 0, amount));
  for (const [name, amount] of asked(spec?.resources)) total.set(name, amount);
  add(total, amounts(spec?.overhead));
  return total.set('pods', 1);
}

/** A resource of which a node has too little. `free` of `has` in base units. */
export interface Shortage {
  readonly resource: string;
  readonly asked: number;
  readonly free: number;
  readonly has: number;
}

/** What a node lacks for a pod beside those that are there. */
export function shortages(pod: Live<typeof Pod>, node: Live<typeof Node>, here: readonly Live<typeof Pod>[]): readonly Shortage[] {
  const has = allocatable(node);
  const used = new Map<string, number>();
  for (const other of here) add(used, requestsOf(other));
  return [...requestsOf(pod)].flatMap(([resource, amount]) => {
    const free = (has.get(resource) ?? 0) - (used.get(resource) ?? 0);
    // Sums of tenths are not exact.
    return amount > 0 && amount > free + 1e-6 ? [{ resource, asked: amount, free, has: has.get(resource) ?? 0 }] : [];
  });
}

/** The share of cpu and memory that is taken on a node, 0 to 1. */
export function load(node: Live<typeof Node>, here: readonly Live<typeof Pod>[]): number {
  const has = allocatable(node);
  const used = new Map<string, number>();
  for (const other of here) add(used, requestsOf(other));
  const share = (resource: string) => Math.min(1, (used.get(resource) ?? 0) / Math.max(1, has.get(resource) ?? 0));
  return (share('cpu') + share('memory')) / 2;
}

function allocatable({ status }: Live<typeof Node>): Amounts {
  return amounts(status?.allocatable);
}

function asked(resources: DeepReadonly<Container['resources']>): Amounts {
  return amounts({ ...resources?.limits, ...resources?.requests });
}

function amounts(texts: Readonly<Record<string, string | number>> | undefined): Amounts {
  return new Map(Object.entries(texts ?? {}).map(([name, text]) => [name, quantity(text) || 0]));
}

function add(sum: Map<string, number>, more: Amounts): void {
  for (const [name, amount] of more) sum.set(name, (sum.get(name) ?? 0) + amount);
}
