import type { AnyKind, Api, Live, Ref, Written } from '@binnacle/client';
import { connect, isNotFound } from '@binnacle/client';
import { ConfigMap, Namespace, Pod, ServiceAccount } from '@binnacle/client/kinds';
import type { Logger } from '@binnacle/runtime';
import { manager } from '@binnacle/runtime';
import type { VirtualClock } from '@binnacle/testing';
import { virtualClock } from '@binnacle/testing';
import { createApiServer } from '../src/api-server/index.ts';
import type { SandboxNetwork } from '../src/network/index.ts';
import { createNetwork } from '../src/network/index.ts';
import type { SandboxNode } from '../src/node/index.ts';
import { helperImages, startNode } from '../src/node/index.ts';
import { memoryVolumes } from '../src/node/volumes.ts';
import type { Image } from '../src/program.ts';
import { bootstrap, builtinControllers, startGarbageCollector } from '../src/controllers/index.ts';

const quiet: Logger = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined, child: () => quiet };

/** A cluster for tests: the real API server, controllers, network and one node, on virtual time. */
export interface TestCluster extends AsyncDisposable {
  readonly api: Api;
  readonly clock: VirtualClock;
  readonly network: SandboxNetwork;
  node: SandboxNode;
  /** Writes that changed something, everybody's, Events not counted: their number so far. */
  readonly version: () => Promise<number>;
  /** Creates in the namespace `ns`. */
  create<K extends AnyKind>(kind: K, name: string, object: object): Promise<Live<K>>;
  get<K extends AnyKind>(kind: K, name: string): Promise<Live<K> | undefined>;
  list<K extends AnyKind>(kind: K): Promise<readonly Live<K>[]>;
  merge(kind: AnyKind, name: string, body: unknown): Promise<void>;
  delete(kind: AnyKind, name: string, propagation?: 'Background' | 'Foreground' | 'Orphan'): Promise<void>;
  /** Until it holds of the object; virtual time passes as needed. */
  until<K extends AnyKind>(kind: K, name: string, holds: (object: Live<K>) => boolean, withinMs?: number): Promise<Live<K>>;
  untilGone(kind: AnyKind, name: string, withinMs?: number): Promise<void>;
  log(pod: string, container: string, previous?: boolean): Promise<readonly string[]>;
  restartNode(): Promise<void>;
}

/** Runs until told to end; `/ready` and everything else answers 200 on port 8080. */
export const web: Image = {
  image: /^web:/,
  async program(container) {
    container.network.listen(8080, (stream) => {
      stream.once('data', () => stream.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    });
    if (!container.signal.aborted) await new Promise<void>((resolve) => container.signal.addEventListener('abort', () => resolve(), { once: true }));
    return 0;
  },
};

/** Starts one. `images` are matched before `web` and the helpers. */
export async function testCluster(images: readonly Image[] = []): Promise<TestCluster> {
  const clock = virtualClock();
  const log = quiet;
  await using opened = new AsyncDisposableStack();
  const server = opened.use(await createApiServer({ clock, seed: 1 }));
  const as = (name: string): Api =>
    opened.use(connect({ clock, transport: server.transport({ name, groups: ['system:masters'] }, { shares: true }), userAgent: name }));
  const api = as('test');
  const stop = new AbortController();
  const controllers = manager({ api: as('controllers'), clock, log, reconcilers: builtinControllers({ rootCa: server.ca }) });
  let stopped = false;
  const running = controllers.run(stop.signal).finally(() => {
    stopped = true;
  });
  opened.defer(async () => {
    stop.abort();
    // Passes that sleep end only when time passes.
    await clock.until(() => stopped, { withinMs: 60_000 });
    await running;
  });
  await bootstrap(api);
  opened.use(await startGarbageCollector({ api: as('garbage-collector'), clock, log }));
  const network = opened.use(await createNetwork({ api: as('proxy'), clock, log }));
  const volumes = memoryVolumes();
  const nodeApi = as('node');
  const start = () => startNode({ name: 'node', api: nodeApi, clock, network, images: [...images, web, ...helperImages], log, volumes });
  await api.create(Namespace, { metadata: { name: 'ns' } });
  // Pods are refused before their namespace has its account.
  const account = async () => (await api.list(ServiceAccount, { namespace: 'ns' })).items.length > 0;
  await clock.until(account, { withinMs: 60_000 });
  const all = opened.move();
  const at = (kind: AnyKind, name: string): Ref => (kind.scope === 'Cluster' ? { name } : { namespace: 'ns', name });
  const get = async <K extends AnyKind>(kind: K, name: string) => {
    try {
      return await api.get(kind, at(kind, name));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  };
  const cluster: TestCluster = {
    api,
    clock,
    network,
    node: await start(),
    version: async () => Number((await api.list(ConfigMap)).resourceVersion),
    create: (kind, name, object) => {
      const { metadata, ...rest } = object as { metadata?: object };
      return api.create(kind, { metadata: { ...metadata, ...at(kind, name) }, ...rest } as Written<typeof kind>);
    },
    get,
    list: async (kind) => (await api.list(kind, kind.scope === 'Cluster' ? {} : { namespace: 'ns' })).items,
    merge: async (kind, name, body) => void (await api.patch(kind, at(kind, name), { type: 'merge', body })),
    delete: async (kind, name, propagation) => void (await api.delete(kind, at(kind, name), propagation === undefined ? {} : { propagation })),
    async until(kind, name, holds, withinMs = 600_000) {
      let last: Live<typeof kind> | undefined;
      const describe = () => `${kind.kind} ${name}: ${JSON.stringify(last, null, 1)}`;
      const condition = async () => {
        last = await get(kind, name);
        return last !== undefined && holds(last);
      };
      await clock.until(condition, { withinMs, describe });
      return last!;
    },
    untilGone: (kind, name, withinMs = 600_000) =>
      clock.until(async () => (await get(kind, name)) === undefined, { withinMs, describe: () => `${name} is still there` }),
    async log(pod, container, previous = false) {
      const lines: string[] = [];
      const options = { follow: false, tailLines: undefined, since: undefined, previous, timestamps: false, signal: new AbortController().signal };
      for await (const line of cluster.node.kubelet.logs({ namespace: 'ns', name: pod }, container, options)) lines.push(line);
      return lines;
    },
    async restartNode() {
      await cluster.node[Symbol.asyncDispose]();
      cluster.node = await start();
    },
    async [Symbol.asyncDispose]() {
      await cluster.node[Symbol.asyncDispose]();
      await all.disposeAsync();
    },
  };
  return cluster;
}

/** Whether a pod is Ready. */
export function ready(pod: Live<typeof Pod>): boolean {
  return pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
}
