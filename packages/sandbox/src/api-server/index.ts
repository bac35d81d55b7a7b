import type { Clock, Network, Transport } from '@binnacle/client';
import { createServerCertificate, longLife } from '@binnacle/runtime';
import type { Kubelet } from '../kubelet.ts';
import { createTokens } from './auth/tokens.ts';
import { bootstrap } from './bootstrap/bootstrap.ts';
import { createCatalog } from './catalog/catalog.ts';
import { createChance } from './core/chance.ts';
import type { Core, HookDoor } from './core/core.ts';
import { serveDefinitions } from './crd/controller.ts';
import type { User } from './http/call.ts';
import { objectKey } from './object.ts';
import { kubeconfigYaml } from './server/kubeconfig.ts';
import { listen } from './server/listener.ts';
import type { Listener } from './server/listener.ts';
import { inProcessTransport } from './server/transport.ts';
import { AUTHORITY_NAME, directoryState, forgetfulState } from './state/state.ts';
import { createStore } from './store/store.ts';
import { texts } from './store/texts.ts';

export type { User } from './http/call.ts';

/** Names that clients may reach the server by. */
const HOSTS = ['127.0.0.1', '::1', 'localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];

/** A Kubernetes API of its own: storage, validation, admission, watches. What is written is all it does; controllers and nodes are clients like others. */
export interface ApiServer extends AsyncDisposable {
  /**
   * The door inside the process: what HTTPS does, without the network. What `user` may do is decided by RBAC as for anybody; members of `system:masters` may do all.
   * `shares`: what is answered is what is stored, not a copy of it. For clients that change nothing that they read.
   */
  transport(user: User, options?: { readonly shares?: boolean }): Transport;
  /**
   * Starts HTTPS on 127.0.0.1. `port` absent: any that is free.
   * @throws {Error} when the port is taken, or it listens already.
   */
  listen(options?: { readonly port?: number }): Promise<{ readonly url: string; readonly ca: string }>;
  /** The certificate of the authority that signs for this server, PEM. */
  readonly ca: string;
  /** Says who answers for what runs on a node, until disposed of. */
  attachKubelet(node: string, kubelet: Kubelet): Disposable;
  /**
   * A bearer token of a ServiceAccount, without an end.
   * @throws {Error} when there is no such account.
   */
  tokenFor(serviceAccount: { readonly namespace: string; readonly name: string }): string;
  /** Bearer token of a member of `system:masters`. */
  readonly adminToken: string;
  /** Of the last change of any object. */
  readonly revision: number;
  /**
   * A kubeconfig as YAML: the administrator's, or one with another token.
   * @throws {Error} before `listen()`.
   */
  kubeconfig(options?: { readonly user?: string; readonly token?: string; readonly namespace?: string }): string;
}

export interface ApiServerOptions {
  readonly clock: Clock;
  /** Directory to go on from after a restart, made if it is not there. Absent: nothing outlives the process. */
  readonly state?: string;
  /** The same seed gives the same uids and names. Keys are random all the same. */
  readonly seed?: number;
  /** Changes kept for watches that resume and for later pages of lists. Default: 10,000; few, to see clients start again. */
  readonly history?: number;
  /** How services of the cluster are reached, once they are: for webhooks behind one. Asked at each call. Absent: such webhooks fail. */
  readonly network?: () => Network | undefined;
  /** Webhooks in this process, asked without sockets. Whoever has no `caBundle` is not believed, as over TLS. Absent: all are asked over the network. */
  readonly hooks?: HookDoor;
}

/** Starts an API server with the objects that a cluster is born with. @throws {Error} when the state directory cannot be used. */
export async function createApiServer(options: ApiServerOptions): Promise<ApiServer> {
  await using started = new AsyncDisposableStack();
  const { clock } = options;
  const state = started.use(options.state === undefined ? forgetfulState(clock.now()) : directoryState(options.state, clock.now()));
  const { authority, tokenKey, adminToken } = state.secrets;
  const store = createStore({
    ...(state.contents === undefined ? {} : { from: state.contents }),
    journal: (change) => state.journal(change),
    ...(options.history === undefined ? {} : { history: options.history }),
  });
  state.attach(store);
  const chance = createChance(clock, options.seed);
  const kubelets = new Map<string, Kubelet>();
  const closing = new AbortController();
  const tokens = createTokens(tokenKey, clock, chance);
  const core: Core = {
    clock,
    store,
    texts: texts(),
    catalog: createCatalog(),
    chance,
    kubelets,
    tokens,
    adminToken,
    network: () => options.network?.(),
    hooks: options.hooks,
    closing: closing.signal,
  };
  started.use(serveDefinitions(core));
  bootstrap(core);
  started.defer(() => closing.abort());

  let listener: Listener | undefined;
  const url = () => {
    if (listener === undefined) throw new Error('the API server does not listen: call listen() first');
    return `https://127.0.0.1:${listener.port}`;
  };
  const all = started.move();
  return {
    transport: (user, { shares = false } = {}) => inProcessTransport(core, user, shares),
    async listen({ port = 0 } = {}) {
      if (listener !== undefined) throw new Error(`the API server listens already, on port ${listener.port}`);
      // The wall clock's: a client outside checks the certificate by its own.
      const keys = createServerCertificate(authority, AUTHORITY_NAME, HOSTS, longLife(clock.now()));
      listener = all.use(await listen(core, keys, port));
      return { url: url(), ca: authority.certificate };
    },
    ca: authority.certificate,
    attachKubelet(node, kubelet) {
      kubelets.set(node, kubelet);
      return {
        [Symbol.dispose]() {
          if (kubelets.get(node) === kubelet) kubelets.delete(node);
        },
      };
    },
    tokenFor({ namespace, name }) {
      const uid = store.get('serviceaccounts', objectKey(namespace, name))?.object.metadata.uid;
      if (uid === undefined) throw new Error(`there is no ServiceAccount ${namespace}/${name} to make a token for`);
      return tokens.sign({ namespace, name, uid }, { lifetimeSeconds: undefined, audiences: [] });
    },
    adminToken,
    get revision() {
      return store.revision;
    },
    kubeconfig({ token = adminToken, user = 'binnacle', namespace } = {}) {
      return kubeconfigYaml({ url: url(), ca: authority.certificate, user, token, namespace });
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await all.disposeAsync();
    },
  };
}
