import { NetworkError, systemClock } from '@binnacle/client';
import type { Clock } from '@binnacle/client';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import type { Container, Program } from '../src/simulator/container.ts';

/** The machine's clock, `factor` times as fast: the simulator's seconds are milliseconds here. */
export function fastClock(factor = 100): Clock {
  const clock = systemClock();
  return {
    ...clock,
    monotonic: () => clock.monotonic() * factor,
    sleep: (ms, signal) => clock.sleep(ms / factor, signal),
    timer: (ms, task) => clock.timer(ms / factor, task),
  };
}

/** Simulated processes on a network of streams, without a cluster around them. Services are pod names that a host name stands for. */
export interface SmallWorld extends AsyncDisposable {
  readonly clock: Clock;
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
}

export interface Running {
  readonly host: string;
  readonly exited: Promise<number>;
  stop(): Promise<number>;
}

/** A network and a fast clock for simulated processes. Disposing of it stops them all. */
export function smallWorld(): SmallWorld {
  const clock = fastClock();
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
