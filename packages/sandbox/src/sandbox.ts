import { join } from 'node:path';
import { connect } from '@binnacle/client';
import type { Api, Clock, Network, Transport } from '@binnacle/client';
import { manager } from '@binnacle/runtime';
import type { Logger } from '@binnacle/runtime';
import { createApiServer } from './api-server/index.ts';
import type { ApiServer, User } from './api-server/index.ts';
import type { HookDoor } from './api-server/core/core.ts';
import { bootstrap, builtinControllers, startGarbageCollector } from './controllers/index.ts';
import { fileVolumes } from './file-volumes.ts';
import { createNetwork } from './network/index.ts';
import { helperImages, startNode } from './node/index.ts';
import type { Image } from './program.ts';

export interface SandboxOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** What containers do, by image: the first that matches. */
  readonly images: readonly Image[];
  /** Folder that keeps the cluster: objects, volumes, keys. Absent: it is gone with the process. */
  readonly state?: string;
  /** `false`: no node, and nothing takes its place: pods stay Pending, as on a control plane of its own. */
  readonly node?: boolean;
  /** Replays uids and generated names. Absent: by chance. */
  readonly seed?: number;
  /** Changes kept for watches that resume and for later pages of lists. Default: 10,000; few, to see clients start again. */
  readonly history?: number;
  /** Webhooks in this process, asked without sockets: for virtual time. Absent: all are asked over the network. */
  readonly hooks?: HookDoor;
}

/** A running cluster: API server, built-in controllers, one node unless told. Closing it ends the pods' programs and leaves their objects as they are. */
export interface Sandbox extends AsyncDisposable, Pick<ApiServer, 'listen' | 'kubeconfig' | 'tokenFor' | 'adminToken'> {
  /** The API in the process, as this user; authorised like anybody. */
  transport(user: User): Transport;
  /** How somebody who is not a pod reaches what runs in pods. */
  readonly network: Network;
  /** Of the last change of any object: while it stays, the API server holds the same. */
  readonly revision: number;
}

const NODE = 'sandbox';

/** Starts a cluster in this process. Ready when the node is. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { clock, log, state } = options;
  await using opened = new AsyncDisposableStack();
  // There is a server before there is a network.
  const reached: { services?: Network } = {};
  const server = opened.use(
    await createApiServer({
      clock,
      network: () => reached.services,
      ...(state === undefined ? {} : { state: join(state, 'api') }),
      ...(options.hooks === undefined ? {} : { hooks: options.hooks }),
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      ...(options.history === undefined ? {} : { history: options.history }),
    }),
  );
  const as = (name: string, agent = name): Api =>
    opened.use(
      connect({ clock, transport: server.transport({ name, groups: ['system:masters', 'system:authenticated'] }, { shares: true }), userAgent: agent }),
    );
  // By this name webhooks tell them from people.
  const controllers = as('system:kube-controller-manager', 'kube-controller-manager');
  await bootstrap(controllers);
  opened.use(running(manager({ api: controllers, clock, log, reconcilers: builtinControllers({ rootCa: server.ca }) })));
  opened.use(await startGarbageCollector({ api: controllers, clock, log }));
  const network = opened.use(await createNetwork({ api: as('kube-proxy'), clock, log }));
  reached.services = network.outside();
  if (options.node !== false) {
    const node = opened.use(
      await startNode({
        name: NODE,
        api: as(`system:node:${NODE}`),
        clock,
        log,
        network,
        images: [...options.images, ...helperImages],
        ...(state === undefined ? {} : { volumes: fileVolumes(join(state, 'volumes')) }),
      }),
    );
    opened.use(server.attachKubelet(NODE, node.kubelet));
  }
  const all = opened.move();
  return {
    transport: (user) => server.transport(user),
    network: network.outside(),
    adminToken: server.adminToken,
    get revision() {
      return server.revision;
    },
    listen: (where) => server.listen(where),
    kubeconfig: (who) => server.kubeconfig(who),
    tokenFor: (account) => server.tokenFor(account),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** A manager with its life: closing it stops it and waits for its end. */
function running(controllers: { run(stop: AbortSignal): Promise<void> }): AsyncDisposable {
  const stop = new AbortController();
  const ended = controllers.run(stop.signal);
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ended;
    },
  };
}
