import { request } from 'node:http';
import type { Duplex } from 'node:stream';
import { NetworkError, alarm } from '@binnacle/client';
import type { Clock, Network } from '@binnacle/client';
import type { MemberAddress } from './connection.ts';
import { MemberError } from './error.ts';

/** Time limit of the whole request; ms. */
const LIMIT_MS = 5_000;
/** Pages have some hundred bytes. */
const PAGE_BYTES_MOST = 64 * 1024;

export interface RestRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: string;
}

/**
 * One request to a member's REST port, over a connection of its own: members promise no keep-alive.
 * @throws {MemberError} `unreachable` or `lost`, also for any status but 200; the signal's reason when aborted.
 */
export async function rest(
  doors: { readonly network: Network; readonly clock: Clock },
  address: MemberAddress,
  asked: RestRequest,
  signal: AbortSignal,
): Promise<string> {
  using limit = alarm(doors.clock, LIMIT_MS);
  const either = AbortSignal.any([signal, limit.signal]);
  try {
    const stream = await doors.network.connect(address, either);
    try {
      return await send(stream, address.host, asked, either);
    } finally {
      stream.destroy();
    }
  } catch (error) {
    signal.throwIfAborted();
    const code = error instanceof NetworkError ? 'unreachable' : 'lost';
    throw new MemberError(code, `${address.host}:${address.port}: no answer to ${asked.method} ${asked.path}`, { cause: error });
  }
}

function send(stream: Duplex, host: string, { method, path, body: sending }: RestRequest, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = sending === '' ? {} : { 'content-length': Buffer.byteLength(sending) };
    const sent = request({ method, host, path, headers, signal, createConnection: () => stream }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        body += part;
        if (body.length > PAGE_BYTES_MOST) answer.destroy(new Error('the page is too long'));
      });
      answer.on('error', reject);
      answer.on('end', () => (answer.statusCode === 200 ? resolve(body) : reject(new Error(`status ${answer.statusCode}`))));
    });
    sent.on('error', reject);
    sent.end(sending);
  });
}
