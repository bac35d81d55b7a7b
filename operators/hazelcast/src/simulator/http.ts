import { createServer } from 'node:http';
import type { Container } from './container.ts';

/** What a page answers: a status with an optional JSON body, or undefined for "hang up", which is what members do with what they do not know. */
export type Page = { readonly status: number; readonly json?: string } | undefined;

/** Serves pages on a port of the pod until disposed of. */
export function serve(container: Container, port: number, page: (method: string, path: string) => Page): Disposable {
  // No sockets of its own: connections are handed over, and with them all time limits stay off.
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, connectionsCheckingInterval: 2 ** 31 - 1 }, (asked, answer) => {
    const path = (asked.url ?? '/').split('?')[0] ?? '/';
    const found = page(asked.method ?? 'GET', path);
    asked.resume();
    if (found === undefined) return asked.socket.destroy();
    const { status, json } = found;
    answer.writeHead(status, {
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      'content-length': Buffer.byteLength(json ?? ''),
      connection: 'close',
    });
    return answer.end(asked.method === 'HEAD' ? '' : json);
  });
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
