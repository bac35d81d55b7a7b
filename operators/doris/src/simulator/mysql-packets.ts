import type { Duplex } from 'node:stream';
import type { Answer } from './answer.ts';

/** MySQL's client/server protocol 4.1 as bytes, as far as a front end speaks it: every packet is 3 bytes of length, 1 of sequence, and a body. */
export interface Packet {
  readonly sequence: number;
  readonly body: Buffer;
}

export interface Login {
  readonly user: string;
  readonly token: Buffer;
  /** How the client made the token; absent: the old way, which is mysql_native_password. */
  readonly plugin: string | undefined;
}

// LONG_PASSWORD | LONG_FLAG | CONNECT_WITH_DB | PROTOCOL_41 | TRANSACTIONS | SECURE_CONNECTION | PLUGIN_AUTH; no compression. SSL where it is offered.
const CAPABILITIES = 0x0008_a20d;
const CONNECT_WITH_DB = 0x8;
const PLUGIN_AUTH = 0x8_0000;
const SSL = 0x800;
/** A client's wish for TLS is the head of its login, and nothing after it. */
const SSL_REQUEST_BYTES = 32;
const UTF8 = 33;
const AUTOCOMMIT = 2;
const VAR_STRING = 253;
/** A statement here is a line of SQL: whoever sends more is not meant. */
const BODY_MAX = 1024 * 1024;

/** Packets as they come. Ends with the stream. @throws {Error} on one that is too long. */
export async function* packets(stream: Duplex): AsyncGenerator<Packet, undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest = Buffer.concat([rest, chunk as Buffer]); // sound: nobody set an encoding
    while (rest.length >= 4) {
      const bytes = rest.readUIntLE(0, 3);
      if (bytes > BODY_MAX) throw new Error(`a packet of ${bytes} bytes`);
      if (rest.length < 4 + bytes) break;
      const packet = { sequence: rest[3] ?? 0, body: rest.subarray(4, 4 + bytes) };
      rest = rest.subarray(4 + bytes);
      yield packet;
    }
  }
  return undefined;
}

/** The first packet of a stream; what came with it stays to be read from the stream. `undefined`: the stream ended before. @throws {Error} as packets(). */
export async function firstPacket(stream: Duplex): Promise<Packet | undefined> {
  let got = Buffer.alloc(0);
  for (;;) {
    const chunk = stream.read() as Buffer | null; // sound: nobody set an encoding
    if (chunk !== null) got = Buffer.concat([got, chunk]);
    const bytes = got.length < 4 ? 0 : got.readUIntLE(0, 3);
    if (bytes > BODY_MAX) throw new Error(`a packet of ${bytes} bytes`);
    if (got.length >= 4 + bytes && got.length >= 4) {
      if (got.length > 4 + bytes) stream.unshift(got.subarray(4 + bytes));
      return { sequence: got[3] ?? 0, body: got.subarray(4, 4 + bytes) };
    }
    if (stream.readableEnded || stream.destroyed) return undefined;
    if (chunk === null) await more(stream);
  }
}

/** Until there is more to read, or never will be. */
async function more(stream: Duplex): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const events = ['readable', 'end', 'close'] as const;
  const told = () => resolve();
  for (const event of events) stream.once(event, told);
  await promise;
  for (const event of events) stream.off(event, told);
}

/** Whether the client wants to go on encrypted. */
export const wantsTls = (body: Buffer): boolean => body.length === SSL_REQUEST_BYTES && (body.readUInt32LE(0) & SSL) !== 0;

/** The server's first packet. `seed`: 20 bytes without zeros. */
export function greeting(version: string, connectionId: number, seed: Buffer, offersTls: boolean): Buffer {
  const capabilities = offersTls ? CAPABILITIES | SSL : CAPABILITIES;
  const fixed = Buffer.alloc(31);
  seed.copy(fixed, 4, 0, 8);
  fixed.writeUInt32LE(connectionId, 0);
  fixed.writeUInt16LE(capabilities & 0xffff, 13);
  fixed.writeUInt8(UTF8, 15);
  fixed.writeUInt16LE(AUTOCOMMIT, 16);
  fixed.writeUInt16LE(capabilities >>> 16, 18);
  fixed.writeUInt8(seed.length + 1, 20);
  return framed([Buffer.concat([Buffer.from([10]), text0(version), fixed, seed.subarray(8), Buffer.from([0]), text0('mysql_native_password')])], 0);
}

/** Reads the client's answer to the greeting. */
export function loginFrom(body: Buffer): Login {
  const capabilities = body.readUInt32LE(0);
  let at = 32;
  const untilZero = () => {
    const end = body.indexOf(0, at);
    const text = body.subarray(at, end === -1 ? body.length : end).toString('utf8');
    at = (end === -1 ? body.length : end) + 1;
    return text;
  };
  const user = untilZero();
  const length = body[at] ?? 0; // one byte: length-encoded tokens were not offered
  const token = body.subarray(at + 1, at + 1 + length);
  at += 1 + length;
  if ((capabilities & CONNECT_WITH_DB) !== 0) untilZero();
  return { user, token, plugin: (capabilities & PLUGIN_AUTH) !== 0 && at < body.length ? untilZero() : undefined };
}

/** An answer as packets, the first with number `sequence`. `switch` asks for another way to log in. */
export function replies(answer: Answer | { readonly type: 'switch'; readonly plugin: string; readonly seed: Buffer }, sequence: number): Buffer {
  switch (answer.type) {
    case 'ok':
      return framed([Buffer.from([0, 0, 0, AUTOCOMMIT, 0, 0, 0])], sequence);
    case 'error': {
      const code = Buffer.alloc(3);
      code.writeUInt8(0xff, 0);
      code.writeUInt16LE(answer.code, 1);
      return framed([Buffer.concat([code, Buffer.from(answer.code === 1045 ? '#28000' : '#HY000'), Buffer.from(answer.message)])], sequence);
    }
    case 'switch':
      return framed([Buffer.concat([Buffer.from([0xfe]), text0(answer.plugin), answer.seed, Buffer.from([0])])], sequence);
    case 'rows': {
      const rows = answer.rows.map((row) => Buffer.concat(row.map((value) => (value === null ? Buffer.from([0xfb]) : text(value)))));
      return framed([lengthEncoded(answer.columns.length), ...answer.columns.map(column), END, ...rows, END], sequence);
    }
  }
}

const END = Buffer.from([0xfe, 0, 0, AUTOCOMMIT, 0]);

/** A column of text. */
function column(name: string): Buffer {
  const facts = Buffer.alloc(13);
  facts.writeUInt8(12, 0);
  facts.writeUInt16LE(UTF8, 1);
  facts.writeUInt32LE(65_535, 3);
  facts.writeUInt8(VAR_STRING, 7);
  return Buffer.concat([text('def'), text(''), text(''), text(''), text(name), text(name), facts]);
}

function framed(bodies: readonly Buffer[], first: number): Buffer {
  return Buffer.concat(
    bodies.flatMap((body, index) => {
      const head = Buffer.alloc(4);
      head.writeUIntLE(body.length, 0, 3);
      head.writeUInt8((first + index) % 256, 3);
      return [head, body];
    }),
  );
}

function lengthEncoded(value: number): Buffer {
  if (value < 251) return Buffer.from([value]);
  const wide = Buffer.alloc(value < 65_536 ? 3 : 4);
  wide.writeUInt8(value < 65_536 ? 0xfc : 0xfd, 0);
  wide.writeUIntLE(value, 1, wide.length - 1);
  return wide;
}

const text = (value: string): Buffer => Buffer.concat([lengthEncoded(Buffer.byteLength(value)), Buffer.from(value)]);
const text0 = (value: string): Buffer => Buffer.from(`${value}\0`);
