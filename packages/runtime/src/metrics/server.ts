import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { http } from '@binnacle/client';
import type { Registry } from 'prom-client';

/** What the server answers with. */
export interface HealthParts {
  /** Absent: `/metrics` is 404. */
  readonly registry?: Registry;
  /** False: the process should be restarted. */
  readonly live: () => boolean;
  /** False: caches are not filled yet. */
  readonly ready: () => boolean;
  /** 0: any free one. */
  readonly port: number;
  /** Default: loopback. In a pod, where a kubelet probes from outside: `0.0.0.0`. */
  readonly host?: string;
}

/** A server that listens. */
export interface HealthServer extends AsyncDisposable {
  readonly port: number;
}

/** Longest head and slowest client that are put up with. */
const HEADERS_TIMEOUT_MS = 5_000;

/** Serves `/metrics`, `/healthz` and `/readyz` over HTTP, and nothing that is secret. @throws {Error} when the port is taken. */
export async function healthServer(parts: HealthParts): Promise<HealthServer> {
  const server = http.createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: HEADERS_TIMEOUT_MS }, (request, response) => {
    answer(parts, request, response).catch((error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : ''));
  });
  server.listen(parts.port, parts.host ?? '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer({ registry, live, ready }: HealthParts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const say = (status: number, text: string, type = 'text/plain; charset=utf-8'): void => void response.writeHead(status, { 'content-type': type }).end(text);
  if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'only GET\n');
  switch (request.url?.split('?')[0]) {
    case '/healthz':
      return live() ? say(200, 'ok\n') : say(503, 'not live\n');
    case '/readyz':
      return ready() ? say(200, 'ok\n') : say(503, 'caches are not filled yet\n');
    case '/metrics':
      return registry === undefined ? say(404, 'no metrics\n') : say(200, await registry.metrics(), registry.contentType);
    default:
      return say(404, 'there is /healthz, /readyz and /metrics\n');
  }
}
