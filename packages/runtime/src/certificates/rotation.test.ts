import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { parseTimestamp } from '@binnacle/client';
import { bundle, certificatesIn, renewed } from './rotation.ts';
import type { Serving } from './rotation.ts';
import { validityOf } from './certificate.ts';

const START = parseTimestamp('2026-01-01T00:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const HOSTS = ['hooks.system.svc', '127.0.0.1'];

/** Signatures do not change: each pair is checked once. */
const signed = new Map<string, boolean>();
function isSigned(certificate: string, authority: string): boolean {
  const key = certificate + authority;
  const known = signed.get(key);
  if (known !== undefined) return known;
  const [one, by] = [new X509Certificate(certificate), new X509Certificate(authority)];
  const right = one.checkIssued(by) && one.verify(by.publicKey);
  signed.set(key, right);
  return right;
}

/** Whether a client that trusts a bundle accepts a leaf at an instant. */
function accepts(trusted: string, { leaf }: Serving, nowMs: number): boolean {
  const inTime = (one: string) => nowMs >= validityOf(one).fromMs && nowMs < validityOf(one).toMs;
  return inTime(leaf.certificate) && certificatesIn(trusted).some((one) => inTime(one) && isSigned(leaf.certificate, one));
}

test('two years on, a client that is an hour behind with the bundle has accepted the server every day', () => {
  let serving = renewed(undefined, 'ca', HOSTS, START);
  const authorities = new Set([serving.authority.certificate]);
  let trusted = bundle(serving);
  for (let now = START; now < START + 730 * DAY; now += DAY) {
    // The client reads after the first of these and before the second.
    for (const at of [now, now + HOUR]) {
      serving = renewed(serving, 'ca', HOSTS, at);
      assert.ok(accepts(trusted, serving, at), `refused ${(at - START) / DAY} days after the start`);
    }
    authorities.add(serving.authority.certificate);
    trusted = bundle(serving);
    assert.ok(certificatesIn(trusted).length <= 2, 'authorities that nobody needs are forgotten');
  }
  assert.equal(authorities.size, 3, 'a new authority every eight months');
});

test('at eleven months there are two authorities, and the new one has signed', () => {
  let serving = renewed(undefined, 'ca', HOSTS, START);
  const first = serving.authority.certificate;
  for (let day = 1; day <= 334; day++) serving = renewed(serving, 'ca', HOSTS, START + day * DAY);
  assert.deepEqual(certificatesIn(bundle(serving)), [serving.authority.certificate, first]);
  assert.ok(new X509Certificate(serving.leaf.certificate).verify(new X509Certificate(serving.authority.certificate).publicKey));
});

test('nothing is renewed before its time, and a server of another name gets a leaf of that name at once', () => {
  const serving = renewed(undefined, 'ca', HOSTS, START);
  assert.equal(renewed(serving, 'ca', HOSTS, START + 59 * DAY), serving);
  const moved = renewed(serving, 'ca', [...HOSTS, 'other'], START + HOUR);
  assert.equal(moved.authority, serving.authority);
  assert.equal(new X509Certificate(moved.leaf.certificate).checkHost('other'), 'other');
});

test('who slept through the end of everything starts anew', () => {
  const serving = renewed(undefined, 'ca', HOSTS, START);
  const later = START + 400 * DAY;
  const anew = renewed(serving, 'ca', HOSTS, later);
  assert.ok(accepts(bundle(anew), anew, later));
  assert.equal(certificatesIn(bundle(anew)).length, 1);
});
