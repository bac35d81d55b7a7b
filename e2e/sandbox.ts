import { systemClock } from '@binnacle/client';
import { silentLogger } from '@binnacle/runtime';
import { startSandbox } from '@binnacle/sandbox';
import { images, programs } from './programs.ts';
import type { RunningCluster } from './target.ts';

/** Few changes, so that a test can wait until the first of them are forgotten. */
const HISTORY = 500;

/** The sandbox, in this process, over HTTPS on loopback like any other cluster. */
export async function startSandboxTarget(history: number = HISTORY): Promise<RunningCluster> {
  const sandbox = await startSandbox({ clock: systemClock(), log: silentLogger, images: programs, history });
  const { url, ca } = await sandbox.listen();
  return {
    cluster: { server: url, ca, credentials: { type: 'token', token: sandbox.adminToken } },
    features: { controllers: true, node: true, loopback: true, forgets: true },
    images,
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}
