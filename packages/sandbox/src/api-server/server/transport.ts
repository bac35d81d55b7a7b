import { ApiError } from '@binnacle/client';
import type { Response, Transport } from '@binnacle/client';
import { known } from '../auth/authenticate.ts';
import type { Core } from '../core/core.ts';
import { bytesOf, isStream } from '../http/call.ts';
import type { Incoming, Outgoing, User } from '../http/call.ts';
import { handle } from './handle.ts';

const encoder = new TextEncoder();

/**
 * The server's door inside the process: the handler that HTTPS has, without the network. `shares`: answers are the server's own objects, for clients that
 * never change what they read.
 */
export function inProcessTransport(core: Core, user: User, shares: boolean): Transport {
  const closed = new AbortController();
  return {
    async send(request, signal): Promise<Response> {
      signal.throwIfAborted();
      if (closed.signal.aborted || core.closing.aborted) {
        throw new ApiError({ code: 0, reason: 'Unreachable', message: `${request.method} ${request.path}: the server is closed` });
      }
      const { body = '', headers = {}, method, path } = request;
      let ended: AbortSignal | undefined;
      const bytes = typeof body === 'string' ? encoder.encode(body) : body;
      const incoming: Incoming = {
        method,
        path,
        headers,
        body: bytes,
        // Few requests wait for anything: a signal of signals costs more than the rest of a small one.
        get signal() {
          return (ended ??= AbortSignal.any([signal, closed.signal]));
        },
      };
      const answer = await handle(core, incoming, known(user));
      signal.throwIfAborted();
      const spoken = shares ? spokenOf(answer.body, signal) : undefined;
      return { status: answer.status, headers: answer.headers, body: read(answer.body, signal), ...(spoken === undefined ? {} : { spoken }) };
    },
    async [Symbol.asyncDispose]() {
      closed.abort();
    },
  };
}

/** An aborted signal ends the body with the signal's reason, as it does over a network. */
async function* read(body: Outgoing['body'], signal: AbortSignal): AsyncGenerator<Uint8Array> {
  if (isStream(body)) yield* body;
  else yield bytesOf(body);
  signal.throwIfAborted();
}

function spokenOf(body: Outgoing['body'], signal: AbortSignal): Response['spoken'] {
  if (typeof body === 'string' || body instanceof Uint8Array) return undefined;
  if (!isStream(body)) return { value: body.value };
  return body.values === undefined ? undefined : { values: until(body.values, signal) };
}

async function* until(values: AsyncIterable<unknown>, signal: AbortSignal): AsyncGenerator {
  yield* values;
  signal.throwIfAborted();
}
