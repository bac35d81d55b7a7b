import { X509Certificate, createPrivateKey } from 'node:crypto';

/** What a TLS Secret holds. All DER. */
export interface Material {
  /** PKCS#8. */
  readonly key: Buffer;
  /** The certificate of the key, then what signed it. */
  readonly chain: readonly Buffer[];
  /** Authorities whose certificates are trusted besides this one: `ca.crt`. */
  readonly authorities: readonly Buffer[];
}

/**
 * Reads `tls.crt`, `tls.key` and, if there is one, `ca.crt` of a Secret: any number of certificates, keys of any kind that PEM knows and no password hides.
 * A text says what is wrong with it, without anything of its content.
 */
export function materialOf(data: Readonly<Record<string, string>> | undefined): Material | string {
  const text = (name: string) => Buffer.from(data?.[name] ?? '', 'base64').toString('utf8');
  for (const name of ['tls.crt', 'tls.key']) if (text(name) === '') return `has no ${name}`;
  try {
    const chain = certificates(text('tls.crt'));
    const [leaf] = chain;
    if (leaf === undefined) return 'has no certificate in tls.crt';
    const key = createPrivateKey(text('tls.key'));
    if (!new X509Certificate(leaf).checkPrivateKey(key)) return 'has a tls.key that does not belong to the first certificate of tls.crt';
    return { key: key.export({ type: 'pkcs8', format: 'der' }), chain, authorities: certificates(text('ca.crt')) };
  } catch {
    // Not the error itself: it may quote what it could not read.
    return 'has no readable PEM in tls.crt, tls.key or ca.crt';
  }
}

function certificates(pem: string): readonly Buffer[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block).raw);
}
