import { writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { connect, undiciTransport } from '@binnacle/client';
import type { Api, Clock } from '@binnacle/client';
import { runOperator } from '@binnacle/runtime';
import type { Logger } from '@binnacle/runtime';
import { makeFolder, startSandbox } from '@binnacle/sandbox';
import { install, SYSTEM_NAMESPACE } from './install.ts';
import { entries } from './operators.ts';
import type { OperatorName } from './operators.ts';

/** Where the operators' webhooks listen: the API server that asks them is in this process. */
const LOOPBACK = '127.0.0.1';

/** A sandbox with its API server on loopback, operators installed and running in this process. */
export interface LocalCluster extends AsyncDisposable {
  readonly url: string;
  /** As the cluster's administrator. */
  readonly api: Api;
}

/**
 * Starts the sandbox, writes its kubeconfig, installs CRDs and rights, and runs the operators: each over HTTPS with the token of its own ServiceAccount, and with
 * a webhook, which is asked from a moment after on.
 * @throws {Error} when the port is taken or the state folder cannot be read.
 */
export async function startLocalCluster(options: {
  readonly port: number;
  readonly kubeconfig: string;
  readonly state: string | undefined;
  readonly operators: readonly OperatorName[];
  /** Default: there is one. */
  readonly node?: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}): Promise<LocalCluster> {
  const { clock, log } = options;
  await using started = new AsyncDisposableStack();
  const sandbox = started.use(
    await startSandbox({
      clock,
      log,
      images: entries().flatMap((entry) => entry.images),
      ...(options.node === undefined ? {} : { node: options.node }),
      ...(options.state === undefined ? {} : { state: options.state }),
    }),
  );
  const { url, ca } = await sandbox.listen({ port: options.port });
  makeFolder(dirname(options.kubeconfig));
  writeFileSync(options.kubeconfig, sandbox.kubeconfig(), { mode: 0o600 });
  const api = started.use(
    connect({
      clock,
      userAgent: 'binnacle',
      transport: undiciTransport({ server: url, ca, credentials: { type: 'token', token: sandbox.adminToken } }, { clock }),
    }),
  );
  for (const entry of entries(options.operators)) {
    const operator = entry.createForSandbox({ network: sandbox.network, clock, log });
    const account = await install(api, entry, operator);
    const token = sandbox.tokenFor({ namespace: SYSTEM_NAMESPACE, name: account });
    const own = started.use(
      connect({
        clock,
        userAgent: `binnacle-${entry.name}`,
        transport: undiciTransport({ server: url, ca, credentials: { type: 'token', token } }, { clock }),
      }),
    );
    const stop = new AbortController();
    const webhook = { port: 0, host: LOOPBACK, namespace: SYSTEM_NAMESPACE, reach: { host: LOOPBACK } };
    const running = runOperator(operator, { api: own, clock, log, namespaces: 'all', leaderElection: false, signal: stop.signal, webhook });
    started.defer(async () => {
      stop.abort();
      await running;
    });
  }
  const all = started.move();
  return { url, api, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
