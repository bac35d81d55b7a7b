import type { Clock, Network } from '@binnacle/client';
import type { AnyResource, Logger, Operator } from '@binnacle/runtime';
import type { Image } from '@binnacle/sandbox';
import type { OperatorName } from '../operator-names.ts';

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
