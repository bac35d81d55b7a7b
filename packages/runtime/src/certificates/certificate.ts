import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes, sign, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { timestamp } from '@binnacle/client';
import { bits, context, flags, integer, octets, oid, pem, sequence, set, time, utf8, yes } from './der.ts';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyId: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
} as const;

/** From when to when a certificate is valid; ms since the epoch, kept to the second. */
export interface Validity {
  readonly fromMs: number;
  readonly toMs: number;
}

const YEAR_MS = 365 * 24 * 3_600_000;

/** Valid from well before to long after, for what is never renewed: clocks differ, and a virtual one may be far from the machine's. */
export function longLife(nowMs: number): Validity {
  return { fromMs: nowMs - 10 * YEAR_MS, toMs: nowMs + 20 * YEAR_MS };
}

/** From when to when a certificate is valid. @throws {Error} when it is no certificate, PEM. */
export function validityOf(certificate: string): Validity {
  const { validFromDate, validToDate } = new X509Certificate(certificate);
  return { fromMs: validFromDate.getTime(), toMs: validToDate.getTime() };
}

/** Makes an authority of its own; nobody trusts it who has not been given its certificate. */
export function createAuthority(name: string, valid: Validity): KeyPair {
  const { key, publicDer } = newKey();
  const id = keyId(publicDer);
  const extensions = [
    extension(OID.basicConstraints, true, sequence(yes())),
    // digitalSignature, keyCertSign, cRLSign
    extension(OID.keyUsage, true, flags(0b1000_0110, 1)),
    extension(OID.subjectKeyId, false, octets(id)),
  ];
  return certificate({ subject: name, issuer: name, publicDer, extensions, valid, key, signer: key });
}

/** Makes a server's certificate, signed by an authority. `hosts`: the names and IPs it is valid for. */
export function createServerCertificate(authority: KeyPair, authorityName: string, hosts: readonly string[], valid: Validity): KeyPair {
  const { key, publicDer } = newKey();
  const issuerId = keyId(createPublicKey(authority.certificate).export({ type: 'spki', format: 'der' }));
  const extensions = [
    // Not a CA: an empty sequence.
    extension(OID.basicConstraints, true, sequence()),
    // digitalSignature
    extension(OID.keyUsage, true, flags(0b1000_0000, 7)),
    extension(OID.extendedKeyUsage, false, sequence(oid(OID.serverAuth))),
    extension(OID.subjectKeyId, false, octets(keyId(publicDer))),
    extension(OID.authorityKeyId, false, sequence(context(0, false, issuerId))),
    extension(OID.subjectAltName, false, sequence(...hosts.map(alternativeName))),
  ];
  return certificate({ subject: hosts[0]!, issuer: authorityName, publicDer, extensions, valid, key, signer: authority.key });
}

function newKey(): { readonly key: string; readonly publicDer: Buffer } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), publicDer: publicKey.export({ type: 'spki', format: 'der' }) };
}

function certificate(parts: {
  readonly subject: string;
  readonly issuer: string;
  readonly publicDer: Uint8Array;
  readonly extensions: readonly Uint8Array[];
  readonly valid: Validity;
  readonly key: string;
  readonly signer: string;
}): KeyPair {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const version3 = context(0, true, integer(Buffer.from([2])));
  const validity = sequence(time(timestamp(parts.valid.fromMs)), time(timestamp(parts.valid.toMs)));
  // A positive serial number of 127 bits.
  const serial = randomBytes(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const body = sequence(
    version3,
    integer(serial),
    algorithm,
    nameOf(parts.issuer),
    validity,
    nameOf(parts.subject),
    parts.publicDer,
    context(3, true, sequence(...parts.extensions)),
  );
  const signature = sign('sha256', body, createPrivateKey(parts.signer));
  return { certificate: pem('CERTIFICATE', sequence(body, algorithm, bits(signature))), key: parts.key };
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(oid(OID.commonName), utf8(commonName))));
}

function extension(id: string, critical: boolean, value: Uint8Array): Buffer {
  return sequence(oid(id), ...(critical ? [yes()] : []), octets(value));
}

function alternativeName(host: string): Buffer {
  switch (isIP(host)) {
    case 4:
      return context(7, false, Buffer.from(host.split('.').map(Number)));
    case 6:
      return context(7, false, ipv6Bytes(host));
    default:
      return context(2, false, Buffer.from(host));
  }
}

function ipv6Bytes(address: string): Buffer {
  const [head = '', tail] = address.split('::');
  const words = (part: string) => part.split(':').filter((word) => word !== '');
  const [before, after] = [words(head), words(tail ?? '')];
  const zeros = new Array<string>(tail === undefined ? 0 : 8 - before.length - after.length).fill('0');
  return Buffer.concat([...before, ...zeros, ...after].map((word) => Buffer.from(word.padStart(4, '0'), 'hex')));
}

/** SHA-1 of the key's bits, as RFC 5280 suggests: the last 65 bytes of a P-256 key's DER. */
function keyId(publicDer: Uint8Array): Buffer {
  return createHash('sha1').update(publicDer.subarray(-65)).digest();
}
