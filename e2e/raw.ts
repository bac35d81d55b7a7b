import { once } from 'node:events';
import { Agent, request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { Cluster } from '@binnacle/client';

/** A connection that nobody uses is closed by us after this, well before a real server does after 90 s: else a request may be sent on one that just goes, and is lost. */
export const UNUSED_MS = 20_000;

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  /** Names in lower case; several values of one name are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** The body, when it is a JSON object; otherwise `undefined`. */
  readonly json: any;
}

export interface RawOptions {
  /** Sent as it is: text, bytes, or anything else as JSON. */
  readonly body?: unknown;
  /** Beside the credentials; `authorization` replaces them, and an empty one leaves them out. Without a content type a body is JSON. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One line of a watch. */
export interface RawEvent {
  readonly type: string;
  readonly object: any;
}

/** A watch that has begun: its head is read. It ends when the server ends it. Closing it hangs up. */
export interface RawWatch extends AsyncDisposable {
  readonly status: number;
  /** The next event; `undefined` when the server has ended the stream. @throws {Error} when none comes within three minutes. */
  next(): Promise<RawEvent | undefined>;
}

/** Requests with full control of what is sent, and answers as they came. */
export interface RawDoor {
  ask(method: string, path: string, options?: RawOptions): Promise<Answer>;
  watch(path: string, options?: Pick<RawOptions, 'headers'>): Promise<RawWatch>;
}

/** A real server on a busy machine has nothing to tell for long. */
const SILENCE_MS = 180_000;

/** HTTPS to a cluster as its administrator. */
export function rawDoor(cluster: Cluster): RawDoor & AsyncDisposable {
  const { credentials } = cluster;
  const tls = {
    ...(cluster.ca === undefined ? {} : { ca: cluster.ca }),
    ...(credentials.type === 'certificate' ? { cert: credentials.cert, key: credentials.key } : {}),
  };
  const agent = new Agent({ ...tls, keepAlive: true, timeout: UNUSED_MS });
  // Without a certificate: who shows one is known by it, whatever else it sends.
  const anonymous = new Agent({ ...(cluster.ca === undefined ? {} : { ca: cluster.ca }), keepAlive: true, timeout: UNUSED_MS });
  const own: Readonly<Record<string, string>> = credentials.type === 'token' ? { authorization: `Bearer ${credentials.token}` } : {};

  const send = async (method: string, path: string, { body, headers = {} }: RawOptions): Promise<IncomingMessage> => {
    const given = Object.fromEntries(Object.entries({ ...own, ...headers }).filter(([, value]) => value !== ''));
    const bytes = body === undefined || typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
    const sent = request(new URL(path, cluster.server), {
      method,
      agent: 'authorization' in headers ? anonymous : agent,
      headers: { ...(bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(bytes)) }), ...given },
    });
    sent.end(bytes);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  };

  return {
    async ask(method, path, options = {}) {
      const response = await send(method, path, options);
      const chunks: Buffer[] = [];
      for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const headers = Object.fromEntries(
        Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
      );
      return { status: response.statusCode ?? 0, headers, text, json: text.startsWith('{') ? JSON.parse(text) : undefined };
    },
    async watch(path, options = {}) {
      const response = await send('GET', path, options);
      const events = eventsOf(response);
      const { socket } = response;
      const silent = () => void response.destroy(new Error(`${path}: no event within ${SILENCE_MS} ms`));
      socket.setTimeout(SILENCE_MS, silent);
      // The connection is used again by whoever comes next.
      response.once('close', () => socket.off('timeout', silent).setTimeout(0));
      return {
        status: response.statusCode ?? 0,
        async next() {
          const { done, value } = await events.next();
          return done === true ? undefined : value;
        },
        async [Symbol.asyncDispose]() {
          response.destroy();
          await events.return(undefined);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
      anonymous.destroy();
    },
  };
}

async function* eventsOf(response: IncomingMessage): AsyncGenerator<RawEvent, undefined> {
  let rest = '';
  for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) if (line !== '') yield JSON.parse(line) as RawEvent;
  }
  return undefined;
}
