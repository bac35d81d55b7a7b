import { isIP } from 'node:net';
import { NetworkError, requestOver } from '@binnacle/client';
import type { Network } from '@binnacle/client';
import type { Mandate } from '@binnacle/runtime';
import { secured } from '../../tls/secured.ts';
import { BucketError } from './error.ts';

/** One request to a provider. */
export interface Asked {
  readonly method: 'DELETE' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Sends one request over a connection of its own. @throws {BucketError} `unreachable` */
export type Send = (asked: Asked) => Promise<Answer>;

const ANSWER_BYTES_MOST = 64 * 1024;
/** Names that mean something in the cluster alone. */
const IN_CLUSTER = /\.svc(\.cluster\.local)?$/;

/** Sends until `signal` is aborted, and deletes only while it leads. */
export function sender(ways: { readonly network: Network; readonly internet: Network }, { signal, mustLead }: Mandate): Send {
  return async ({ method, url, headers, body = '' }) => {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    try {
      const stream = await (IN_CLUSTER.test(host) ? ways.network : ways.internet).connect({ host, port }, signal);
      try {
        const safe = url.protocol === 'https:' ? await secured(stream, { host, ...(isIP(host) === 0 ? { servername: host } : {}) }, signal) : stream;
        if (method === 'DELETE') mustLead();
        return await requestOver(
          safe,
          host,
          { method, path: `${url.pathname}${url.search}`, headers: { ...headers, host: url.host, connection: 'close' }, body },
          { bytesMost: ANSWER_BYTES_MOST, signal },
        );
      } finally {
        stream.destroy();
      }
    } catch (error) {
      throw new BucketError('unreachable', `no answer from ${url.host}: ${wordFor(error, signal)}`, { cause: error });
    }
  };
}

/** A word that stays the same from try to try: a message that changes would be written at every pass. */
function wordFor(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'not in time';
  if (error instanceof NetworkError) return error.code;
  const { code } = error as NodeJS.ErrnoException;
  return typeof code === 'string' && /^[A-Z_\d]+$/.test(code) ? code : 'the connection broke';
}
