import { systemClock } from '@binnacle/client';
import { silentLogger } from '@binnacle/runtime';
import { startSandbox } from '@binnacle/sandbox';
import type { Container, Image } from '@binnacle/sandbox';
import type { Images, RunningCluster } from './target.ts';

const images: Images = {
  sleeper: 'binnacle.test/sleeper:1',
  sleeper2: 'binnacle.test/sleeper:2',
  succeeds: 'binnacle.test/succeeds:1',
  fails: 'binnacle.test/fails:1',
  missing: 'binnacle.test/missing:1',
};

async function untilTold({ signal, log }: Container): Promise<number> {
  log('started');
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  return 0;
}

const programs: readonly Image[] = [
  { image: /^binnacle\.test\/sleeper:/, program: untilTold },
  { image: /^binnacle\.test\/succeeds:/, program: async () => 0 },
  { image: /^binnacle\.test\/fails:/, program: async () => 1 },
];

/** The sandbox, in this process, over HTTPS on loopback like any other cluster. */
export async function startSandboxTarget(): Promise<RunningCluster> {
  const sandbox = await startSandbox({ clock: systemClock(), log: silentLogger, images: programs });
  const { url, ca } = await sandbox.listen();
  return {
    cluster: { server: url, ca, credentials: { type: 'token', token: sandbox.adminToken } },
    features: { controllers: true, node: true },
    images,
    [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose](),
  };
}
