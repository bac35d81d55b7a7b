import type { Clock, Network } from '@binnacle/client';
import { dorisOperator, dorisResources } from '@binnacle/doris';
import { dorisImages } from '@binnacle/doris/simulator';
import { hazelcastOperator, hazelcastResources } from '@binnacle/hazelcast';
import { hazelcastImages } from '@binnacle/hazelcast/simulator';
import type { AnyResource, Logger, Operator } from '@binnacle/runtime';
import type { Image } from '@binnacle/sandbox';

export const OPERATOR_NAMES = ['doris', 'hazelcast'] as const;
export type OperatorName = (typeof OPERATOR_NAMES)[number];

/** What the command line needs of an operator. */
export interface Entry {
  readonly name: OperatorName;
  readonly title: string;
  readonly resources: readonly AnyResource[];
  /** Simulated images: what its containers do on the sandbox. */
  readonly images: readonly Image[];
  /** `openShift`: the cluster is one. Default: it is not. */
  readonly create: (world: { readonly network: Network; readonly clock: Clock; readonly log: Logger; readonly openShift?: boolean }) => Operator;
}

const ENTRIES: Readonly<Record<OperatorName, Entry>> = {
  doris: { name: 'doris', title: 'Doris', resources: dorisResources, images: dorisImages, create: dorisOperator },
  hazelcast: { name: 'hazelcast', title: 'Hazelcast', resources: hazelcastResources, images: hazelcastImages, create: hazelcastOperator },
};

/** The operators by name, in the order given. */
export function entries(names: readonly OperatorName[] = OPERATOR_NAMES): readonly Entry[] {
  return names.map((name) => ENTRIES[name]);
}
