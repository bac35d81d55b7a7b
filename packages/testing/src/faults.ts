import { ApiError } from '@binnacle/client';
import type { Clock, Request, Response, Transport } from '@binnacle/client';

/** How often things go wrong: chances in [0, 1] for each request, or for each event of a watch. Absent: never. */
export interface FaultPlan {
  /** The request never arrives. */
  readonly lost?: number;
  /** It is carried out, and its answer is lost. */
  readonly answerLost?: number;
  /** A write is refused with 409 `Conflict`, as if somebody had been faster. */
  readonly conflict?: number;
  /** 429 with `Retry-After: 1`. */
  readonly tooManyRequests?: number;
  /** 503. */
  readonly unavailable?: number;
  /** It takes up to so long; ms. */
  readonly delayMs?: number;
  /** A watch is reset at an event. */
  readonly watchDropped?: number;
  /** A watch says nothing any more, and does not end. */
  readonly watchStalled?: number;
  /** Virtual time after which nothing goes wrong any more; ms on the clock's `monotonic()`. */
  readonly untilMs: number;
}

const NEWLINE = 0x0a;

/** A transport on which the plan's things go wrong, drawn from the clock's chance: the same seed replays the same run. */
export function faulty(inner: Transport, clock: Clock, plan: FaultPlan): Transport & { readonly faults: () => number } {
  let faults = 0;
  const strikes = (chance: number | undefined): boolean => {
    if (chance === undefined || clock.monotonic() >= plan.untilMs || clock.random() >= chance) return false;
    faults += 1;
    return true;
  };

  async function send(request: Request, signal: AbortSignal): Promise<Response> {
    if (plan.delayMs !== undefined && clock.monotonic() < plan.untilMs) await clock.sleep(clock.random() * plan.delayMs, signal);
    if (strikes(plan.lost)) throw unreachable('the request was lost');
    if (strikes(plan.unavailable)) return refusal(503, 'ServiceUnavailable', 'the server is currently unable to handle the request');
    if (strikes(plan.tooManyRequests)) return refusal(429, 'TooManyRequests', 'the server has received too many requests', { 'retry-after': '1' });
    if (request.method !== 'GET' && strikes(plan.conflict))
      return refusal(409, 'Conflict', 'the object has been modified; please apply your changes to the latest version and try again');
    const response = await inner.send(request, signal);
    if (/[?&]watch=(true|1)/.test(request.path)) return { ...response, body: shaky(response.body, signal) };
    if (!strikes(plan.answerLost)) return response;
    for await (const _chunk of response.body); // carried out to its end; nobody hears of it
    throw unreachable('the answer was lost');
  }

  async function* shaky(body: AsyncIterable<Uint8Array>, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      for (const event of events(chunk)) {
        if (strikes(plan.watchDropped)) throw unreachable('the watch was reset');
        if (strikes(plan.watchStalled)) await silence(signal);
        yield event;
      }
    }
  }

  return { send, faults: () => faults, [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose]() };
}

/** Several events may come in one chunk. */
function* events(chunk: Uint8Array): Generator<Uint8Array> {
  let start = 0;
  for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
    yield chunk.subarray(start, end + 1);
    start = end + 1;
  }
  if (start < chunk.byteLength) yield chunk.subarray(start);
}

function silence(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = () => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

function refusal(code: number, reason: string, message: string, headers: Readonly<Record<string, string>> = {}): Response {
  const body = Buffer.from(JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message }));
  return {
    status: code,
    headers: { 'content-type': 'application/json', ...headers },
    body: (async function* () {
      yield await Promise.resolve(body);
    })(),
  };
}

const unreachable = (message: string) => new ApiError({ code: 0, reason: 'Unreachable', message });
