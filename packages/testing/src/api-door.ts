import { ApiError } from '@binnacle/client';
import type { Request, Transport } from '@binnacle/client';
import { API } from './fate.ts';
import type { Fate } from './fate.ts';

/** A process's door to the API. */
export interface Door {
  readonly transport: Transport;
  /** Writes sent so far, `METHOD path`; Events and Leases do not count. */
  readonly writes: readonly string[];
  /** All requests so far, reads and watches too. */
  readonly requests: readonly string[];
  /** What the server refused: `409 METHOD path`. */
  readonly refused: readonly string[];
}

/** Wraps a transport: each write is a call that the process's fate may befall. Of the dead nothing goes through, and open watches end. */
export function apiDoor(inner: Transport, fate: Fate): Door {
  const requests: string[] = [];
  const refused: string[] = [];
  const closed = new AbortController();
  fate.dead.addEventListener('abort', () => closed.abort(unreachable('the process died')), { once: true });

  const transport: Transport = {
    async send(request, signal) {
      if (closed.signal.aborted) throw unreachable('the process died');
      const name = `${request.method} ${request.path}`;
      requests.push(name);
      const both = AbortSignal.any([signal, closed.signal]);
      const call = isWrite(request) ? fate.next(API, name) : undefined;
      if (call?.moment === undefined) {
        const response = await inner.send(request, both);
        call?.heard();
        if (response.status >= 400) refused.push(`${response.status} ${name}`);
        return response;
      }
      if (call.moment !== 'before') {
        const response = await inner.send(request, signal);
        for await (const _chunk of response.body); // the server has done it; nobody hears of it
      }
      if (call.moment === 'lost') throw unreachable('the answer was lost');
      fate.die();
      throw unreachable('the process died');
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
  return {
    transport,
    requests,
    refused,
    get writes() {
      return (fate.calls[API] ?? []).map(({ name }) => name);
    },
  };
}

function isWrite(request: Request): boolean {
  if (request.method === 'GET') return false;
  return !/\/(events|leases|selfsubjectaccessreviews)(\/|\?|$)/.test(request.path);
}

const unreachable = (message: string) => new ApiError({ code: 0, reason: 'Unreachable', message });
