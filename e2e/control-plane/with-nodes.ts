import { connect, systemClock, undiciTransport } from '@binnacle/client';
import type { Api, Network } from '@binnacle/client';
import { StorageClass } from '@binnacle/client/kinds';
import { manager, silentLogger } from '@binnacle/runtime';
import type { Image } from '@binnacle/sandbox';
import { createNetwork, helperImages, startNode } from '@binnacle/sandbox/parts';
import { startControlPlane } from './control-plane.ts';
import type { ControlPlane, ControlPlaneOptions } from './control-plane.ts';
import { provisioner, storageClass } from './provisioner.ts';

/** A real control plane whose pods run: on a node of the sandbox, in this process. */
export interface Cluster extends ControlPlane {
  /** How whoever is no pod reaches pods. */
  readonly network: Network;
  /** As its administrator. */
  readonly api: Api;
}

/** Starts a control plane, our node and the volumes that it asks for. `images`: what containers do. Ready when the node is. */
export async function startCluster(options: ControlPlaneOptions & { readonly images: readonly Image[] }): Promise<Cluster> {
  const clock = systemClock();
  const log = silentLogger;
  await using opened = new AsyncDisposableStack();
  const plane = opened.use(await startControlPlane(options));
  const as = (userAgent: string) => opened.use(connect({ clock, userAgent, transport: undiciTransport(plane.as('node'), { clock }) }));
  const node = as('node');
  await node.create(StorageClass, storageClass);
  const stop = new AbortController();
  const provisioning = manager({ api: as('provisioner'), clock, log, reconcilers: provisioner }).run(stop.signal);
  opened.defer(async () => {
    stop.abort();
    await provisioning;
  });
  const network = opened.use(await createNetwork({ api: node, clock, log }));
  opened.use(
    await startNode({ name: 'binnacle', api: node, clock, log, network, images: [...options.images, ...helperImages], schedules: false, heartbeat: true }),
  );
  const all = opened.move();
  return {
    version: plane.version,
    cluster: plane.cluster,
    as: (user) => plane.as(user),
    auditLog: plane.auditLog,
    pids: plane.pids,
    network: network.outside(),
    api: node,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
