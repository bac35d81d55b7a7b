import { NetworkError } from '@binnacle/client';
import { virtualClock } from '@binnacle/testing';
import type { VirtualClock } from '@binnacle/testing';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { Container, Program } from '../src/simulator/container.ts';

/** Simulated processes on a network of streams, without a cluster around them. Services are pod names that a host name stands for. */
export interface SmallWorld extends AsyncDisposable {
  readonly clock: VirtualClock;
  readonly network: Pick<Container['network'], 'connect'>;
  readonly logs: string[];
  /** Runs a program as a pod of a headless Service; `volumes` outlive it. */
  start(pod: {
    readonly name: string;
    readonly peers: string;
    readonly image: string;
    readonly program: Program;
    readonly env?: Readonly<Record<string, string>>;
  }): Running;
  /** What a Service's name leads to: the first that listens. */
  readonly services: Map<string, readonly string[]>;
  readonly volumes: Map<string, Map<string, string>>;
  /** Whether anything listens at a host: here, what readiness probes see. */
  listens(host: string): boolean;
}

export interface Running {
  readonly host: string;
  readonly exited: Promise<number>;
  stop(): Promise<number>;
}

/** A network and a virtual clock for simulated processes. Disposing of it stops them all. */
export function smallWorld(): SmallWorld {
  const clock = virtualClock();
  const listeners = new Map<string, (stream: Duplex) => void>();
  const services = new Map<string, readonly string[]>();
  const volumes = new Map<string, Map<string, string>>();
  const running = new Set<Running>();
  const logs: string[] = [];
  const connect: Container['network']['connect'] = async ({ host, port }, signal) => {
    await Promise.resolve();
    if (signal.aborted) throw new NetworkError('lost', 'aborted');
    for (const candidate of services.get(host) ?? [host]) {
      const accept = listeners.get(`${candidate}:${port}`);
      if (accept === undefined) continue;
      const [mine, theirs] = duplexPair();
      // As TCP: whoever goes takes the other end with it. A pair of streams alone does not do that.
      mine.once('close', () => theirs.destroy());
      theirs.once('close', () => mine.destroy());
      accept(theirs);
      return mine;
    }
    throw new NetworkError('refused', `${host}:${port}: nobody listens`);
  };
  return {
    clock,
    network: { connect },
    logs,
    listens: (host) => [...listeners.keys()].some((key) => key.startsWith(`${host}:`)),
    services,
    volumes,
    start({ name, peers, image, program, env = {} }) {
      const host = `${name}.${peers}.default.svc.cluster.local`;
      const stop = new AbortController();
      const open = new Set<string>();
      const exited = program({
        pod: { metadata: { name, namespace: 'default' }, spec: { subdomain: peers } },
        image,
        command: [],
        env,
        hostname: name,
        clock,
        signal: stop.signal,
        network: {
          connect,
          listen(port, accept) {
            const key = `${host}:${port}`;
            listeners.set(key, accept);
            open.add(key);
            return { [Symbol.dispose]: () => void listeners.delete(key) };
          },
        },
        readFile: () => undefined,
        volume(path) {
          const key = `${name} ${path}`;
          const files = volumes.get(key) ?? new Map<string, string>();
          volumes.set(key, files);
          return files;
        },
        log: (line) => void logs.push(`${name}: ${line}`),
      }).finally(() => open.forEach((key) => listeners.delete(key)));
      const one: Running = {
        host,
        exited,
        async stop() {
          stop.abort();
          running.delete(one);
          return await exited;
        },
      };
      running.add(one);
      return one;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...running].map((one) => one.stop()));
    },
  };
}

/** A test's function: tells a story in a small world and lets virtual time pass until it is over; an hour of it at most. */
export function story(tell: (world: SmallWorld) => Promise<void>): () => Promise<void> {
  return async () => {
    const world = smallWorld();
    let over = false;
    const told = (async () => {
      await using _ = world;
      await tell(world);
    })().finally(() => (over = true));
    // Waited for below; until then its failure is nobody's.
    told.catch(() => undefined);
    await world.clock.until(() => over, { describe: () => world.logs.slice(-20).join('\n') });
    await told;
  };
}
