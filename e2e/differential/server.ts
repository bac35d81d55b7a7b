import { Agent, request } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { systemClock } from '@binnacle/client';
import type { Cluster, Transport } from '@binnacle/client';
import { UNUSED_MS } from '../raw.ts';
import { limitsSeen } from './limits.ts';
import type { Json } from './step.ts';

export interface Reply {
  readonly status: number;
  readonly json: Json;
  /** Number of warnings, which are told in a header. */
  readonly warnings: number;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A server under comparison. */
export interface Server extends AsyncDisposable {
  readonly name: string;
  ask(method: Method, path: string, body?: Json, contentType?: string, accept?: string): Promise<Reply>;
  /** Events of a watch until one holds; then it hangs up. @throws {Error} when the server ends it before. */
  watch(path: string, last: (event: Json) => boolean): Promise<readonly Json[]>;
  /** Until whatever judges requests by LimitRanges knows those that are stored now. Absent: it looks at what is stored. */
  readonly limitsSeen?: () => Promise<void>;
}

/** A server in this process. */
export function inProcess(name: string, transport: Transport): Server {
  const send = async (method: Method, path: string, body: Json, contentType: string, signal: AbortSignal, accept = 'application/json') =>
    transport.send(
      {
        method,
        path,
        headers: { accept, ...(body === undefined ? {} : { 'content-type': contentType }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      },
      signal,
    );
  return {
    name,
    async ask(method, path, body, contentType = 'application/json', accept = 'application/json') {
      const response = await send(method, path, body, contentType, new AbortController().signal, accept);
      const chunks: Uint8Array[] = [];
      for await (const chunk of response.body) chunks.push(chunk);
      return reply(response.status, Buffer.concat(chunks).toString(), response.headers['warning']);
    },
    async watch(path, last) {
      const hangUp = new AbortController();
      const response = await send('GET', path, undefined, '', hangUp.signal);
      try {
        return await untilLast(response.body, last);
      } finally {
        hangUp.abort();
      }
    },
    [Symbol.asyncDispose]: () => transport[Symbol.asyncDispose](),
  };
}

/** A busy server asks to come again: while a kind's cache is being filled, and under load. */
const RETRIES = 120;

/** A server over HTTPS. */
export function overHttps(name: string, cluster: Cluster): Server {
  if (cluster.credentials.type !== 'token') throw new Error('a server under comparison is reached by token');
  const authorization = `Bearer ${cluster.credentials.token}`;
  const clock = systemClock();
  const agent = new Agent({ keepAlive: true, timeout: UNUSED_MS, ...(cluster.ca === undefined ? {} : { ca: cluster.ca }) });
  const send = async (method: Method, path: string, body: Json, contentType: string, accept = 'application/json'): Promise<IncomingMessage> => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const head = text === undefined ? {} : { 'content-type': contentType, 'content-length': String(Buffer.byteLength(text)) };
    const sent = request(new URL(path, cluster.server), { method, agent, headers: { authorization, accept, ...head } });
    sent.end(text);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  };
  /** Asks again where the server is too busy; `true`: it was, and some time has passed. */
  const isBusy = async ({ headers }: IncomingMessage, answer: Reply, left: number): Promise<boolean> => {
    if (answer.status !== 429 || isAnswer(answer) || left === 0) return false;
    await clock.sleep(Number(headers['retry-after'] ?? 1) * 1000);
    return true;
  };
  const ask: Server['ask'] = async (method, path, body, contentType = 'application/json', accept = 'application/json') => {
    for (let left = RETRIES; ; left -= 1) {
      const response = await send(method, path, body, contentType, accept);
      const answer = await read(response);
      if (!(await isBusy(response, answer, left))) return answer;
    }
  };
  return {
    name,
    ask,
    async watch(path, last) {
      for (let left = RETRIES; ; left -= 1) {
        const response = await send('GET', path, undefined, '');
        if (response.statusCode !== 200) {
          const answer = await read(response);
          if (await isBusy(response, answer, left)) continue;
          throw new Error(`${name}: GET ${path}: a watch was expected and ${answer.status} came: ${JSON.stringify(answer.json).slice(0, 300)}`);
        }
        try {
          return await untilLast(response as AsyncIterable<Buffer>, last);
        } catch (error) {
          throw new Error(`${name}: GET ${path}: ${String(error)}`, { cause: error });
        } finally {
          response.destroy();
        }
      }
    },
    limitsSeen: limitsSeen(ask),
    async [Symbol.asyncDispose]() {
      agent.destroy();
    },
  };
}

async function read(response: IncomingMessage): Promise<Reply> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return reply(response.statusCode ?? 0, Buffer.concat(chunks).toString(), response.headersDistinct['warning']?.join(', '));
}

/** An eviction that a budget does not allow is refused as if the server were busy. */
function isAnswer({ json }: Reply): boolean {
  return json?.details?.causes?.some(({ reason }: Json) => reason === 'DisruptionBudget') === true;
}

function reply(status: number, text: string, warning: string | undefined): Reply {
  const json: Json = text.startsWith('{') ? JSON.parse(text) : text;
  return { status, json, warnings: warning === undefined ? 0 : (warning.match(/299 - /g)?.length ?? 1) };
}

async function untilLast(body: AsyncIterable<Uint8Array>, last: (event: Json) => boolean): Promise<readonly Json[]> {
  const events: Json[] = [];
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      if (line === '') continue;
      const event = JSON.parse(line) as Json;
      if (last(event)) return events;
      events.push(event);
    }
  }
  throw new Error(`the watch ended early, after ${events.length} events: ${JSON.stringify(events.at(-1))?.slice(0, 300)} ${rest.slice(0, 300)}`);
}
