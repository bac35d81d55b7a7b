import type { DeepReadonly } from '@binnacle/client';
import type { HPAScalingRules, HorizontalPodAutoscalerBehavior } from '@binnacle/client/kinds';

/** What an autoscaler remembers between its looks, as Kubernetes' own does: in memory, so a restart of the controller forgets it. Times in ms. */
export interface Memory {
  /** What it would have liked, each time it looked. */
  readonly wishes: readonly { readonly atMs: number; readonly replicas: number }[];
  /** What it did: replicas added (negative: taken away). */
  readonly changes: readonly { readonly atMs: number; readonly by: number }[];
}

/** A number that is allowed now, and what holds it. */
export interface Paced {
  readonly replicas: number;
  readonly stabilized: 'up' | 'down' | undefined;
  readonly limited: 'ScaleUpLimit' | 'ScaleDownLimit' | 'TooManyReplicas' | 'TooFewReplicas' | undefined;
}

const UP = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const DOWN = { stabilizationWindowSeconds: 300, selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };
/** The longest window and period the API accepts; older memories are dropped. */
const LONGEST_MS = 3_600_000;

interface Asked {
  readonly current: number;
  readonly wanted: number;
  readonly min: number;
  readonly max: number;
  readonly behavior: DeepReadonly<HorizontalPodAutoscalerBehavior> | undefined;
  readonly nowMs: number;
}

/** How far the number may go now: first the stabilization windows, then the policies of the direction, then the bounds. `memory` knows `wanted` already. */
export function pace({ current, wanted, min, max, behavior, nowMs }: Asked, memory: Memory): Paced {
  const [up, down] = [
    { ...UP, ...behavior?.scaleUp },
    { ...DOWN, ...behavior?.scaleDown },
  ];
  const recent = (seconds: number) => [wanted, ...memory.wishes.filter(({ atMs }) => atMs > nowMs - seconds * 1000).map(({ replicas }) => replicas)];
  const lowest = Math.min(...recent(up.stabilizationWindowSeconds));
  const highest = Math.max(...recent(down.stabilizationWindowSeconds));
  const stable = current < lowest ? lowest : current > highest ? highest : current;
  const stabilized = stable === wanted ? undefined : stable < wanted ? 'up' : 'down';
  if (stable > current) {
    const limit = Math.max(current, limitOf('up', up, current, memory, nowMs));
    if (stable > Math.min(limit, max)) return { replicas: Math.min(limit, max), stabilized, limited: max <= limit ? 'TooManyReplicas' : 'ScaleUpLimit' };
  } else if (stable < current) {
    const limit = Math.min(current, limitOf('down', down, current, memory, nowMs));
    if (stable < Math.max(limit, min)) return { replicas: Math.max(limit, min), stabilized, limited: min >= limit ? 'TooFewReplicas' : 'ScaleDownLimit' };
  } else if (wanted > max && current === max) return { replicas: current, stabilized, limited: 'TooManyReplicas' };
  else if (wanted < min && current === min) return { replicas: current, stabilized, limited: 'TooFewReplicas' };
  return { replicas: stable, stabilized, limited: undefined };
}

/** The furthest that the policies of a direction allow, counting what was done within their periods. */
function limitOf(direction: 'up' | 'down', rules: DeepReadonly<HPAScalingRules>, current: number, memory: Memory, nowMs: number): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const limits = (rules.policies ?? []).map(({ type, value, periodSeconds }) => {
    const before = memory.changes.filter(({ atMs }) => atMs > nowMs - periodSeconds * 1000).reduce((start, { by }) => start - by, current);
    if (type === 'Pods') return direction === 'up' ? before + value : before - value;
    return direction === 'up' ? Math.ceil(before * (1 + value / 100)) : Math.trunc(before * (1 - value / 100));
  });
  const furthest = (direction === 'up') === (rules.selectPolicy !== 'Min');
  return furthest ? Math.max(...limits) : Math.min(...limits);
}

/** Memory with one more look in it, `by` replicas having been added. */
export function remember(memory: Memory, nowMs: number, wish: number | undefined, by: number): Memory {
  const young = ({ atMs }: { readonly atMs: number }) => atMs > nowMs - LONGEST_MS;
  return {
    wishes: wish === undefined ? memory.wishes : [...memory.wishes.filter(young), { atMs: nowMs, replicas: wish }],
    changes: by === 0 ? memory.changes : [...memory.changes.filter(young), { atMs: nowMs, by }],
  };
}
