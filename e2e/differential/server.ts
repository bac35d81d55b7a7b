import { Agent, request } from 'node:https';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { systemClock } from '@binnacle/client';
import type { Cluster, Transport } from '@binnacle/client';
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
const RETRIES = 30;

/** A server over HTTPS. */
export function overHttps(name: string, cluster: Cluster): Server {
  if (cluster.credentials.type !== 'token') throw new Error('a server under comparison is reached by token');
  const authorization = `Bearer ${cluster.credentials.token}`;
  const clock = systemClock();
  const agent = new Agent({ keepAlive: true, ...(cluster.ca === undefined ? {} : { ca: cluster.ca }) });
  const send = async (method: Method, path: string, body: Json, contentType: string, accept = 'application/json'): Promise<IncomingMessage> => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const head = text === undefined ? {} : { 'content-type': contentType, 'content-length': String(Buffer.byteLength(text)) };
    const sent = request(new URL(path, cluster.server), { method, agent, headers: { authorization, accept, ...head } });
    sent.end(text);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  };
  return {
    name,
    async ask(method, path, body, contentType = 'application/json', accept = 'application/json') {
      for (let left = RETRIES; ; left -= 1) {
        const response = await send(method, path, body, contentType, accept);
        const chunks: Buffer[] = [];
        for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
        const answer = reply(response.statusCode ?? 0, Buffer.concat(chunks).toString(), response.headersDistinct['warning']?.join(', '));
        if (answer.status === 429 && !isAnswer(answer) && left > 0) {
          await clock.sleep(Number(response.headers['retry-after'] ?? 1) * 1000);
          continue;
        }
        return answer;
      }
    },
    async watch(path, last) {
      const response = await send('GET', path, undefined, '');
      try {
        return await untilLast(response as AsyncIterable<Buffer>, last);
      } finally {
        response.destroy();
      }
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
    },
  };
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
  throw new Error(`the watch ended early: ${JSON.stringify(events)} ${rest.slice(0, 500)}`);
}
