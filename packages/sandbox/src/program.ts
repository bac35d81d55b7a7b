import type { Clock, Live, Network } from '@binnacle/client';
import type { Pod } from '@binnacle/client/kinds';
import type { Duplex } from 'node:stream';

/**
 * What a container does: the sandbox's stand-in for a process. Runs until it returns its exit code; a throw is exit code 1 with the error in the log.
 * When `signal` is aborted (SIGTERM) it has the pod's grace period to return; then it is forgotten (SIGKILL) and its listeners are closed.
 */
export type Program = (container: Container) => Promise<number>;

/** Which program an image stands for. The first whose `image` matches the container's image runs; none: the pod gets ErrImagePull. */
export interface Image {
  /** Matched against the whole reference, e.g. /\/hazelcast(-enterprise)?:/. */
  readonly image: RegExp;
  /** Containers of one image that are told apart by what they are told to do. Default: all. */
  readonly when?: (container: { readonly command: readonly string[]; readonly args: readonly string[] }) => boolean;
  readonly program: Program;
  /** Answers an exec probe or `kubectl exec`, but for `hostname`, `env`, `cat` and `true`, which the node answers. Absent: exit code 127. */
  readonly exec?: (container: Container, command: readonly string[]) => Promise<{ readonly exitCode: number; readonly output: string }>;
}

/** A running container's world. Everything a program does goes through it. */
export interface Container {
  readonly pod: Live<typeof Pod>;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** Resolved: values, secretKeyRef, configMapKeyRef, fieldRef; and where the services are that were there when the container started. */
  readonly env: Readonly<Record<string, string>>;
  /** Host name; with a headless Service its full name is `<pod>.<service>.<namespace>.svc.cluster.local`. */
  readonly hostname: string;
  readonly ip: string;
  readonly clock: Clock;
  /** SIGTERM. */
  readonly signal: AbortSignal;
  readonly network: PodNetwork;
  /** Files of ConfigMap and Secret mounts, as they are now (they follow edits). @throws {Error} for the path of a token, which only `read` reads. */
  readFile(path: string): string | undefined;
  /** As `readFile`, and tokens of the pod's ServiceAccount, which the node asks for when they are read. @throws {ApiError} when it gets none. */
  read(path: string): Promise<string | undefined>;
  /**
   * A mounted volume's files by mount path: of a claim they outlive the pod, of an emptyDir the container. Tokens are not among them. `undefined`:
   * nothing is mounted there.
   */
  volume(mountPath: string): Map<string, string> | undefined;
  /** One line on standard output. */
  log(line: string): void;
}

/** The network as a pod sees it. */
export interface PodNetwork extends Network {
  /** Accepts connections on the pod's IP. Refused when the port is taken in this pod. */
  listen(port: number, accept: (stream: Duplex) => void): Disposable;
  /** Addresses of a name, sorted: the pods' for a headless service, the service's own otherwise. @throws {NetworkError} `unresolved` */
  resolve(host: string): readonly string[];
}
