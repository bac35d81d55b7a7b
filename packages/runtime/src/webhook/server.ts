import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { KeyPair } from '../certificates/certificate.ts';
import type { AdmissionReview } from './review.ts';

/** Answers the AdmissionReview that was sent to a path. @throws {Error} when it is none. */
export type PathReviewer = (path: string, review: unknown) => AdmissionReview;

/** Source: the API server's own limit for objects (spec/reliability.md §3.1, S-09). */
const MAX_REVIEW_BYTES = 3 * 1024 * 1024;
/** Longest wait for a client's bytes: an API server sends at once. */
const REQUEST_TIMEOUT_MS = 5_000;

/** A webhook server that listens. */
export interface WebhookServer extends AsyncDisposable {
  readonly port: number;
  /** Shows another certificate from the next connection on. */
  use(leaf: KeyPair): void;
}

/**
 * Answers reviews over HTTPS, TLS 1.2 or newer: `POST` to any path. What is no review is a 400 and never a verdict.
 * @throws {Error} when the port is taken.
 */
export async function webhookServer(parts: {
  readonly leaf: KeyPair;
  readonly review: PathReviewer;
  readonly port: number;
  readonly host: string;
}): Promise<WebhookServer> {
  const limits = { headersTimeout: REQUEST_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  const server = createServer({ ...secure(parts.leaf), ...limits }, (request, response) => {
    answer(parts.review, request, response).catch(() => response.destroy());
  });
  // Who speaks no TLS or does not trust us goes away by itself.
  server.on('tlsClientError', () => undefined);
  server.listen(parts.port, parts.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    use: (leaf) => server.setSecureContext(secure(leaf)),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const secure = ({ certificate, key }: KeyPair) => ({ cert: certificate, key, minVersion: 'TLSv1.2' as const });

async function answer(review: PathReviewer, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const say = (status: number, body: string, type = 'text/plain; charset=utf-8'): void => void response.writeHead(status, { 'content-type': type }).end(body);
  if (request.method !== 'POST') return say(405, 'only POST\n');
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_REVIEW_BYTES) return say(413, `at most ${MAX_REVIEW_BYTES} bytes\n`);
    chunks.push(chunk);
  }
  try {
    say(200, JSON.stringify(review(request.url ?? '/', JSON.parse(Buffer.concat(chunks).toString()))), 'application/json');
  } catch (error) {
    say(400, `${error instanceof Error ? error.message : String(error)}\n`);
  }
}
