import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@binnacle/client';
import { createAuthority, createServerCertificate, longLife } from '@binnacle/runtime';

/** What a server of reviews answers: a review, another whole body as text, or nothing at all. */
export type Answered = object | { readonly status: number; readonly text: string } | 'silence';

/** A server on loopback with a certificate of its own, that API servers send reviews to. */
export interface ReviewServer extends AsyncDisposable {
  readonly url: string;
  readonly caBundle: string;
}

/** `answer` is given what was sent and the path that it came by. */
export async function reviewServer(answer: (review: any, path: string) => Answered | Promise<Answered>): Promise<ReviewServer> {
  const valid = longLife(systemClock().now());
  const authority = createAuthority('hooks', valid);
  const { certificate, key } = createServerCertificate(authority, 'hooks', ['127.0.0.1'], valid);
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      Promise.resolve(answer(JSON.parse(Buffer.concat(chunks).toString()), request.url!)).then(
        (said) => {
          if (said === 'silence') return;
          if ('text' in said) response.writeHead(Number(said.status)).end(said.text);
          else response.end(JSON.stringify(said));
        },
        (error: Error) => response.destroy(error),
      );
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caBundle: Buffer.from(authority.certificate).toString('base64'),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
