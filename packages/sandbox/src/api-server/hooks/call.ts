import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import type { MutatingWebhook } from '@binnacle/client/kinds';
import type { Core } from '../core/core.ts';

/** Where somebody answers reviews. A stored one has a URL or a service: the rules of its kind refuse others. */
export interface Endpoint {
  readonly clientConfig: MutatingWebhook['clientConfig'];
  readonly timeoutSeconds: number;
}

/** The longest answer that is read. Source: the real server's limit for requests. */
const MAX_ANSWER_BYTES = 3 * 1024 * 1024;

/** Where a webhook is: what to dial, whose certificate to expect, and the URL as messages show it. */
interface Target {
  readonly url: URL;
  readonly dial: ((signal: AbortSignal) => Promise<Duplex>) | undefined;
}

/**
 * Sends a review to a webhook and reads the JSON it answers with. A certificate that the webhook's `caBundle` does not sign is a failure, redirects are not followed.
 * @throws {Error} with the real server's text when there is no answer in time, or none that can be read; the signal's reason when that was aborted.
 */
export async function callHook(core: Core, hook: Endpoint, body: string, signal: AbortSignal): Promise<unknown> {
  const { timeoutSeconds } = hook;
  const target = targetOf(core, hook);
  const late = new AbortController();
  using _ = core.clock.timer(timeoutSeconds * 1000, () => late.abort(new Error('context deadline exceeded')));
  const where = `Post "${target.url.href}"`;
  try {
    const inside = core.hooks?.(target.url, body);
    if (inside === undefined) return read(await send(target, hook, body, AbortSignal.any([signal, late.signal])));
    if ((hook.clientConfig.caBundle ?? '') === '') throw new Error('tls: failed to verify certificate: x509: certificate signed by unknown authority');
    return read({ status: 200, text: await inside });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof Unusable) throw error;
    const why = late.signal.aborted ? 'context deadline exceeded' : (error as Error).message;
    throw new Error(`${where}: ${why}`, { cause: error });
  }
}

function targetOf(core: Core, { clientConfig, timeoutSeconds }: Endpoint): Target {
  const { url: text, service } = clientConfig;
  if (text !== undefined) return { url: timed(new URL(text), timeoutSeconds), dial: undefined };
  // Sound: see the type.
  const { namespace, name, path = '/', port = 443 } = service!;
  const host = `${name}.${namespace}.svc`;
  const dial = async (signal: AbortSignal) => {
    const network = core.network();
    if (network === undefined) throw new Error(`dial tcp: lookup ${host}: this server is on no network`);
    return network.connect({ host, port }, signal);
  };
  return { url: timed(new URL(path, `https://${host}:${port}`), timeoutSeconds), dial };
}

/** The time that is left is told to the webhook. */
function timed(url: URL, seconds: number): URL {
  url.searchParams.set('timeout', `${seconds}s`);
  return url;
}

/** An answer came, and it is of no use. */
class Unusable extends Error {}

async function send(
  { url, dial }: Target,
  { clientConfig }: Endpoint,
  body: string,
  signal: AbortSignal,
): Promise<{ readonly status: number; readonly text: string }> {
  const ca = (clientConfig.caBundle ?? '') === '' ? {} : { ca: Buffer.from(clientConfig.caBundle!, 'base64') };
  const socket = dial === undefined ? undefined : connect({ socket: await dial(signal), servername: url.hostname, ...ca });
  const headers = { 'content-type': 'application/json', accept: 'application/json', 'content-length': String(Buffer.byteLength(body)) };
  // An agent would dial by itself, and keep connections that nobody closes.
  const connection = socket === undefined ? { agent: false as const } : { createConnection: () => socket };
  const options = { method: 'POST', headers: { ...headers, connection: 'close' }, signal, ...ca, ...connection };
  try {
    const answer = Promise.withResolvers<IncomingMessage>();
    const sent: ClientRequest = request(url, options, answer.resolve);
    sent.on('error', answer.reject);
    sent.end(body);
    const response = await answer.promise;
    return { status: response.statusCode ?? 0, text: await bodyOf(response) };
  } finally {
    socket?.destroy();
  }
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Unusable(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function read({ status, text }: { readonly status: number; readonly text: string }): unknown {
  // Source: what client-go says of answers that are no Status.
  if (status === 404) throw new Unusable('the server could not find the requested resource');
  if (status >= 500) throw new Unusable(`an error on the server (${JSON.stringify(text.trim().slice(0, 1024))}) has prevented the request from succeeding`);
  if (status < 200 || status > 299) throw new Unusable(`the server rejected our request for an unknown reason (status ${status})`);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Unusable(`couldn't get version/kind; json parse error: ${(error as Error).message}`, { cause: error });
  }
}
