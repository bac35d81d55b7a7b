import { ApiError, connect } from '../src/index.ts';
import type { Api, Request, Response, Transport } from '../src/index.ts';
import { fakeClock } from './fake-clock.ts';
import type { FakeClock } from './fake-clock.ts';

/** One answer. A body is JSON, or chunks as they arrive: text, bytes, an error that cuts it off, `silence`, which only the signal ends, or
 * `hangUp`, which ends as if all were said when the signal is aborted: transports should not, and some will. */
export interface Scripted {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly chunks?: readonly (string | Uint8Array | Error | typeof silence | typeof hangUp)[];
}

export const silence = Symbol('silence');
export const hangUp = Symbol('hangUp');

/** The error of a connection that breaks. */
export const reset = new ApiError({ code: 0, reason: 'Unreachable', message: 'ECONNRESET' });

export interface Script {
  readonly api: Api;
  readonly clock: FakeClock;
  readonly requests: readonly Request[];
  /** Signals of the requests, in order: aborted once nobody reads any more. */
  readonly signals: readonly AbortSignal[];
}

/** An API whose server gives these answers, one a request, and fails the test on one request more. */
export function scripted(...answers: readonly Scripted[]): Script {
  const clock = fakeClock();
  const requests: Request[] = [];
  const signals: AbortSignal[] = [];
  const transport: Transport = {
    send(request, signal) {
      const answer = answers[requests.length];
      requests.push(request);
      signals.push(signal);
      if (answer === undefined) return Promise.reject(new Error(`not in the script: ${request.method} ${request.path}`));
      return Promise.resolve(respond(answer, signal));
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { api: connect({ transport, clock, userAgent: 'test/1' }), clock, requests, signals };
}

/** The query of a request, as a plain object. */
export function queryOf(request: Request | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(new URL(request?.path ?? '', 'http://x').searchParams);
}

/** One line of a watch. */
export function eventLine(type: string, object: unknown): string {
  return `${JSON.stringify({ type, object })}\n`;
}

function respond({ status = 200, headers = {}, json, chunks = [] }: Scripted, signal: AbortSignal): Response {
  const parts = json === undefined ? chunks : [JSON.stringify(json)];
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const part of parts) {
      if (part === silence || part === hangUp) await aborted(signal);
      if (part === hangUp) return;
      signal.throwIfAborted();
      if (part instanceof Error) throw part;
      if (part !== silence) yield typeof part === 'string' ? Buffer.from(part) : part;
    }
  }
  return { status, headers, body: body() };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
