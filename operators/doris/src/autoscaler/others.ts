import type { Live } from '@binnacle/client';
import type { View } from '@binnacle/runtime';
import { AUTOSCALERS } from '../api/doris-autoscaler.ts';
import type { AutoscalerSpec } from '../api/doris-autoscaler.ts';
import { SCALED, directionsOf } from './hpa.ts';
import type { Scaled } from './hpa.ts';

/** Nodes of a component of a cluster: `basic/cn`. One autoscaler at most may scale them. */
export type Target = `${string}/${Scaled}`;

/** An autoscaler of either kind. */
export interface Scaler {
  readonly kind: string;
  readonly name: string;
  readonly created: string;
  readonly spec: AutoscalerSpec;
}

/** What an autoscaler scales; one without a rule scales nothing. */
export function targetsOf(spec: AutoscalerSpec): readonly Target[] {
  return SCALED.filter((part) => directionsOf(spec, part).length > 0).map((part): Target => `${spec.cluster}/${part}`);
}

type LiveAutoscaler = Live<(typeof AUTOSCALERS)[number]>;

/** Those that scale a target and stay, the one whose it is first: the older one, by name when they are of one age. */
export async function scalersFrom(
  list: (kind: (typeof AUTOSCALERS)[number]) => Promise<readonly LiveAutoscaler[]>,
  target: Target,
): Promise<readonly Scaler[]> {
  const all: Scaler[] = [];
  for (const kind of AUTOSCALERS) all.push(...scalers(kind.kind, await list(kind)));
  return ordered(all, target);
}

/** The same from a webhook's view. */
export function scalersOf(view: View, { namespace, target }: { readonly namespace: string; readonly target: Target }): readonly Scaler[] {
  return ordered(
    AUTOSCALERS.flatMap((kind) => scalers(kind.kind, view.list(kind, { namespace }))),
    target,
  );
}

const scalers = (kind: string, all: readonly LiveAutoscaler[]): readonly Scaler[] =>
  all
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    // sound: a Live spec is the declared one
    .map(({ metadata, spec }) => ({ kind, name: metadata.name, created: metadata.creationTimestamp ?? '', spec: spec as AutoscalerSpec }));

const ordered = (all: readonly Scaler[], target: Target): readonly Scaler[] =>
  all.filter(({ spec }) => targetsOf(spec).includes(target)).toSorted((a, b) => (key(a) < key(b) ? -1 : 1));

const key = ({ created, kind, name }: Scaler): string => `${created} ${kind} ${name}`;
