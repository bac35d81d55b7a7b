import { FLAGS, FrameError, UNFRAGMENTED } from './frame.ts';
import type { Frame, Frames } from './frame.ts';

/** Requests, responses and their values: fixed-size ones at offsets in the first frame, then one frame or structure each. Source: spec/hazelcast-data-wan-jet.md §9.1. */
const TYPE = 0;
const CORRELATION = 4;
const PARTITION = 12;
/** Where the fixed-size fields of a request begin. */
export const REQUEST_FIELDS = 16;
/** Where the fixed-size fields of a response begin. */
export const RESPONSE_FIELDS = 13;
/** Type of the response that says no. */
export const ERROR_TYPE = 0;

const NO_PARTITION = -1;
const UUID_BYTES = 17;

/** One fixed-size field. */
export type Fixed =
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'byte' | 'int'; readonly value: number }
  | { readonly type: 'long'; readonly value: bigint }
  | { readonly type: 'uuid'; readonly value: string | null };

/** A message before it has a correlation id. */
export interface Body {
  readonly type: number;
  readonly fixed?: readonly Fixed[];
  /** The variable part, frames as they are. */
  readonly variable?: Frames;
}

/** A request, ready to be encoded. `correlation` comes back in the response. */
export function request(body: Body, correlation: number): Frames {
  return compose(body, correlation, REQUEST_FIELDS, UNFRAGMENTED);
}

/** A response of type `body.type`. */
export function response(body: Body, correlation: number): Frames {
  return compose(body, correlation, RESPONSE_FIELDS, UNFRAGMENTED);
}

/** An event: to the listener that was registered with `correlation`. Its fields are where a request's are. */
export function event(body: Body, correlation: number): Frames {
  return compose(body, correlation, REQUEST_FIELDS, UNFRAGMENTED | FLAGS.event);
}

function compose({ type, fixed = [], variable = [] }: Body, correlation: number, from: number, flags: number): Frames {
  const head = Buffer.alloc(from);
  head.writeInt32LE(type, TYPE);
  head.writeBigInt64LE(BigInt(correlation), CORRELATION);
  if (from === REQUEST_FIELDS) head.writeInt32LE(NO_PARTITION, PARTITION);
  return [{ flags, content: Buffer.concat([head, ...fixed.map(fixedBytes)]) }, ...variable];
}

function fixedBytes(field: Fixed): Buffer {
  switch (field.type) {
    case 'boolean':
      return Buffer.from([field.value ? 1 : 0]);
    case 'byte':
      return Buffer.from([field.value & 0xff]);
    case 'int': {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32LE(field.value);
      return bytes;
    }
    case 'long': {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(field.value);
      return bytes;
    }
    case 'uuid':
      return uuidBytes(field.value);
  }
}

function uuidBytes(uuid: string | null): Buffer {
  const bytes = Buffer.alloc(UUID_BYTES);
  if (uuid === null) {
    bytes[0] = 1;
    return bytes;
  }
  const raw = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  bytes.writeBigUInt64LE(raw.readBigUInt64BE(0), 1);
  bytes.writeBigUInt64LE(raw.readBigUInt64BE(8), 9);
  return bytes;
}

/** Frames of variable values. */
export const write = {
  text: (value: string | null): Frames => [value === null ? { flags: FLAGS.null, content: EMPTY } : { flags: 0, content: Buffer.from(value, 'utf8') }],
  list: (items: readonly Frames[]): Frames => [{ flags: FLAGS.begin, content: EMPTY }, ...items.flat(), { flags: FLAGS.end, content: EMPTY }],
  /** A structure: its fixed fields in a frame of their own, if it has any. */
  structure: (fixed: readonly Fixed[], variable: Frames): Frames => [
    { flags: FLAGS.begin, content: EMPTY },
    ...(fixed.length === 0 ? [] : [{ flags: 0, content: Buffer.concat(fixed.map(fixedBytes)) }]),
    ...variable,
    { flags: FLAGS.end, content: EMPTY },
  ],
} as const;

const EMPTY = Buffer.alloc(0);

/** Reads a message. Every call throws `FrameError` when what it wants is not there. */
export interface MessageReader {
  readonly type: number;
  readonly correlation: number;
  readonly isEvent: boolean;
  /** Fixed-size fields by absolute offset in the first frame. */
  boolean(offset: number): boolean;
  byte(offset: number): number;
  int(offset: number): number;
  uuid(offset: number): string | null;
  /** The next variable value. */
  text(): string | null;
  frame(): Buffer;
  /** Goes into the next list or structure. */
  begin(): void;
  /** Whether the list or structure ends here; if so, steps out of it. */
  end(): boolean;
  /** Steps out of the structure, over whatever a newer member has put there. */
  leave(): void;
}

/** @throws {FrameError} when the first frame has no header, or the message comes in fragments, which no member sends to a client. */
export function readMessage(frames: Frames): MessageReader {
  const head = frames[0];
  if (head === undefined || head.content.length < PARTITION) throw new FrameError('a message without a header');
  if ((head.flags & UNFRAGMENTED) !== UNFRAGMENTED) throw new FrameError('a fragment of a message');
  const first = head.content;
  let at = 1;
  const take = (): Frame => {
    const frame = frames[at];
    if (frame === undefined) throw new FrameError(`the message ends after ${at} frames`);
    at++;
    return frame;
  };
  const need = (offset: number, bytes: number) => {
    if (first.length < offset + bytes) throw new FrameError(`the first frame has ${first.length} bytes, wanted ${offset + bytes}`);
  };
  return {
    type: first.readInt32LE(TYPE),
    correlation: Number(first.readBigInt64LE(CORRELATION)),
    isEvent: (head.flags & FLAGS.event) !== 0,
    boolean: (offset) => (need(offset, 1), first[offset] !== 0),
    byte: (offset) => (need(offset, 1), first[offset]!),
    int: (offset) => (need(offset, 4), first.readInt32LE(offset)),
    uuid: (offset) => (need(offset, UUID_BYTES), uuidText(first, offset)),
    text() {
      const frame = take();
      return (frame.flags & FLAGS.null) === 0 ? frame.content.toString('utf8') : null;
    },
    frame: () => take().content,
    begin() {
      if ((take().flags & FLAGS.begin) === 0) throw new FrameError(`no structure begins at frame ${at - 1}`);
    },
    end() {
      const ends = ((frames[at]?.flags ?? FLAGS.end) & FLAGS.end) !== 0;
      if (ends) at++;
      return ends;
    },
    leave() {
      for (let depth = 1; depth > 0;) {
        const { flags } = take();
        if ((flags & FLAGS.begin) !== 0) depth++;
        if ((flags & FLAGS.end) !== 0) depth--;
      }
    },
  };
}

function uuidText(bytes: Buffer, offset: number): string | null {
  if (bytes[offset] !== 0) return null;
  const raw = Buffer.alloc(16);
  raw.writeBigUInt64BE(bytes.readBigUInt64LE(offset + 1), 0);
  raw.writeBigUInt64BE(bytes.readBigUInt64LE(offset + 9), 8);
  return raw.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
