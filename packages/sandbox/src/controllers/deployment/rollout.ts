import type { DeepReadonly } from '@binnacle/client';
import type { DeploymentSpec } from '@binnacle/client/kinds';

/** A ReplicaSet of a Deployment, as a rollout counts. `replicas`: wanted of it, `available` pods of it. */
export interface Counted {
  readonly name: string;
  readonly replicas: number;
  readonly available: number;
}

/** A rollout as it stands. `old` from oldest to newest. */
export interface Rollout {
  readonly wanted: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  readonly current: Counted;
  readonly old: readonly Counted[];
}

/** New sizes by name of ReplicaSet. */
export type Sizes = ReadonlyMap<string, number>;

/**
 * Absolute numbers of `maxSurge` (rounded up) and `maxUnavailable` (rounded down); both 0 would let nothing move, so one pod may then be missing.
 */
export function limits(
  wanted: number,
  maxSurge: string | number,
  maxUnavailable: string | number,
): { readonly maxSurge: number; readonly maxUnavailable: number } {
  const part = (value: string | number, round: (n: number) => number) => (typeof value === 'number' ? value : round((Number.parseFloat(value) / 100) * wanted));
  const surge = part(maxSurge, Math.ceil);
  const unavailable = part(maxUnavailable, Math.floor);
  return { maxSurge: surge, maxUnavailable: Math.min(surge === 0 && unavailable === 0 ? 1 : unavailable, wanted) };
}

/** How many pods more and fewer a rollout of this Deployment may have. Source: pkg/controller/deployment/util/deployment_util.go, MaxSurge and MaxUnavailable. */
export function limitsOf(spec: DeepReadonly<DeploymentSpec> | undefined): { readonly maxSurge: number; readonly maxUnavailable: number } {
  if (spec?.strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = spec?.strategy?.rollingUpdate ?? {};
  return limits(spec?.replicas ?? 1, maxSurge, maxUnavailable);
}

/**
 * The next step of a rolling update: the new ReplicaSet grows as far as the surge allows, else old ones shrink as far as enough stay available, those of
 * their pods first that serve nobody. Empty: nothing can move now. Source: spec/sandbox.md §2.14.
 */
export function rollingStep(rollout: Rollout): Sizes {
  const { wanted, maxSurge, current, old } = rollout;
  if (current.replicas > wanted) return new Map([[current.name, wanted]]);
  const total = current.replicas + old.reduce((sum, { replicas }) => sum + replicas, 0);
  const grown = Math.min(wanted, current.replicas + Math.max(0, wanted + maxSurge - total));
  if (grown > current.replicas) return new Map([[current.name, grown]]);
  return shrinkOld(rollout, total);
}

function shrinkOld({ wanted, maxUnavailable, current, old }: Rollout, total: number): Sizes {
  const least = wanted - maxUnavailable;
  const sizes = new Map(old.map(({ name, replicas }) => [name, replicas]));
  let cleanup = total - least - (current.replicas - current.available);
  if (cleanup <= 0) return new Map();
  for (const { name, replicas, available } of old) {
    const dead = Math.min(cleanup, Math.max(0, replicas - available));
    cleanup -= dead;
    sizes.set(name, replicas - dead);
  }
  let spare = current.available + old.reduce((sum, { replicas, available }) => sum + Math.min(replicas, available), 0) - least;
  for (const { name } of old) {
    const down = Math.min(Math.max(0, spare), sizes.get(name)!);
    spare -= down;
    sizes.set(name, sizes.get(name)! - down);
  }
  return new Map([...sizes].filter(([name, replicas]) => old.find((set) => set.name === name)?.replicas !== replicas));
}

/** What a ReplicaSet's share is counted by: how many pods were allowed in all when it got its size, as it is noted on it. */
export type Share = Counted & { readonly allowedBefore: number };

/**
 * Sizes after the Deployment was scaled in the middle of a rollout: each ReplicaSet keeps its share of what is allowed in all, the largest takes what
 * rounding leaves. `all` from oldest to newest: of two of one size the newer one grows first and the older one shrinks first.
 */
export function proportional(all: readonly Share[], allowed: number): Sizes {
  const total = all.reduce((sum, { replicas }) => sum + replicas, 0);
  const toAdd = allowed - total;
  if (toAdd === 0 || total === 0) return new Map();
  const bySize = (toAdd > 0 ? all.toReversed() : all).toSorted((a, b) => b.replicas - a.replicas);
  const sizes = new Map<string, number>();
  let added = 0;
  for (const { name, replicas, allowedBefore } of bySize) {
    const share = allowed === 0 ? -replicas : allowedBefore === 0 ? 0 : Math.round((replicas * allowed) / allowedBefore) - replicas;
    const left = toAdd - added;
    const change = left === 0 ? 0 : toAdd > 0 ? Math.min(share, left) : Math.max(share, left);
    sizes.set(name, replicas + change);
    added += change;
  }
  const [first] = bySize;
  if (first !== undefined && added !== toAdd) sizes.set(first.name, Math.max(0, sizes.get(first.name)! + toAdd - added));
  return new Map([...sizes].filter(([name, replicas]) => all.find((set) => set.name === name)?.replicas !== replicas));
}
