/** Just enough of DER (ITU-T X.690) to write a certificate. */

const TAG = { integer: 0x02, bits: 0x03, octets: 0x04, oid: 0x06, utf8: 0x0c, sequence: 0x30, set: 0x31, time: 0x18, boolean: 0x01 } as const;

/** A value with its tag and length. */
function tlv(tag: number, ...content: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(content);
  return Buffer.concat([Buffer.from([tag]), lengthOf(body.byteLength), body]);
}

function lengthOf(bytes: number): Buffer {
  if (bytes < 0x80) return Buffer.from([bytes]);
  const hex = bytes.toString(16);
  const digits = Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex');
  return Buffer.concat([Buffer.from([0x80 | digits.byteLength]), digits]);
}

export const sequence = (...content: readonly Uint8Array[]): Buffer => tlv(TAG.sequence, ...content);
export const set = (...content: readonly Uint8Array[]): Buffer => tlv(TAG.set, ...content);
export const octets = (content: Uint8Array): Buffer => tlv(TAG.octets, content);
export const utf8 = (text: string): Buffer => tlv(TAG.utf8, Buffer.from(text));
export const yes = (): Buffer => tlv(TAG.boolean, Buffer.from([0xff]));
/** Whole bytes, as signatures and keys are. */
export const bits = (content: Uint8Array): Buffer => tlv(TAG.bits, Buffer.from([0]), content);
/** Named bits of one byte, the first the highest; `unused` at the end. */
export const flags = (byte: number, unused: number): Buffer => tlv(TAG.bits, Buffer.from([unused, byte]));
/** A context-specific tag: `[n]`. */
export const context = (n: number, constructed: boolean, ...content: readonly Uint8Array[]): Buffer => tlv(0x80 | (constructed ? 0x20 : 0) | n, ...content);

/** A non-negative integer, big-endian. */
export function integer(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0);
  const short = first === -1 ? Buffer.from([0]) : Buffer.from(bytes.subarray(first));
  return tlv(TAG.integer, short[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), short]) : short);
}

/** `1.2.840.10045.4.3.2` */
export function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split('.').map(Number);
  const bytes = [first! * 40 + second!];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let left = part >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tlv(TAG.oid, Buffer.from(bytes));
}

/** `YYYYMMDDhhmmssZ`. */
export function time(iso: string): Buffer {
  return tlv(TAG.time, Buffer.from(`${iso.slice(0, 19).replace(/[-:T]/g, '')}Z`));
}

export function pem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}
