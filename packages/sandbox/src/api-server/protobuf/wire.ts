import type { Refusal } from '../../refusal.ts';
import { badRequest } from '../refusals.ts';

/** A field as it is on the wire: its number, and what its wire type says of it. `fixed` has 4 or 8 bytes, little endian. */
export type WireField =
  | { readonly number: number; readonly wire: 'varint'; readonly value: bigint }
  | { readonly number: number; readonly wire: 'fixed' | 'bytes'; readonly value: Uint8Array };

/** 400: the bytes are not what the sender says they are. */
export function malformed(why: string): Refusal {
  return badRequest(`the protobuf in the body cannot be read: ${why}`);
}

/**
 * The fields of a message, in the order they were written. Values of varints are unsigned, of 64 bits.
 * @throws {Refusal} 400 where the bytes end inside a field or have a wire type that Kubernetes never writes (groups).
 */
export function* wireFields(bytes: Uint8Array): Generator<WireField> {
  for (let at = 0; at < bytes.length;) {
    const key = varint(bytes, at);
    const number = Number(key.value >> 3n);
    if (number === 0 || number > 0x1fff_ffff) throw malformed(`field number ${number} at byte ${at}`);
    const wire = Number(key.value & 7n);
    if (wire === 0) {
      const { value, end } = varint(bytes, key.end);
      yield { number, wire: 'varint', value };
      at = end;
    } else {
      const { from, end } = extent(bytes, wire, key.end);
      yield { number, wire: wire === 2 ? 'bytes' : 'fixed', value: bytes.subarray(from, end) };
      at = end;
    }
  }
}

/** The varints of a packed list. @throws {Refusal} 400 */
export function* varints(bytes: Uint8Array): Generator<bigint> {
  for (let at = 0; at < bytes.length;) {
    const { value, end } = varint(bytes, at);
    yield value;
    at = end;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @throws {Refusal} 400 when it is not UTF-8. */
export function wireText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw malformed('text that is not UTF-8');
  }
}

/** As Go reads an int64: a JSON number, exact up to 2^53. */
export function signed(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}

function extent(bytes: Uint8Array, wire: number, at: number): { readonly from: number; readonly end: number } {
  if (wire !== 1 && wire !== 2 && wire !== 5) throw malformed(`wire type ${wire} at byte ${at}`);
  const length = wire === 2 ? varint(bytes, at) : { value: wire === 1 ? 8n : 4n, end: at };
  if (length.value > BigInt(bytes.length - length.end)) throw malformed(`unexpected end: ${length.value} bytes wanted, ${bytes.length - length.end} left`);
  return { from: length.end, end: length.end + Number(length.value) };
}

/** A varint of 64 bits has ten bytes at most. */
const MAX_VARINT_BYTES = 10;

function varint(bytes: Uint8Array, start: number): { readonly value: bigint; readonly end: number } {
  // Nearly all are short: tags, lengths, small numbers.
  if (start < bytes.length && bytes[start]! < 0x80) return { value: BigInt(bytes[start]!), end: start + 1 };
  let value = 0n;
  for (let i = 0; i < MAX_VARINT_BYTES; i += 1) {
    const byte = bytes[start + i];
    if (byte === undefined) throw malformed('unexpected end inside a number');
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return { value: BigInt.asUintN(64, value), end: start + i + 1 };
  }
  throw malformed(`a number of more than ${MAX_VARINT_BYTES} bytes at byte ${start}`);
}
