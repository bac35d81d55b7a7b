import assert from 'node:assert/strict';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { test } from 'node:test';
import { createAuthority, createServerCertificate, longLife } from '@binnacle/runtime';
import { agentCertificate } from '../agent/certificate.ts';
import type { KeyStore } from './jks.ts';
import type { Material } from '@binnacle/runtime';
import { nextKeyStore, trusts } from './rotation.ts';

const NOW = 1_767_225_600_000;
const der = (certificate: string) => new X509Certificate(certificate).raw;
const pkcs8 = (key: string) => createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
const alone = (nowMs: number): Material => {
  const { key, certificate } = agentCertificate(nowMs);
  return { key: pkcs8(key), chain: [der(certificate)], authorities: [] };
};
const authority = createAuthority('ours', longLife(NOW));
const signed = (): Material => {
  const { key, certificate } = createServerCertificate(authority, 'ours', ['hazelcast'], longLife(NOW));
  return { key: pkcs8(key), chain: [der(certificate)], authorities: [der(authority.certificate)] };
};
const first = (material: Material): KeyStore => nextKeyStore(undefined, material, 'none');
const believe = (a: KeyStore, b: KeyStore) => trusts(a, b.own?.chain ?? []) && trusts(b, a.own?.chain ?? []);

/** Every keystore on the way, members restarting in between. */
function way(from: KeyStore, to: Material): readonly KeyStore[] {
  const stores = [from];
  for (let rounds = 0; rounds < 10; rounds++) {
    const live = stores.at(-1)!;
    assert.deepEqual(nextKeyStore(nextKeyStore(live, to, 'rolling'), to, 'rolling'), nextKeyStore(live, to, 'rolling'), 'no step before the last is over');
    const next = nextKeyStore(live, to, 'settled');
    if (JSON.stringify(next) === JSON.stringify(live)) return stores;
    stores.push(next);
  }
  return assert.fail('the rotation never ends');
}

test('while a certificate is replaced, members before and after each round of restarts believe each other', () => {
  const [a, b] = [alone(NOW), alone(NOW + 1_000)];
  const cases: readonly (readonly [string, Material, Material, number])[] = [
    ['one that nobody signed', a, b, 3],
    ['one by an authority that both know', signed(), signed(), 1],
    ['from none to an authority', a, signed(), 3],
    ['from an authority to none', signed(), b, 3],
    ['only the authority is added', a, { ...a, authorities: [der(authority.certificate)] }, 1],
  ];
  for (const [what, from, to, rounds] of cases) {
    const stores = way(first(from), to);
    assert.equal(stores.length - 1, rounds, what);
    for (const [index, store] of stores.slice(1).entries()) assert.ok(believe(stores[index]!, store), `${what}: round ${index}`);
    assert.deepEqual(stores.at(-1), first(to), `${what}: the old one is forgotten`);
  }
});

test('a rotation that changes its mind half-way keeps members together', () => {
  const [a, b, c] = [alone(NOW), alone(NOW + 1_000), alone(NOW + 2_000)];
  for (const turn of [1, 2, 3]) {
    const before = way(first(a), b).slice(0, turn + 1);
    const after = way(before.at(-1)!, c);
    const stores = [...before, ...after.slice(1)];
    for (const [index, store] of stores.slice(1).entries()) assert.ok(believe(stores[index]!, store), `turned at ${turn}, round ${index}`);
    assert.deepEqual(stores.at(-1), first(c));
  }
});

test('a keystore without a key, as the existing operator left them, and a cluster without members are given the certificate at once', () => {
  const [a, b] = [alone(NOW), alone(NOW + 1_000)];
  assert.deepEqual(nextKeyStore({ own: undefined, trusted: [] }, a, 'rolling'), first(a));
  assert.deepEqual(nextKeyStore(first(a), b, 'none'), first(b));
});
