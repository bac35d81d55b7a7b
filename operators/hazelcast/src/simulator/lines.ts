import type { Duplex } from 'node:stream';

/** A line longer than this is not ours; characters. */
const LINE_MOST = 1024 * 1024;

/** JSON values over a stream, one a line. `end` is called once, however the stream ends. What is no JSON ends the stream. */
export function lines<T>(stream: Duplex, receive: (message: T) => void, end: () => void): { send(message: T): void; close(): void } {
  let rest = '';
  let ended = false;
  const finish = () => {
    if (ended) return;
    ended = true;
    stream.destroy();
    end();
  };
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    if (rest.length > LINE_MOST) return finish();
    try {
      for (const part of parts) receive(JSON.parse(part) as T);
    } catch {
      finish();
    }
  });
  stream.on('error', finish);
  stream.on('end', finish);
  stream.on('close', finish);
  return {
    send: (message) => void (stream.destroyed || stream.write(`${JSON.stringify(message)}\n`)),
    close: finish,
  };
}
