import { ApiError } from '@binnacle/client';
import type { Request, Transport } from '@binnacle/client';

/** Where a process dies: at its `write`-th write (0-based), `before` it is sent or `after` it was carried out, its answer lost. */
export interface CrashPoint {
  readonly write: number;
  readonly moment: 'before' | 'after';
}

/** A process's door to the API that can be slammed. */
export interface Door {
  readonly transport: Transport;
  /** Writes sent so far, `METHOD path`; Events and Leases do not count. */
  readonly writes: readonly string[];
  /** All requests so far, reads and watches too. */
  readonly requests: readonly string[];
  /** From now on nothing goes through, and open watches end. */
  slam(): void;
}

/** Wraps a transport; at `point`, slams itself and calls `died`. */
export function door(inner: Transport, point: CrashPoint | undefined, died: () => void): Door {
  const writes: string[] = [];
  const requests: string[] = [];
  const closed = new AbortController();
  const slam = () => closed.abort(unreachable());

  const transport: Transport = {
    async send(request, signal) {
      if (closed.signal.aborted) throw unreachable();
      requests.push(`${request.method} ${request.path}`);
      const both = AbortSignal.any([signal, closed.signal]);
      if (!isWrite(request)) return inner.send(request, both);
      const here = point !== undefined && writes.length === point.write;
      writes.push(`${request.method} ${request.path}`);
      if (!here) return inner.send(request, both);
      if (point.moment === 'after') {
        const response = await inner.send(request, signal);
        for await (const _chunk of response.body); // the server has done it; nobody hears of it
      }
      slam();
      died();
      throw unreachable();
    },
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
  return { transport, writes, requests, slam };
}

function isWrite(request: Request): boolean {
  if (request.method === 'GET') return false;
  return !/\/(events|leases|selfsubjectaccessreviews)(\/|\?|$)/.test(request.path);
}

const unreachable = () => new ApiError({ code: 0, reason: 'Unreachable', message: 'the process died' });
