import type { Clock, Live, Network } from '@binnacle/client';
import type { Pod } from '@binnacle/client/kinds';
import type { Duplex } from 'node:stream';

/** A running container, as far as our programs use it. What the sandbox gives its programs satisfies it; an operator does not import the sandbox. */
export interface Container {
  readonly pod: Live<typeof Pod>;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly ip: string;
  readonly clock: Clock;
  /** SIGTERM. */
  readonly signal: AbortSignal;
  readonly network: Network & {
    /** Accepts connections on the pod's address. */
    listen(port: number, accept: (stream: Duplex) => void): Disposable;
  };
  /** Files of ConfigMap and Secret mounts. */
  readFile(path: string): string | undefined;
  /** A mounted volume's files by mount path; undefined: nothing is mounted there. */
  volume(mountPath: string): Map<string, string> | undefined;
  /** One line on standard output. */
  log(line: string): void;
}

/** Runs until it returns its exit code. */
export type Program = (container: Container) => Promise<number>;

/** Which program an image stands for. */
export interface Image {
  readonly image: RegExp;
  /** Absent: whatever the container runs. */
  readonly when?: (container: { readonly command: readonly string[]; readonly args: readonly string[] }) => boolean;
  readonly program: Program;
}
