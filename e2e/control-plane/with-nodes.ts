import { connect, systemClock, undiciTransport } from '@binnacle/client';
import type { Api, Cluster as Connection, Network } from '@binnacle/client';
import { StorageClass } from '@binnacle/client/kinds';
import { manager, silentLogger } from '@binnacle/runtime';
import type { Image } from '@binnacle/sandbox';
import { createNetwork, helperImages, startNode } from '@binnacle/sandbox/parts';
import { startControlPlane } from './control-plane.ts';
import type { ControlPlane, ControlPlaneOptions } from './control-plane.ts';
import { provisioner, storageClass } from './provisioner.ts';

/** What our node is called. */
export const NODE = 'binnacle';

/** A real control plane whose pods run: on a node of the sandbox, in this process. */
export interface Cluster extends ControlPlane {
  /** How whoever is no pod reaches pods. */
  readonly network: Network;
  /** As its administrator. */
  readonly api: Api;
}

/** Starts a control plane, our node and the volumes that it asks for. `images`: what containers do. Ready when the node is. */
export async function startCluster(options: ControlPlaneOptions & { readonly images: readonly Image[] }): Promise<Cluster> {
  await using opened = new AsyncDisposableStack();
  const plane = opened.use(await startControlPlane(options));
  const { api, network } = await startPods(opened, plane.as('node'), options.images);
  const all = opened.move();
  return {
    version: plane.version,
    cluster: plane.cluster,
    as: (user) => plane.as(user),
    auditLog: plane.auditLog,
    pids: plane.pids,
    failed: plane.failed,
    network: network.outside(),
    api,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Our node on an API server, reached as `cluster` says, and the volumes that its pods ask for. All of it ends with `opened`. */
export async function startPods(opened: AsyncDisposableStack, cluster: Connection, images: readonly Image[]) {
  const clock = systemClock();
  const log = silentLogger;
  const as = (userAgent: string) => opened.use(connect({ clock, userAgent, transport: undiciTransport(cluster, { clock }) }));
  const api = as('node');
  await api.create(StorageClass, storageClass);
  const stop = new AbortController();
  const provisioning = manager({ api: as('provisioner'), clock, log, reconcilers: provisioner }).run(stop.signal);
  opened.defer(async () => {
    stop.abort();
    await provisioning;
  });
  const network = opened.use(await createNetwork({ api, clock, log }));
  const node = opened.use(await startNode({ name: NODE, api, clock, log, network, images: [...images, ...helperImages], schedules: false, heartbeat: true }));
  return { api, network, node };
}
