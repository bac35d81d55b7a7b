import { ApiError } from '@binnacle/client';
import type { Response, Transport } from '@binnacle/client';
import { known } from '../auth/authenticate.ts';
import type { Core } from '../core/core.ts';
import type { User } from '../http/call.ts';
import type { Outgoing } from '../http/call.ts';
import { handle } from './handle.ts';

const encoder = new TextEncoder();

/** The server's door inside the process: the handler that HTTPS has, without the network. */
export function inProcessTransport(core: Core, user: User): Transport {
  const closed = new AbortController();
  return {
    async send(request, signal): Promise<Response> {
      signal.throwIfAborted();
      if (closed.signal.aborted || core.closing.aborted) {
        throw new ApiError({ code: 0, reason: 'Unreachable', message: `${request.method} ${request.path}: the server is closed` });
      }
      const { body = '', headers = {}, method, path } = request;
      const ended = AbortSignal.any([signal, closed.signal]);
      const bytes = typeof body === 'string' ? encoder.encode(body) : body;
      const answer = await handle(core, { method, path, headers, body: bytes, signal: ended }, known(user));
      signal.throwIfAborted();
      return { status: answer.status, headers: answer.headers, body: read(answer.body, signal) };
    },
    async [Symbol.asyncDispose]() {
      closed.abort();
    },
  };
}

/** An aborted signal ends the body with the signal's reason, as it does over a network. */
async function* read(body: Outgoing['body'], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (typeof body === 'string') yield encoder.encode(body);
  else if (body instanceof Uint8Array) yield body;
  else for await (const chunk of body) yield chunk;
  signal.throwIfAborted();
}
