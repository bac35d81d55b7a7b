import type { Duplex } from 'node:stream';
import { http } from './node-http.ts';

export interface OneRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/**
 * Sends one HTTP request over a stream that is open already, such as Network gives, and reads the answer as UTF-8. The stream is of no use afterwards and stays the
 * caller's to destroy.
 * @throws {Error} whatever broke; an answer longer than `bytesMost`; the signal's reason.
 */
export function requestOver(
  stream: Duplex,
  host: string,
  { method, path, headers = {}, body: sending = '' }: OneRequest,
  { bytesMost, signal }: { readonly bytesMost: number; readonly signal: AbortSignal },
): Promise<{ readonly status: number; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const length = sending === '' ? {} : { 'content-length': Buffer.byteLength(sending) };
    const sent = http.request({ method, host, path, headers: { ...headers, ...length }, signal, createConnection: () => stream }, (answer) => {
      let body = '';
      answer.setEncoding('utf8');
      answer.on('data', (part: string) => {
        body += part;
        if (body.length > bytesMost) answer.destroy(new Error('the page is too long'));
      });
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    sent.on('error', reject);
    sent.end(sending);
  });
}
