import type { Clock, Network } from '@binnacle/client';
import type { AnyResource, Logger, Operator } from '@binnacle/runtime';
import type { Image } from '@binnacle/sandbox';
import type { OperatorName } from '../operator-names.ts';
import type { Platform } from '../platform.ts';

/** What the command line needs of an operator. */
export interface Entry {
  readonly name: OperatorName;
  readonly title: string;
  readonly resources: readonly AnyResource[];
  /** Simulated images: what its containers do on the sandbox. Loaded when asked for: an operator on a cluster has none. */
  readonly images: readonly Image[];
  readonly create: (world: Partial<Platform> & { readonly network: Network; readonly clock: Clock; readonly log: Logger }) => Operator;
}
