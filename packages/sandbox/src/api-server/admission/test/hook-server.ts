import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { duplexPair } from 'node:stream';
import { systemClock } from '@binnacle/client';
import type { Network } from '@binnacle/client';
import { createAuthority, createServerCertificate, longLife } from '@binnacle/runtime';

/** What a webhook answers: a response without its uid, another whole body as text, or nothing at all. */
export type Reply = { readonly allowed: boolean; readonly [field: string]: unknown } | { readonly status: number; readonly text: string } | 'silence';

/** A webhook server on loopback, reachable as well as the service `hooks` in `default`. */
export interface HookServer extends AsyncDisposable {
  readonly url: string;
  readonly caBundle: string;
  readonly network: Network;
  /** Requests asked about, oldest first, with the path they came by. */
  readonly asked: (Readonly<Record<string, any>> & { readonly path: string })[];
}

export async function hookServer(reply: (request: any, path: string) => Reply): Promise<HookServer> {
  const valid = longLife(systemClock().now());
  const authority = createAuthority('hooks', valid);
  const { certificate, key } = createServerCertificate(authority, 'hooks', ['127.0.0.1', 'hooks.default.svc'], valid);
  const asked: HookServer['asked'] = [];
  const server = createServer({ cert: certificate, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const review = JSON.parse(Buffer.concat(chunks).toString()).request;
      asked.push({ ...review, path: request.url! });
      const said = reply(review, request.url!);
      if (said === 'silence') return;
      if ('text' in said) return response.writeHead(Number(said.status)).end(said.text);
      response.end(JSON.stringify({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', response: { uid: review.uid, ...said } }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caBundle: Buffer.from(authority.certificate).toString('base64'),
    network: {
      connect(address) {
        if (address.host !== 'hooks.default.svc' || address.port !== 8443) return Promise.reject(new Error(`${address.host}:${address.port}: nobody listens`));
        const [client, far] = duplexPair();
        server.emit('connection', far);
        return Promise.resolve(client);
      },
    },
    asked,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A JSON patch as a response carries it. */
export const patch = (...operations: readonly object[]) => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});
