import type { Duplex } from 'node:stream';

/** What is answered to `GET /path`, or to another method; `undefined`: 404. */
export type Pages = (
  path: string,
  asked: { readonly method: string; readonly query: URLSearchParams },
) => { readonly type: string; readonly body: string } | undefined;

const HEAD_MAX = 64 * 1024;

/** Answers one request without a body and closes: enough for health checks, scrapes and settings. */
export function serveHttp(stream: Duplex, pages: Pages): void {
  let head = '';
  stream.on('error', () => stream.destroy());
  stream.on('data', (chunk: Buffer) => {
    head += chunk.toString('latin1');
    if (head.length > HEAD_MAX) return stream.destroy();
    if (!head.includes('\r\n\r\n')) return;
    stream.removeAllListeners('data');
    const [, method = '', path, query = ''] = /^([A-Z]+) ([^ ?]*)(?:\?([^ ]*))?/.exec(head) ?? [];
    const page = path === undefined ? undefined : pages(path, { method, query: new URLSearchParams(query) });
    const body = page?.body ?? 'not found\n';
    const lines = [
      page === undefined ? 'HTTP/1.1 404 Not Found' : 'HTTP/1.1 200 OK',
      `Content-Type: ${page?.type ?? 'text/plain'}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body,
    ];
    stream.end(lines.join('\r\n'));
  });
}
