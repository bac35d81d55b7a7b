import type { Clock, Network } from '@binnacle/client';
import type { Duplex } from 'node:stream';

/**
 * What the simulated processes need of the world they run in. The sandbox's container has all of it; this package does not depend on the sandbox,
 * so that the operator and its simulator can be tested without one.
 */
export interface Container {
  readonly pod: {
    readonly metadata: { readonly name: string; readonly namespace: string };
    readonly spec?: { readonly subdomain?: string };
  };
  readonly image: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly hostname: string;
  readonly clock: Clock;
  /** SIGTERM. */
  readonly signal: AbortSignal;
  readonly network: Network & { listen(port: number, accept: (stream: Duplex) => void): Disposable };
  readFile(path: string): string | undefined;
  /** A mounted volume's files, by mount path. */
  volume(mountPath: string): Map<string, string> | undefined;
  log(line: string): void;
}

export type Program = (container: Container) => Promise<number>;

/** `hostname -f` */
export function fullName({ hostname, pod }: Container): string {
  return pod.spec?.subdomain === undefined ? hostname : `${hostname}.${pod.spec.subdomain}.${pod.metadata.namespace}.svc.cluster.local`;
}

/** A component's configuration file: where the existing operator's images look for it, or where Apache's own are told to. */
export function confPath({ env }: Container, file: string, classic: string): string {
  const official = env['CONFIGMAP_MOUNT_PATH'];
  return `${official ?? classic}/${file}`;
}

/** The Doris version that an image stands for: `2.0.3` of `…/doris-fe:2.0.3` and of `apache/doris:fe-2.0.3`. */
export function versionOf(image: string): string {
  return /(\d+(?:\.\d+)+)[^:/]*$/.exec(image)?.[1] ?? '0.0.0';
}

/** A line of a configuration file: `key = value`, the last one of the key; without the file or the key `undefined`. */
export function confValue(container: Container, path: string, key: string): string | undefined {
  const lines = container.readFile(path)?.split('\n') ?? [];
  return lines
    .findLast((line) => line.split('=')[0]?.trim() === key)
    ?.replace(/^[^=]*=/, '')
    .trim();
}

/** A port of a configuration file. */
export function confPort(container: Container, path: string, key: string, otherwise: number): number {
  return Number(confValue(container, path, key) ?? otherwise);
}

/** Resolves when the process is told to stop. */
export async function stopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
}
