import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { octets, oid, sequence } from '../agent/der.ts';

/** What goes into a keystore, PEM: certificates to trust, and who we are. Of a chain the certificate of `key` comes first. */
export interface Trust {
  readonly trusted: readonly string[];
  readonly identity?: { readonly key: string; readonly chain: readonly string[] };
}

const MAGIC = 0xfeedfeed;
const VERSION = 2;
const PRIVATE_KEY = 1;
const TRUSTED = 2;
const ALIAS = 'hazelcast';
/** Of the format, for its digest. */
const WHITENER = 'Mighty Aphrodite';
/** The format's own way to hide a key: it keeps honest people out and nobody else. The Secret that it lies in is what protects it. */
const PROTECTION = '1.3.6.1.4.1.42.2.17.1.1';
const NULL = Buffer.from([5, 0]);

/**
 * A Java keystore (JKS, version 2), as the members and clients of Hazelcast read it. The same content gives the same bytes, so that nothing is written anew that
 * did not change: no time of creation, and salts that follow from the key. Source: spec/hazelcast-core.md §2.7.5, §10.3.
 * @throws {Error} when a PEM is none; the message holds nothing of it.
 */
export function jks({ trusted, identity }: Trust, password: string): Buffer {
  const entries = [
    ...(identity === undefined ? [] : [keyEntry(identity.key, identity.chain, password)]),
    ...trusted.map((pem, index) => trustedEntry(`${ALIAS}-ca-${index}`, pem)),
  ];
  const body = Buffer.concat([int(MAGIC), int(VERSION), int(entries.length), ...entries]);
  return Buffer.concat([body, sha1(utf16(password), Buffer.from(WHITENER), body)]);
}

/** The certificates in a text, each PEM, in their order. */
export function certificatesIn(pem: string): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

function keyEntry(key: string, chain: readonly string[], password: string): Buffer {
  const hidden = protectedKey(createPrivateKey(key).export({ type: 'pkcs8', format: 'der' }), password);
  return Buffer.concat([int(PRIVATE_KEY), text(ALIAS), never, int(hidden.length), hidden, int(chain.length), ...chain.map(certificate)]);
}

function trustedEntry(alias: string, pem: string): Buffer {
  return Buffer.concat([int(TRUSTED), text(alias), never, certificate(pem)]);
}

function certificate(pem: string): Buffer {
  const der = new X509Certificate(pem).raw;
  return Buffer.concat([text('X.509'), int(der.length), der]);
}

/** Salt, the key under a stream of digests that begins with it, and a digest of the key. */
function protectedKey(key: Buffer, password: string): Buffer {
  const secret = utf16(password);
  const salt = sha1(Buffer.from(ALIAS), key);
  const stream: Buffer[] = [];
  for (let last = salt, bytes = 0; bytes < key.length; bytes += last.length) {
    last = sha1(secret, last);
    stream.push(last);
  }
  const mask = Buffer.concat(stream);
  const hidden = key.map((byte, index) => byte ^ (mask[index] ?? 0));
  return sequence(sequence(oid(PROTECTION), NULL), octets(Buffer.concat([salt, hidden, sha1(secret, key)])));
}

/** The time of creation, which is nobody's business. */
const never = Buffer.alloc(8);

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** As Java writes text of ASCII: two bytes of length before it. */
function text(ascii: string): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(ascii.length);
  return Buffer.concat([bytes, Buffer.from(ascii, 'latin1')]);
}

function utf16(password: string): Buffer {
  return Buffer.from(password, 'utf16le').swap16();
}

function sha1(...parts: readonly Uint8Array[]): Buffer {
  return createHash('sha1').update(Buffer.concat(parts)).digest();
}
