import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, systemClock, undiciTransport } from '@binnacle/client';
import { ServiceAccount, StorageClass } from '@binnacle/client/kinds';
import { manager, silentLogger } from '@binnacle/runtime';
import { createApiServer, createNetwork, helperImages, startNode } from '@binnacle/sandbox/parts';
import { eventually } from '../eventually.ts';
import { images, programs } from '../programs.ts';
import type { RunningCluster } from '../target.ts';
import { kubernetesBinary, VERSIONS } from './binary.ts';
import { provisioner, storageClass } from './provisioner.ts';
import { startServer } from './server-process.ts';

/**
 * The sandbox's API server and node with the real kube-controller-manager in the place of our controllers: the most demanding client there is, in Go and in protobuf.
 * @throws {Error} when it cannot be built or started.
 */
export async function startRealControllersTarget(): Promise<RunningCluster> {
  const clock = systemClock();
  const log = silentLogger;
  await using opened = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-real-controllers-'));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const binary = await kubernetesBinary(VERSIONS[0], (line) => void process.stderr.write(`${line}\n`));
  const server = opened.use(await createApiServer({ clock }));
  const { url, ca } = await server.listen();
  const cluster = { server: url, ca, credentials: { type: 'token', token: server.adminToken } } as const;
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const as = (userAgent: string) => opened.use(connect({ clock, userAgent, transport: undiciTransport(cluster, { clock }) }));
  const node = as('node');
  await node.create(StorageClass, storageClass);
  const stop = new AbortController();
  const provisioning = manager({ api: as('provisioner'), clock, log, reconcilers: provisioner }).run(stop.signal);
  opened.defer(async () => {
    stop.abort();
    await provisioning;
  });
  const network = opened.use(await createNetwork({ api: node, clock, log }));
  const running = opened.use(await startNode({ name: 'binnacle', api: node, clock, log, network, images: [...programs, ...helperImages], heartbeat: true }));
  opened.use(server.attachKubelet('binnacle', running.kubelet));
  const flags = [
    `--kubeconfig=${file('kubeconfig', server.kubeconfig())}`,
    '--secure-port=0',
    '--leader-elect=false',
    // Tokens are signed by the server: the controllers speak as its administrator.
    '--use-service-account-credentials=false',
    `--root-ca-file=${file('ca.crt', ca)}`,
    '--profiling=false',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
  ];
  const controllers = opened.use(await startServer(binary, 'kube-controller-manager', flags, join(folder, 'kube-controller-manager.log')));
  await Promise.race([
    controllers.failed,
    eventually('the first ServiceAccount', () => node.get(ServiceAccount, { namespace: 'kube-system', name: 'default' })),
  ]);
  const all = opened.move();
  return {
    cluster,
    features: { controllers: true, node: true, loopback: true, forgets: false },
    images,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
