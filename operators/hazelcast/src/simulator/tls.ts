import { TLSSocket, createSecureContext } from 'node:tls';
import type { Duplex } from 'node:stream';
import { identityOf } from '../tls/identity.ts';
import { readKeyStore } from '../tls/jks.ts';
import type { KeyStore } from '../tls/jks.ts';
import { trusts } from '../tls/rotation.ts';
import type { Container } from './container.ts';

/** How a member proves itself, and whether clients must; `mutual` undefined: they are not asked. */
export interface MemberTls {
  readonly store: KeyStore;
  readonly mutual: string | undefined;
}

/** What a member shows to others, and whom it believes; base64. */
export interface Shown {
  readonly chain: readonly string[];
  readonly trusted: readonly string[];
}

/** From the `ssl` section of the client endpoint, or why a member does not start with it. */
export function memberTls(container: Container, properties: Readonly<Record<string, string>>): MemberTls | { readonly refusal: string } {
  const path = properties['keyStore'] ?? '';
  const file = container.readFile(path);
  if (file === undefined) return { refusal: `Keystore not found: ${path}` };
  try {
    const store = readKeyStore(Buffer.from(file, 'latin1'), properties['keyStorePassword'] ?? '');
    return store.own === undefined ? { refusal: `Keystore ${path} is empty` } : { store, mutual: properties['mutualAuthentication'] };
  } catch (error) {
    return { refusal: `Keystore ${path}: ${String(error)}` };
  }
}

/** The member's side of a client's stream. */
export function memberSide(stream: Duplex, { store, mutual }: MemberTls): Duplex {
  const { key, chain, trusted } = identityOf(store)!; // sound: a member does not start without a key
  const secureContext = createSecureContext({ key, cert: chain, ca: [...trusted], allowPartialTrustChain: true });
  const wire = new TLSSocket(stream, { isServer: true, secureContext, requestCert: mutual !== undefined, rejectUnauthorized: mutual === 'REQUIRED' });
  wire.once('close', () => stream.destroy());
  return wire;
}

export function shown(tls: MemberTls | undefined): Shown | undefined {
  const base64 = (list: readonly Buffer[]) => list.map((one) => one.toString('base64'));
  return tls === undefined ? undefined : { chain: base64(tls.store.own?.chain ?? []), trusted: base64(tls.store.trusted) };
}

/** Whether two members let each other in: both in clear, or each believes the other. */
export function believe(a: Shown | undefined, b: Shown | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  const store = ({ chain, trusted }: Shown): KeyStore => ({ own: { key: Buffer.alloc(0), chain: chain.map(bytes) }, trusted: trusted.map(bytes) });
  return trusts(store(a), b.chain.map(bytes)) && trusts(store(b), a.chain.map(bytes));
}

const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
