import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { http } from '@binnacle/client';
import type { Container } from './container.ts';

/** What a page answers: a status with an optional JSON body, or undefined for "hang up", which is what members do with what they do not know. */
export type Page = { readonly status: number; readonly json?: string } | undefined;

type Pages = (method: string, path: string, body: string) => Page;

/** No sockets of its own: connections are handed over, and with them all time limits stay off. */
const LIMITS = { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, connectionsCheckingInterval: 2 ** 31 - 1 } as const;

/** Serves pages on a port of the pod until disposed of. */
export function serve(container: Container, port: number, page: Pages): Disposable {
  const server = http.createServer(LIMITS, (asked, answer) => {
    reply(asked, answer, page);
  });
  return listen(container, port, server);
}

/** The same over TLS, to callers whose certificate is signed by `ca`. */
export function serveTls(
  container: Container,
  port: number,
  identity: { readonly ca: string; readonly cert: string; readonly key: string },
  page: Pages,
): Disposable {
  const options = { ...LIMITS, ...identity, requestCert: true, rejectUnauthorized: true, handshakeTimeout: 2 ** 31 - 1 };
  return listen(
    container,
    port,
    createTlsServer(options, (asked, answer) => {
      reply(asked, answer, page);
    }),
  );
}

function listen(container: Container, port: number, server: { emit(event: 'connection', stream: unknown): boolean; close(): unknown }): Disposable {
  const listener = container.network.listen(port, (stream) => {
    stream.on('error', () => stream.destroy());
    server.emit('connection', stream);
  });
  return {
    [Symbol.dispose]() {
      listener[Symbol.dispose]();
      server.close();
    },
  };
}

function reply(asked: IncomingMessage, answer: ServerResponse, page: Pages): void {
  let body = '';
  asked.setEncoding('utf8');
  asked.on('data', (part: string) => (body += part));
  asked.on('end', () => {
    const found = pageOr400(asked, body, page);
    if (found === undefined) return asked.socket.destroy();
    const { status, json } = found;
    answer.writeHead(status, {
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      'content-length': Buffer.byteLength(json ?? ''),
      connection: 'close',
    });
    return answer.end(asked.method === 'HEAD' ? '' : json);
  });
}

function pageOr400(asked: IncomingMessage, body: string, page: Pages): Page {
  try {
    return page(asked.method ?? 'GET', (asked.url ?? '/').split('?')[0] ?? '/', body);
  } catch {
    return { status: 400 };
  }
}
