import { ApiError } from './error.ts';

/** The longest line read; bytes. An object in etcd has 1.5 MB at most, an event is a little more than its object. */
export const LINE_LIMIT_BYTES = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/**
 * Splits a body at newlines, on bytes: a character that two chunks share is whole again before it is decoded.
 * `unended` says what a last line without a newline is: `whole` (a log may end so) or `lost` (an event cut off on its way).
 * @throws {ApiError} `Unreachable` for a `lost` rest; `Unreadable` for a line of more than `LINE_LIMIT_BYTES`.
 */
export async function* lines(body: AsyncIterable<Uint8Array>, unended: 'whole' | 'lost'): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      yield text(parts);
      parts = [];
      bytes = 0;
      start = end + 1;
    }
    if (start < chunk.length) {
      parts.push(chunk.subarray(start));
      bytes += chunk.length - start;
      if (bytes > LINE_LIMIT_BYTES) throw new ApiError({ code: 200, reason: 'Unreadable', message: `a line of more than ${LINE_LIMIT_BYTES} bytes` });
    }
  }
  if (bytes === 0) return;
  if (unended === 'lost')
    throw new ApiError({ code: 0, reason: 'Unreachable', message: `the stream ended in the middle of an event, after ${bytes} bytes of it` });
  yield text(parts);
}

function text(parts: readonly Uint8Array[]): string {
  const only = parts.length === 1 ? parts[0] : undefined;
  return (only === undefined ? Buffer.concat(parts) : Buffer.from(only.buffer, only.byteOffset, only.byteLength)).toString('utf8');
}
