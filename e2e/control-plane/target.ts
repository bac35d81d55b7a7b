import { readFileSync, writeFileSync } from 'node:fs';
import type { Cluster } from '@binnacle/client';
import { images, programs } from '../programs.ts';
import type { RunningCluster } from '../target.ts';
import { VERSIONS } from './binary.ts';
import type { Version } from './binary.ts';
import { startCluster } from './with-nodes.ts';

/** Environment variable with the path of a file that says where a control plane is that runs already, for the many processes of one suite. */
export const SHARED = 'BINNACLE_E2E_SHARED';
/** Environment variable with the version to start. Default: the newest. */
const VERSION = 'KUBERNETES';

/**
 * A real control plane with our node: the one that the run shares, or one of its own.
 * @throws {Error} when it cannot be built or started.
 */
export async function startControlPlaneTarget(): Promise<RunningCluster> {
  const features = { controllers: true, node: true, loopback: true, forgets: false };
  const shared = process.env[SHARED];
  if (shared !== undefined) {
    const cluster = JSON.parse(readFileSync(shared, 'utf8')) as Cluster;
    return { cluster, features, images, [Symbol.asyncDispose]: async () => undefined };
  }
  const version = process.env[VERSION] ?? VERSIONS[0];
  if (!VERSIONS.includes(version as Version)) throw new Error(`${VERSION}=${version}: there is ${VERSIONS.join(', ')}`);
  const running = await startCluster({ version: version as Version, images: programs, say: (line) => void process.stderr.write(`${line}\n`) });
  return { cluster: running.cluster, features, images, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

/** Tells processes that have this file's path in `SHARED` where a control plane is. */
export function share(cluster: Cluster, file: string): void {
  writeFileSync(file, JSON.stringify(cluster), { mode: 0o600 });
}
