/**
 * Frames of Hazelcast's Open Binary Client Protocol 2.x: int32 length (content + 6), uint16 flags, content; little-endian throughout. A message is a list
 * of frames, the last of which is marked. Source: spec/hazelcast-data-wan-jet.md §9.1.
 */
export interface Frame {
  readonly flags: number;
  readonly content: Buffer;
}

export type Frames = readonly Frame[];

export const FLAGS = {
  beginFragment: 0x8000,
  endFragment: 0x4000,
  last: 0x2000,
  begin: 0x1000,
  end: 0x0800,
  null: 0x0400,
  event: 0x0200,
} as const;

/** Both on the first frame: the message is in one piece. */
export const UNFRAGMENTED = FLAGS.beginFragment | FLAGS.endFragment;

const HEADER_BYTES = 6;
/** A member's statistics are some hundred kilobytes; more than this is not Hazelcast talking. */
const MESSAGE_BYTES_MOST = 64 * 1024 * 1024;
/** A list of frames without content could go on for ever within the limit of bytes. */
const FRAMES_MOST = 1_000_000;

/** What cannot be a message. The connection that it came over is of no more use. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

/** A message as it goes over the wire. `frames` has one at least. */
export function encodeFrames(frames: Frames): Buffer {
  const parts: Buffer[] = [];
  for (const [index, { flags, content }] of frames.entries()) {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeInt32LE(content.length + HEADER_BYTES, 0);
    header.writeUInt16LE(index === frames.length - 1 ? flags | FLAGS.last : flags & ~FLAGS.last, 4);
    parts.push(header, content);
  }
  return Buffer.concat(parts);
}

/** Cuts a stream of bytes into messages, however it is chopped. */
export interface FrameReader {
  /** The messages that are complete with this chunk. @throws {FrameError} for what is no message; do not go on reading. */
  push(chunk: Uint8Array): readonly Frames[];
}

/** A reader at the beginning of a message. */
export function frameReader(): FrameReader {
  let rest: Buffer = Buffer.alloc(0);
  let missing = HEADER_BYTES;
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let frames: Frame[] = [];
  let messageBytes = 0;
  return {
    push(chunk) {
      waiting.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
      waitingBytes += chunk.byteLength;
      // Joining only once a whole frame is there keeps a big frame in small chunks from being copied once for each chunk.
      if (rest.length + waitingBytes < missing) return [];
      rest = Buffer.concat([rest, ...waiting]);
      waiting = [];
      waitingBytes = 0;
      const messages: Frames[] = [];
      for (;;) {
        missing = HEADER_BYTES;
        if (rest.length < missing) break;
        const length = rest.readInt32LE(0);
        if (length < HEADER_BYTES) throw new FrameError(`a frame of ${length} bytes`);
        if (messageBytes + length > MESSAGE_BYTES_MOST || frames.length >= FRAMES_MOST)
          throw new FrameError(`a message of more than ${MESSAGE_BYTES_MOST} bytes`);
        missing = length;
        if (rest.length < missing) break;
        const flags = rest.readUInt16LE(4);
        frames.push({ flags: flags & ~FLAGS.last, content: Buffer.from(rest.subarray(HEADER_BYTES, length)) });
        messageBytes += length;
        rest = rest.subarray(length);
        if ((flags & FLAGS.last) === 0) continue;
        messages.push(frames);
        frames = [];
        messageBytes = 0;
      }
      return messages;
    },
  };
}
