import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { createAuthority, createServerCertificate, validityOf } from './certificate.ts';
import type { KeyPair } from './certificate.ts';

/** What a server shows and what its clients trust. Plain PEM, so that it fits into a Secret. */
export interface Serving {
  /** Signs the next leaf. */
  readonly authority: KeyPair;
  /** Certificates of authorities that signed before and whose leaves may still be shown, the newest first. */
  readonly former: readonly string[];
  readonly leaf: KeyPair;
}

const DAY_MS = 24 * 3_600_000;
/** How long an authority lasts: replaced after eight months, and trusted for four more. */
export const AUTHORITY_LIFE_MS = 365 * DAY_MS;
/** How long a server's certificate lasts: replaced after sixty days. */
export const LEAF_LIFE_MS = 90 * DAY_MS;
/** Part of a life after which a certificate is replaced: what fails then has a third of it to be put right (spec/runtime.md §6.5). */
const RENEW_AFTER = 2 / 3;
/**
 * How long a new authority is only trusted before it signs what is shown. Every replica and every client has read the new bundle by then: who showed a
 * new leaf at once would be refused by clients that trust the old authority only.
 */
export const TRUST_FIRST_MS = 12 * 3_600_000;
/** Clocks that are a little behind must not find a certificate that is not valid yet. */
const BACKDATE_MS = 300_000;

/** All authorities to trust, PEM, the one that signs first. */
export function bundle({ authority, former }: Pick<Serving, 'authority' | 'former'>): string {
  return [authority.certificate, ...former].join('');
}

/** The certificates in a bundle, one by one, in order. */
export function certificatesIn(pem: string): readonly string[] {
  return (pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((one) => `${one}\n`);
}

/**
 * What to serve with from now on; the same object when nothing is due. `before` undefined: from nothing. An authority that is two thirds through its life
 * gets a successor, which is trusted at once and signs only after `TRUST_FIRST_MS`; the old one stays trusted to its end. `hosts`: names and IPs of the server.
 */
export function renewed(before: Serving | undefined, name: string, hosts: readonly string[], nowMs: number): Serving {
  if (before === undefined || expired(before.authority.certificate, nowMs)) return fresh(name, hosts, nowMs);
  const withAuthority = due(before.authority.certificate, nowMs)
    ? { ...before, authority: newAuthority(name, nowMs), former: [before.authority.certificate, ...before.former] }
    : before;
  const former = withAuthority.former.filter((one) => !expired(one, nowMs));
  const trusted = former.length === withAuthority.former.length ? withAuthority : { ...withAuthority, former };
  if (!leafDue(trusted, hosts, nowMs)) return trusted;
  return { ...trusted, leaf: newLeaf(trusted.authority, name, hosts, nowMs) };
}

/** Whether the leaf has to be replaced now. One that nobody can accept any more is replaced whatever else; else the authority must be trusted first. */
function leafDue({ authority, former, leaf }: Serving, hosts: readonly string[], nowMs: number): boolean {
  const certificate = new X509Certificate(leaf.certificate);
  const signedBy = (one: string) => certificate.verify(new X509Certificate(one).publicKey);
  const named = hosts.every((host) => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined);
  if (expired(leaf.certificate, nowMs) || !named || ![authority.certificate, ...former].some(signedBy)) return true;
  const trustedByAll = former.length === 0 || nowMs >= validityOf(authority.certificate).fromMs + BACKDATE_MS + TRUST_FIRST_MS;
  return trustedByAll && (due(leaf.certificate, nowMs) || !signedBy(authority.certificate));
}

function fresh(name: string, hosts: readonly string[], nowMs: number): Serving {
  const authority = newAuthority(name, nowMs);
  return { authority, former: [], leaf: newLeaf(authority, name, hosts, nowMs) };
}

function newAuthority(name: string, nowMs: number): KeyPair {
  return createAuthority(name, { fromMs: nowMs - BACKDATE_MS, toMs: nowMs + AUTHORITY_LIFE_MS });
}

/** Never longer than its authority: it would be refused anyway. */
function newLeaf(authority: KeyPair, name: string, hosts: readonly string[], nowMs: number): KeyPair {
  const toMs = Math.min(nowMs + LEAF_LIFE_MS, validityOf(authority.certificate).toMs);
  return createServerCertificate(authority, name, hosts, { fromMs: nowMs - BACKDATE_MS, toMs });
}

function due(certificate: string, nowMs: number): boolean {
  const { fromMs, toMs } = validityOf(certificate);
  return nowMs >= fromMs + (toMs - fromMs) * RENEW_AFTER;
}

function expired(certificate: string, nowMs: number): boolean {
  return nowMs >= validityOf(certificate).toMs;
}
