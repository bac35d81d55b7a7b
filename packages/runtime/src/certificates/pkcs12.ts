import { createPrivateKey, randomBytes } from 'node:crypto';
import { context, integer, octets, oid, sequence, set } from './der.ts';
import type { Material } from './material.ts';

const OID = {
  data: '1.2.840.113549.1.7.1',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  localKeyId: '1.2.840.113549.1.9.21',
  /** Java's own mark of a certificate that is trusted; without it a certificate alone is nobody to Java. */
  trustedKeyUsage: '2.16.840.1.113894.746875.1.1',
  anyExtendedKeyUsage: '2.5.29.37.0',
} as const;

/**
 * A PKCS#12 store with a key and its chain, as Java reads it (RFC 7292). The key is encrypted (PBES2), the certificates are not, and no MAC guards the whole:
 * whoever may write the file could make another one. Other bytes each time.
 */
export function keyStore({ key, chain }: Pick<Material, 'key' | 'chain'>, password: string): Buffer {
  const id = attribute(OID.localKeyId, octets(randomBytes(8)));
  const encrypted = createPrivateKey({ key, format: 'der', type: 'pkcs8' }).export({
    type: 'pkcs8',
    format: 'der',
    cipher: 'aes-256-cbc',
    passphrase: password,
  });
  const bags = chain.map((one, index) => bag(OID.certBag, certificateBag(one), index === 0 ? [id] : []));
  return store([bag(OID.shroudedKeyBag, encrypted, [id]), ...bags]);
}

/** A PKCS#12 store with certificates that Java trusts. */
export function trustStore(certificates: readonly Buffer[]): Buffer {
  return store(certificates.map((one) => bag(OID.certBag, certificateBag(one), [attribute(OID.trustedKeyUsage, oid(OID.anyExtendedKeyUsage))])));
}

const store = (bags: readonly Buffer[]): Buffer => sequence(integer(Buffer.from([3])), contents(sequence(contents(sequence(...bags)))));
const contents = (data: Buffer): Buffer => sequence(oid(OID.data), context(0, true, octets(data)));
const bag = (id: string, value: Buffer, attributes: readonly Buffer[]): Buffer =>
  sequence(oid(id), context(0, true, value), ...(attributes.length === 0 ? [] : [set(...attributes)]));
const certificateBag = (der: Buffer): Buffer => sequence(oid(OID.x509Certificate), context(0, true, octets(der)));
const attribute = (id: string, value: Buffer): Buffer => sequence(oid(id), set(value));
