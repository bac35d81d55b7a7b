import { connect } from 'node:tls';
import type { Duplex } from 'node:stream';
import type { KeyStore } from './jks.ts';

/** How an operator proves itself to members, and whom it believes: what they have themselves. PEM. */
export interface Identity {
  readonly key: string;
  readonly chain: string;
  readonly trusted: readonly string[];
}

/** Undefined: a keystore without a key. */
export function identityOf({ own, trusted }: KeyStore): Identity | undefined {
  const [leaf] = own?.chain ?? [];
  if (own === undefined || leaf === undefined) return undefined;
  return {
    key: pem('PRIVATE KEY', own.key),
    chain: own.chain.map((one) => pem('CERTIFICATE', one)).join(''),
    trusted: [leaf, ...trusted].map((one) => pem('CERTIFICATE', one)),
  };
}

/** A stream over which both sides have proved themselves; the stream below ends with it. Who connects by pod address believes the certificate, not its names. */
export function secured(stream: Duplex, { key, chain, trusted }: Identity): Duplex {
  const wire = connect({ socket: stream, key, cert: chain, ca: [...trusted], allowPartialTrustChain: true, checkServerIdentity: () => undefined });
  wire.once('close', () => stream.destroy());
  stream.once('close', () => wire.destroy());
  return wire;
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
