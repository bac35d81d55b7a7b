import type { Dispatcher } from 'undici';
import type { Clock } from './clock.ts';
import type { Cluster } from './cluster.ts';
import { credentialsOf } from './credentials.ts';
import type { Identity } from './credentials.ts';
import { CALLS, dispatcherTo, STREAM } from './dispatcher.ts';
import { ApiError } from './error.ts';
import { systemClock } from './system-clock.ts';
import type { Request, Response, Transport } from './transport.ts';

/** For all calls together. Node's own way, a connection a call, cost 3.8 ms each against 0.1 (spec/runtime.md §3.1). */
const CONNECTIONS = 8;

/**
 * HTTPS to a real API server: one pool for calls, one connection of its own for each watch and each followed log (`watch=true`, `follow=true`).
 * Nothing is sent before the first call. `clock` times the credentials only; network timeouts are the machine's.
 */
export function undiciTransport(cluster: Cluster, options: { readonly clock?: Clock } = {}): Transport {
  const server = new URL(cluster.server);
  const prefix = server.pathname.replace(/\/+$/, '');
  const credentials = credentialsOf(cluster, options.clock ?? systemClock());
  const open = new Set<Dispatcher>();
  let pool: { readonly tls: Identity['tls']; readonly dispatcher: Dispatcher } | undefined;
  let closed = false;

  /** The pool for calls. A new one when the certificates changed; the old one ends with the calls it has. */
  const callsWith = (tls: Identity['tls']): Dispatcher => {
    if (pool !== undefined && sameTls(pool.tls, tls)) return pool.dispatcher;
    const old = pool?.dispatcher;
    pool = { tls, dispatcher: dispatcherTo(cluster, server, tls, { ...CALLS, connections: CONNECTIONS }) };
    open.add(pool.dispatcher);
    old?.close(() => open.delete(old));
    return pool.dispatcher;
  };

  const send = async (request: Request, signal: AbortSignal): Promise<Response> => {
    signal.throwIfAborted();
    if (closed) throw unreachable(server, request, new Error('the transport is closed'));
    const identity = await credentials.current();
    signal.throwIfAborted();
    const streams = /[?&](watch|follow)=(true|1)(&|$)/.test(request.path);
    const dispatcher = streams ? dispatcherTo(cluster, server, identity.tls, { ...STREAM, connections: 1 }) : callsWith(identity.tls);
    const release = streams ? releasing(dispatcher, open, signal) : () => undefined;
    try {
      const { statusCode, headers, body } = await dispatcher.request({
        origin: server.origin,
        method: request.method,
        path: `${prefix}${request.path}`,
        headers: { ...request.headers, ...identity.headers },
        body: request.body ?? null,
        signal,
      });
      if (statusCode === 401) credentials.refused(identity);
      return { status: statusCode, headers: joined(headers), body: bytes(body, signal, release, (cause) => unreachable(server, request, cause)) };
    } catch (cause) {
      release();
      signal.throwIfAborted();
      throw unreachable(server, request, cause);
    }
  };

  return {
    send,
    async [Symbol.asyncDispose]() {
      closed = true;
      credentials[Symbol.dispose]();
      await Promise.all([...open].map((dispatcher) => dispatcher.destroy()));
      open.clear();
    },
  };
}

/** Ends a stream's own connection once: when the stream is over, and when it is aborted before anybody read it. */
function releasing(dispatcher: Dispatcher, open: Set<Dispatcher>, signal: AbortSignal): () => void {
  open.add(dispatcher);
  const release = () => {
    signal.removeEventListener('abort', release);
    if (open.delete(dispatcher)) dispatcher.destroy(() => undefined);
  };
  signal.addEventListener('abort', release, { once: true });
  return release;
}

async function* bytes(
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  release: () => void,
  failed: (cause: unknown) => ApiError,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    signal.throwIfAborted();
    throw failed(cause);
  } finally {
    release();
  }
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) result[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return result;
}

function sameTls(a: Identity['tls'], b: Identity['tls']): boolean {
  return a.ca === b.ca && a.cert === b.cert && a.key === b.key;
}

/** The query stays out of the message: it repeats in every log line and says little. */
function unreachable(server: URL, request: Request, cause: unknown): ApiError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const why = [code, message].filter((part) => part !== undefined && part !== '').join(' ');
  return new ApiError({ code: 0, reason: 'Unreachable', message: `${request.method} ${server.origin}${request.path.split('?')[0]}: ${why}` }, { cause });
}
