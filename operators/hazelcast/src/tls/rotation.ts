import { X509Certificate } from 'node:crypto';
import type { KeyStore } from './jks.ts';
import type { Material } from '@binnacle/runtime';

/** What members do now. `none`: there are none. `rolling`: some run without the keystore there is. `settled`: all run with it. */
export type Crew = 'none' | 'rolling' | 'settled';

/**
 * The keystore that members are to have next on the way to `wanted`. Members prove themselves to one another, so while they restart one by one those with the
 * old certificate must trust the new one and the other way round. Where no authority does that, they first learn to trust the new one, then change, then
 * forget the old one, each in a round of restarts. What they must know of the rotation is in the keystore itself. Pure.
 */
export function nextKeyStore(live: KeyStore | undefined, wanted: Material, crew: Crew): KeyStore {
  const goal: KeyStore & { readonly own: object } = { own: { key: wanted.key, chain: wanted.chain }, trusted: wanted.authorities };
  const own = live?.own;
  if (live === undefined || own === undefined || crew === 'none') return goal;
  const both = (more: readonly Buffer[] = []): KeyStore => ({ own: goal.own, trusted: union(goal.trusted, live.trusted, more) });
  if (leafOf(own).equals(leafOf(wanted))) return crew === 'settled' ? goal : both();
  if (!trusts(live, wanted.chain)) return { own, trusted: union(live.trusted, [leafOf(wanted)]) };
  if (trusts(goal, own.chain)) return both();
  return crew === 'settled' ? both([leafOf(own)]) : live;
}

/** Whether who has this keystore believes who shows this chain: it knows one of its certificates, or who signed one. */
export function trusts({ own, trusted }: KeyStore, chain: readonly Buffer[]): boolean {
  const anchors = [...(own === undefined ? [] : [leafOf(own)]), ...trusted];
  return chain.some((one) => anchors.some((anchor) => anchor.equals(one) || signed(anchor, one)));
}

function signed(authority: Buffer, certificate: Buffer): boolean {
  const [by, one] = [new X509Certificate(authority), new X509Certificate(certificate)];
  return by.ca && one.checkIssued(by) && one.verify(by.publicKey);
}

const leafOf = ({ chain }: { readonly chain: readonly Buffer[] }): Buffer => chain[0] ?? Buffer.alloc(0);

function union(...lists: readonly (readonly Buffer[])[]): readonly Buffer[] {
  return lists.flat().filter((one, index, all) => all.findIndex((other) => other.equals(one)) === index);
}
