import type { Clock, Network } from '@binnacle/client';
import type { AnyResource, Logger, Operator } from '@binnacle/runtime';
import type { Image } from '@binnacle/sandbox';
import type { OperatorName } from '../operator-names.ts';
import type { Platform } from '../platform.ts';

/** What an operator is given. `internet`: to what is not in the cluster; absent: as `network`. */
export interface Outside extends Partial<Platform> {
  readonly network: Network;
  readonly internet?: Network;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What the command line needs of an operator. */
export interface Entry {
  readonly name: OperatorName;
  readonly title: string;
  readonly resources: readonly AnyResource[];
  /** Simulated images: what its containers do on the sandbox. Loaded when asked for: an operator on a cluster has none. */
  readonly images: readonly Image[];
  readonly create: (world: Outside) => Operator;
  /** The same beside its simulated images. */
  readonly createForSandbox: (world: Outside) => Operator;
}
