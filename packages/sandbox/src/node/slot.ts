import type { DeepReadonly } from '@binnacle/client';
import type { ContainerState, ContainerStateTerminated, Container as PodContainer } from '@binnacle/client/kinds';
import type { LogRing } from './log-ring.ts';

/** `init` runs to its end before the next; `sidecar` is an init container that stays; `main` containers run side by side. */
export type Role = 'init' | 'sidecar' | 'main';

/** One container of a pod as the node sees it, over all its restarts. Changed by its loop alone, read by status, logs and exec. */
export interface Slot {
  /** Its image may be edited while the pod runs. */
  spec: DeepReadonly<PodContainer>;
  readonly role: Role;
  state: ContainerState;
  last: ContainerStateTerminated | undefined;
  restarts: number;
  /** Passed its startup probe, or has none. */
  started: boolean;
  ready: boolean;
  log: LogRing | undefined;
  previousLog: LogRing | undefined;
  /** Runs a command in the container that is running now. */
  exec: ((command: readonly string[]) => Promise<{ readonly exitCode: number; readonly output: string }>) | undefined;
  /** Stops the container that is running now: SIGTERM, and SIGKILL after the grace period. Resolves when it has ended. */
  stop: ((graceMs: number, message: string) => Promise<void>) | undefined;
}
