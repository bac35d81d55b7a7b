import { createHash } from 'node:crypto';
import { octets, sequence } from '../agent/der.ts';

/** A Java keystore of type JKS, with one private key at most. Certificates are DER. */
export interface KeyStore {
  /** PKCS#8 DER, and the chain that belongs to it, the key's own certificate first. Undefined: a keystore without a key. */
  readonly own: { readonly key: Buffer; readonly chain: readonly Buffer[] } | undefined;
  readonly trusted: readonly Buffer[];
}

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const TAG = { key: 1, certificate: 2 } as const;
const SALT_BYTES = 20;
/** The end of what the digest of the whole file starts with, after the password. */
const PEPPER = 'Mighty Aphrodite';
/** Sun's key protection, 1.3.6.1.4.1.42.2.17.1.1. */
const OID = Buffer.from('060a2b060104012a02110101', 'hex');
/** The same as AlgorithmIdentifier. Its parameters are NULL here, as older Java writes them; newer Java (17.0.21) leaves them out. */
const PROTECTION = sequence(OID, Buffer.from('0500', 'hex'));
/** As keystores of the existing operator name their key. */
const ALIAS = 'hazelcast';

/**
 * Writes a keystore. The same content gives the same bytes: entries have a fixed date, and the salt comes from the key, so that nothing is written to the
 * cluster anew. The password protects nothing from who can read the file: it stands beside it. Source: spec/hazelcast-core.md §10.3.
 */
export function writeKeyStore({ own, trusted }: KeyStore, password: string): Buffer {
  const parts: Buffer[] = [u32(MAGIC), u32(VERSION), u32((own === undefined ? 0 : 1) + trusted.length)];
  if (own !== undefined)
    parts.push(u32(TAG.key), utf(ALIAS), Buffer.alloc(8), block(protect(own.key, password)), u32(own.chain.length), ...own.chain.map(certificate));
  for (const [index, one] of trusted.entries()) parts.push(u32(TAG.certificate), utf(`trusted-${index}`), Buffer.alloc(8), certificate(one));
  const body = Buffer.concat(parts);
  return Buffer.concat([body, digestOf(body, password)]);
}

/** Reads what `writeKeyStore` or Java wrote. @throws {Error} another format, another password, or damaged. */
export function readKeyStore(bytes: Buffer, password: string): KeyStore {
  const body = bytes.subarray(0, -SALT_BYTES);
  if (bytes.length < 12 + SALT_BYTES || bytes.readUInt32BE(0) !== MAGIC || bytes.readUInt32BE(4) !== VERSION) throw new Error('not a JKS keystore');
  if (!digestOf(body, password).equals(bytes.subarray(-SALT_BYTES))) throw new Error('the keystore is damaged, or has another password');
  let at = 8;
  const take = (length: number): Buffer => {
    if (at + length > body.length) throw new Error('the keystore ends early');
    at += length;
    return body.subarray(at - length, at);
  };
  const number = () => take(4).readUInt32BE();
  const text = () => take(take(2).readUInt16BE()).toString('utf8');
  const der = () => {
    text();
    return Buffer.from(take(number()));
  };
  let own: KeyStore['own'];
  const trusted: Buffer[] = [];
  for (let left = number(); left > 0; left--) {
    const tag = number();
    text();
    take(8);
    if (tag === TAG.certificate) trusted.push(der());
    else if (tag === TAG.key) {
      const key = unprotect(take(number()), password);
      const length = number();
      own = { key, chain: Array.from({ length }, der) };
    } else throw new Error(`the keystore has an entry of kind ${tag}`);
  }
  return { own, trusted };
}

/** SHA-1 as a key stream, as Sun's protection has it. The salt stands before what it hides, a checksum after it. */
function protect(key: Buffer, password: string): Buffer {
  const salt = createHash('sha1').update('salt').update(key).digest();
  const hidden = Buffer.concat([salt, stream(key, salt, password), sha1(password, key)]);
  return sequence(PROTECTION, octets(hidden));
}

function unprotect(protectedKey: Buffer, password: string): Buffer {
  const outer = contentOf(protectedKey);
  const algorithm = contentOf(outer);
  if (!algorithm.subarray(0, OID.length).equals(OID)) throw new Error('the key of the keystore is protected in another way');
  // An identifier so short has a header of two bytes.
  const hidden = contentOf(outer.subarray(2 + algorithm.length));
  const key = stream(hidden.subarray(SALT_BYTES, -SALT_BYTES), hidden.subarray(0, SALT_BYTES), password);
  if (!sha1(password, key).equals(hidden.subarray(-SALT_BYTES))) throw new Error('the key of the keystore has another password');
  return key;
}

/** What is in a DER value. */
function contentOf(value: Buffer): Buffer {
  const short = value[1] ?? 0;
  const digits = short < 0x80 ? 0 : short - 0x80;
  const length = digits === 0 ? short : value.readUIntBE(2, digits);
  return value.subarray(2 + digits, 2 + digits + length);
}

function stream(data: Buffer, salt: Buffer, password: string): Buffer {
  const out = Buffer.from(data);
  let pad = salt;
  for (let at = 0; at < out.length; at++) {
    if (at % SALT_BYTES === 0) pad = sha1(password, pad);
    out[at] = out[at]! ^ pad[at % SALT_BYTES]!;
  }
  return out;
}

const sha1 = (password: string, data: Buffer): Buffer => createHash('sha1').update(wide(password)).update(data).digest();
const digestOf = (body: Buffer, password: string): Buffer => createHash('sha1').update(wide(password)).update(PEPPER).update(body).digest();
/** UTF-16, the higher byte first. */
const wide = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function utf(text: string): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(Buffer.byteLength(text));
  return Buffer.concat([bytes, Buffer.from(text)]);
}

const block = (bytes: Buffer): Buffer => Buffer.concat([u32(bytes.length), bytes]);
const certificate = (bytes: Buffer): Buffer => Buffer.concat([utf('X.509'), block(bytes)]);
