import type { Clock, Network } from '@binnacle/client';

/** A member's process, real or simulated. */
export interface RunningMember {
  readonly ip: string;
  /** What it has written so far. */
  log(): string;
  /** SIGTERM. */
  stop(): void;
}

/** Where members run: real ones in a network namespace, or simulated ones in this process. Disposing ends all of them. */
export interface Machine extends AsyncDisposable {
  readonly doors: { readonly network: Network; readonly clock: Clock };
  /** Starts the member with this number, 1 to 9, under the address that goes with it. `spec`: of the Hazelcast whose `hazelcast.yaml` it reads. */
  start(number: number, options?: { readonly spec?: object; readonly jvm?: string }): RunningMember;
  /** Waits until a member has ended; its exit code. */
  ended(member: RunningMember): Promise<number>;
  /** Asks until the answer is true; what throws is not yet. @throws {Error} naming `what`, when it takes too long. */
  until(what: string, ask: () => Promise<boolean>): Promise<void>;
}
