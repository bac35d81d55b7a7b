import type { Duplex } from 'node:stream';

/** JSON values over a byte stream, one a line: what simulated processes say to each other where real ones speak thrift and BDB. */
export interface Lines extends AsyncIterable<unknown>, Disposable {
  send(value: unknown): void;
  /** Says goodbye: what was sent still arrives. Disposing hangs up at once. */
  end(): void;
}

/** Nobody here has more to say in one line; ends a stream that is not ours. */
const LINE_MAX = 8 * 1024 * 1024;

/** Reads and writes JSON lines. The iteration ends with the stream, whichever way it ends. */
export function lines(stream: Duplex): Lines {
  stream.on('error', () => stream.destroy()); // a peer that died is a stream that ended
  return {
    send(value) {
      if (!stream.destroyed && stream.writable) stream.write(`${JSON.stringify(value)}\n`);
    },
    end() {
      if (!stream.destroyed) stream.end();
      stream.resume(); // nothing more is read, and only a stream that is read to its end closes
    },
    async *[Symbol.asyncIterator]() {
      let rest = '';
      try {
        for await (const chunk of stream) {
          rest += String(chunk);
          if (rest.length > LINE_MAX) return;
          for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
            const line = rest.slice(0, end);
            rest = rest.slice(end + 1);
            yield JSON.parse(line) as unknown;
          }
        }
      } catch {
        // the stream broke or spoke no JSON: the same as hanging up
      } finally {
        stream.destroy();
      }
    },
    [Symbol.dispose]: () => stream.destroy(),
  };
}

/** The next value, or `undefined` when the stream has ended. */
export async function next(from: AsyncIterator<unknown>): Promise<unknown> {
  const { value, done } = await from.next();
  return done === true ? undefined : value;
}
