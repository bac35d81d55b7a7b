import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { NetworkError } from '@binnacle/client';
import type { Clock, Network } from '@binnacle/client';
import type { Container, Program } from '../src/simulator/index.ts';

/** Pods that run programs and reach one another by address: the least that members need. */
export interface Pods {
  /** As an operator sees it. */
  readonly network: Network;
  /** Runs a program; `stop` is SIGTERM, `code` its exit code. */
  run(
    program: Program,
    pod: { readonly ip: string; readonly image?: string; readonly files: Readonly<Record<string, string>>; readonly env?: Readonly<Record<string, string>> },
  ): {
    readonly code: Promise<number>;
    readonly log: readonly string[];
    stop(): void;
  };
}

export function pods(clock: Clock): Pods {
  const listeners = new Map<string, (stream: Duplex) => void>();
  const streams = new Map<string, Set<Duplex>>();
  const own = (ip: string, stream: Duplex) => {
    const all = streams.get(ip) ?? new Set();
    streams.set(ip, all.add(stream));
    stream.once('close', () => all.delete(stream));
  };
  const connectFrom = (from: string): Network => ({
    async connect({ host, port }) {
      const accept = listeners.get(`${host}:${port}`);
      if (accept === undefined) throw new NetworkError('refused', `${host}:${port}`);
      const [client, server] = duplexPair();
      Object.assign(server, { remoteAddress: from });
      client.once('close', () => server.destroy());
      server.once('close', () => client.destroy());
      client.on('error', () => undefined);
      own(from, client);
      own(host, server);
      await Promise.resolve();
      accept(server);
      return client;
    },
  });
  return {
    network: connectFrom('10.0.0.1'),
    run(program, { ip, image = 'docker.io/hazelcast/hazelcast:5.5.0', files, env = {} }) {
      const stopping = new AbortController();
      const log: string[] = [];
      const container = {
        pod: { metadata: { name: `hazelcast-${ip}`, namespace: 'default' } } as Container['pod'],
        image,
        command: [],
        args: [],
        env,
        ip,
        clock,
        signal: stopping.signal,
        network: {
          ...connectFrom(ip),
          listen(port: number, accept: (stream: Duplex) => void) {
            const key = `${ip}:${port}`;
            listeners.set(key, accept);
            return { [Symbol.dispose]: () => void listeners.delete(key) };
          },
        },
        readFile: (path: string) => files[path],
        volume: () => undefined,
        log: (line: string) => void log.push(line),
      };
      // A process that ends takes its connections with it.
      const code = program(container).finally(() => {
        for (const stream of streams.get(ip) ?? []) stream.destroy();
      });
      return { code, log, stop: () => stopping.abort() };
    },
  };
}
