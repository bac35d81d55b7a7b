import { randomBytes } from 'node:crypto';

/*
 * Frames of a WebSocket as a client writes and reads them (RFC 6455 §5). Our own, since no WebSocket at hand lets a slow reader hold the sender back.
 */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A frame as it came in. */
export interface Frame {
  readonly opcode: number;
  /** The last frame of its message. */
  readonly last: boolean;
  readonly payload: Buffer;
}

/** Of one frame; a kubelet sends 32 KiB. */
export const FRAME_BYTES_MOST = 4 * 1024 * 1024;
/** Close frame's code for an ordinary end. */
const NORMAL = 1000;

/** A whole message in one frame. Clients mask what they send, so that no proxy takes it for something else. */
export function frame(opcode: number, ...parts: readonly Uint8Array[]): Buffer {
  const payload = Buffer.concat(parts);
  const size = payload.byteLength;
  const head = Buffer.alloc(size < 126 ? 2 : size < 65_536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (size < 126 ? size : size < 65_536 ? 126 : 127);
  if (head.byteLength === 4) head.writeUInt16BE(size, 2);
  else if (head.byteLength === 10) head.writeBigUInt64BE(BigInt(size), 2);
  const mask = randomBytes(4);
  for (let at = 0; at < size; at += 1) payload[at]! ^= mask[at % 4]!;
  return Buffer.concat([head, mask, payload]);
}

/** The frame that ends a connection in good order. */
export function closeFrame(): Buffer {
  const code = Buffer.alloc(2);
  code.writeUInt16BE(NORMAL);
  return frame(OPCODE.close, code);
}

/** Takes a server's bytes as they come and gives the frames that are whole. @throws {Error} for what no server may send, or a frame too large to hold. */
export function frameReader(): (bytes: Buffer) => readonly Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = rest.byteLength === 0 ? bytes : Buffer.concat([rest, bytes]);
    const frames: Frame[] = [];
    for (;;) {
      const size = sizes(rest);
      if (size === undefined || rest.byteLength < size.head + size.payload) return frames;
      const end = size.head + size.payload;
      frames.push({ opcode: rest[0]! & 0x0f, last: (rest[0]! & 0x80) !== 0, payload: rest.subarray(size.head, end) });
      rest = rest.subarray(end);
    }
  };
}

/** Bytes of the next frame's two parts; undefined: more has to come first. */
function sizes(bytes: Buffer): { readonly head: number; readonly payload: number } | undefined {
  if (bytes.byteLength < 2) return undefined;
  if ((bytes[0]! & 0x70) !== 0 || (bytes[1]! & 0x80) !== 0)
    throw new Error('a WebSocket frame with an extension that was not agreed on, or masked by a server');
  const short = bytes[1]! & 0x7f;
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.byteLength < head) return undefined;
  const payload = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (payload > FRAME_BYTES_MOST) throw new Error(`a WebSocket frame of ${payload} bytes; ${FRAME_BYTES_MOST} are taken`);
  return { head, payload };
}
