import type { Duplex } from 'node:stream';
import type { Ref } from '@binnacle/client';

/** What the API server asks of the node that runs a pod: the part of a kubelet's own API that `kubectl logs`, `exec`, `attach` and `port-forward` need. */
export interface Kubelet {
  /** Log lines without line ends, oldest first; with `follow` it goes on until the container or `signal` ends. Undefined container: nothing has run there yet. */
  logs(
    pod: Ref,
    container: string,
    options: {
      readonly follow: boolean;
      readonly tailLines: number | undefined;
      /** Lines written before are left out; ms since the epoch. */
      readonly since: number | undefined;
      readonly previous: boolean;
      readonly timestamps: boolean;
      readonly signal: AbortSignal;
    },
  ): AsyncIterable<string>;
  /** Runs a command in a container. It gets no input; what it prints comes at its end. @throws {Refusal} when the container does not run. */
  exec(pod: Ref, container: string, command: readonly string[]): Promise<{ readonly exitCode: number; readonly output: string }>;
  /**
   * Connects to a port of a pod as if from inside it. The stream ends with the pod; who asked for it closes it.
   * @throws {Refusal} when the pod does not run here. @throws {NetworkError} `refused`: nobody listens on that port.
   */
  portForward(pod: Ref, port: number, signal: AbortSignal): Promise<Duplex>;
}
