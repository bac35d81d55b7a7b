import type { Ref } from '@binnacle/client';

/** What the API server asks of the node that runs a pod: the part of a kubelet's own API that `kubectl logs` and `kubectl exec` need. */
export interface Kubelet {
  /** Log lines without line ends, oldest first; with `follow` it goes on until the container or `signal` ends. Undefined container: nothing has run there yet. */
  logs(
    pod: Ref,
    container: string,
    options: {
      readonly follow: boolean;
      readonly tailLines: number | undefined;
      readonly previous: boolean;
      readonly timestamps: boolean;
      readonly signal: AbortSignal;
    },
  ): AsyncIterable<string>;
  /** Runs a command in a container. */
  exec(pod: Ref, container: string, command: readonly string[]): Promise<{ readonly exitCode: number; readonly output: string }>;
}
