import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KeyPair } from '@binnacle/runtime';
import { createServer } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Refusal } from '../../refusal.ts';
import { authenticate } from '../auth/authenticate.ts';
import type { Core } from '../core/core.ts';
import { MAX_BODY_BYTES } from '../http/body.ts';
import { bytesOf, isStream } from '../http/call.ts';
import type { Incoming, Outgoing } from '../http/call.ts';
import { internal } from '../refusals.ts';
import { answerUpgrade, asksForStream } from '../streams/streams.ts';
import { handle, refusalAnswer } from './handle.ts';

/** HTTPS on loopback. Disposing of it ends all connections. */
export interface Listener extends AsyncDisposable {
  readonly port: number;
}

const NO_BODY = Buffer.alloc(0);

/** @throws {Error} when the port is taken. */
export async function listen(core: Core, keys: KeyPair, port: number): Promise<Listener> {
  const sockets = new Set<Socket>();
  const tls = { cert: keys.certificate, key: keys.key, ALPNProtocols: ['http/1.1'], minVersion: 'TLSv1.2' } as const;
  const server = createServer({ ...tls, shouldUpgradeCallback: asksForStream }, (request, response) => {
    serve(core, request, response).catch(() => response.destroy());
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    answerUpgrade(core, { request, socket, head }).catch(() => socket.destroy());
  });
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  // A client that does not trust us, or speaks no TLS: its affair.
  server.on('tlsClientError', () => undefined);
  server.keepAliveTimeout = 90_000;
  server.requestTimeout = 0;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
  };
}

async function serve(core: Core, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  // Who has been answered may go: telling so would cost as much as a short answer.
  response.on('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  const answer = await (async (): Promise<Outgoing> => {
    try {
      const incoming = await read(request, gone.signal);
      return await handle(core, incoming, authenticate(core, incoming));
    } catch (error) {
      return refusalAnswer(error instanceof Refusal ? error : internal((error as Error).message));
    }
  })();
  await write(response, answer, request.method === 'HEAD', gone.signal);
}

/** @throws {Refusal} 413 */
async function read(request: IncomingMessage, signal: AbortSignal): Promise<Incoming> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) headers[name] = Array.isArray(value) ? value.join(', ') : (value ?? '');
  const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined;
  return { method: request.method ?? 'GET', path: request.url ?? '/', headers, body: hasBody ? await readBody(request) : NO_BODY, signal };
}

/** By events: iterating over a stream costs more than all the rest of a small request. @throws {Refusal} 413 */
function readBody(request: IncomingMessage): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let bytes = 0;
  let ended = false;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
    else reject(new Refusal(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${MAX_BODY_BYTES}`));
  });
  request.on('end', () => {
    ended = true;
    resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes));
  });
  request.on('error', reject);
  // Every request is closed in the end: an error, which takes down its stack, is made for those alone that did not end before.
  request.on('close', () => {
    if (!ended) reject(new Error('the request was cut off'));
  });
  return promise;
}

async function write(response: ServerResponse, { status, headers, body }: Outgoing, head: boolean, signal: AbortSignal): Promise<void> {
  if (!isStream(body)) {
    const bytes = bytesOf(body);
    response.writeHead(status, status === 304 ? headers : { ...headers, 'content-length': String(bytes.byteLength) });
    response.end(head || status === 304 ? undefined : bytes);
    return;
  }
  response.writeHead(status, headers);
  // Clients wait for the head before they believe that a watch has begun.
  response.flushHeaders();
  for await (const chunk of body) {
    if (signal.aborted) return;
    if (!response.write(chunk)) await drained(response);
    // What comes meanwhile goes out in one piece: under load, writing to a socket costs more than the events do.
    await nextTurn();
  }
  response.end();
}

/** When the client has read on, or gone. Takes its listeners along: a busy watch waits thousands of times. */
async function drained(response: ServerResponse): Promise<void> {
  const over = new AbortController();
  try {
    await Promise.race([once(response, 'drain', over), once(response, 'close', over)]);
  } finally {
    over.abort();
  }
}
