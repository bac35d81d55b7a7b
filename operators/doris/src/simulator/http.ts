import type { Duplex } from 'node:stream';

/** A page by path, or `undefined`: 404. */
export type Pages = (path: string) => { readonly type: string; readonly body: string } | undefined;

const HEAD_MAX = 64 * 1024;

/** Answers one GET and closes: enough for health checks and scrapes. */
export function serveHttp(stream: Duplex, pages: Pages): void {
  let head = '';
  stream.on('error', () => stream.destroy());
  stream.on('data', (chunk: Buffer) => {
    head += chunk.toString('latin1');
    if (head.length > HEAD_MAX) return stream.destroy();
    if (!head.includes('\r\n\r\n')) return;
    stream.removeAllListeners('data');
    const path = /^GET ([^ ?]*)/.exec(head)?.[1];
    const page = path === undefined ? undefined : pages(path);
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
