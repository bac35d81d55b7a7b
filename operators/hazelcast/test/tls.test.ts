import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import type { Duplex } from 'node:stream';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import type { Network } from '@binnacle/client';
import { Secret } from '@binnacle/client/kinds';
import { createAuthority, createServerCertificate, longLife } from '@binnacle/runtime';
import { virtualClock, world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { agentCertificate } from '../src/agent/certificate.ts';
import { Hazelcast } from '../src/api/hazelcast.ts';
import { agents } from '../src/backup/agent/client.ts';
import { connectMember } from '../src/protocol/connection.ts';
import { put } from './put.ts';
import { REF, current, hazelcast, licence, overheard, ready, uidsOf, want } from './subject.ts';

const NOW = 1_767_225_600_000;
const LOST = /all their copies are lost/;
const TLS = { licenseKeySecretName: 'licence', clusterSize: 2, tls: { secretName: 'tls', mutualAuthentication: 'Required' } };
const base64 = (text: string) => Buffer.from(text).toString('base64');

async function certificate(w: World, made: { readonly key: string; readonly certificate: string }, authority?: string): Promise<void> {
  const ca = authority === undefined ? {} : { 'ca.crt': base64(authority) };
  await put(w, Secret, 'tls', { data: { 'tls.crt': base64(made.certificate), 'tls.key': base64(made.key), ...ca } });
}

test('8.2.13, 8.6: members prove themselves, and a certificate that nobody signed is replaced without parting them', async () => {
  const { subject, lines } = overheard();
  await using w = await world([subject]);
  w.start(subject);
  await licence(w);
  await want(w, TLS);
  await w.until(Hazelcast, REF, (now) => now?.status?.message?.includes('TLS Secret not found') === true);
  await certificate(w, agentCertificate(NOW));
  assert.equal((await ready(w)).status?.hazelcastClusterStatus?.readyMembers, '2/2');
  const old = await w.find(Secret, REF);
  const pods = await uidsOf(w);
  await certificate(w, agentCertificate(NOW + 1_000));
  await w.until(Hazelcast, REF, (now) => current(now) === false);
  await ready(w);
  assert.ok((await uidsOf(w)).every((uid) => !pods.includes(uid)));
  assert.notEqual((await w.find(Secret, REF))?.data?.['hazelcast.jks'], old?.data?.['hazelcast.jks']);
  const settled = await uidsOf(w);
  await w.clock.advance(600_000);
  assert.deepEqual(await uidsOf(w), settled, 'and then it is over');
  assert.deepEqual(
    lines.filter((line) => LOST.test(line)),
    [],
  );
});

/** Somebody at every address who has this certificate; `heard` is what is said to them once they are believed. */
function somebody({ key, certificate: cert }: { readonly key: string; readonly certificate: string }): { readonly network: Network; readonly heard: Buffer[] } {
  const heard: Buffer[] = [];
  const connect = async (): Promise<Duplex> => {
    const [ours, theirs] = duplexPair();
    const socket = new TLSSocket(theirs as unknown as Socket, { isServer: true, key, cert });
    socket.on('data', (chunk: Buffer) => heard.push(chunk));
    socket.on('error', () => undefined);
    return await Promise.resolve(ours);
  };
  return { network: { connect }, heard };
}

test('8.6: to whoever has another certificate than members and agents nothing is said, not even the name of the cluster', { timeout: 60_000 }, async () => {
  const clock = virtualClock();
  const [own, other] = [agentCertificate(NOW), agentCertificate(NOW + 1_000)];
  const host = '10.0.0.1';
  const member = { host, port: 5701, identity: { key: own.key, chain: own.certificate, trusted: [own.certificate] } };
  const agent = { ip: host, identity: { ca: own.certificate, cert: own.certificate, key: own.key } };
  const asks: readonly ((network: Network, signal: AbortSignal) => Promise<unknown>)[] = [
    (network, signal) => connectMember({ network, clock }, member, 'prod', signal),
    (network, signal) => agents({ network, clock }).uploadState(agent, '1', signal),
  ];
  for (const ask of asks) {
    const over = new AbortController();
    const stranger = somebody(other);
    await assert.rejects(ask(stranger.network, over.signal), { code: 'unreachable' });
    assert.deepEqual(stranger.heard, []);
    // It is the certificate that matters: with the right one the same is heard.
    const known = somebody(own);
    const asked = ask(known.network, over.signal);
    asked.catch(() => undefined);
    while (known.heard.length === 0) await setImmediate();
    over.abort();
  }
});

test('a certificate by an authority that members know is replaced in one round of restarts', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await licence(w);
  const authority = createAuthority('ours', longLife(NOW));
  const signed = () => createServerCertificate(authority, 'ours', ['hazelcast'], longLife(NOW));
  await certificate(w, signed(), authority.certificate);
  await want(w, TLS);
  await ready(w);
  const seen = new Set(await uidsOf(w));
  await certificate(w, signed(), authority.certificate);
  await w.until(Hazelcast, REF, (now) => current(now) === false);
  await ready(w);
  for (const uid of await uidsOf(w)) seen.add(uid);
  await w.clock.advance(600_000);
  for (const uid of await uidsOf(w)) seen.add(uid);
  assert.equal(seen.size, 4);
});

test('encryption is switched on while the cluster is paused, and not while members run in clear', async () => {
  await using w = await world([hazelcast]);
  w.start(hazelcast);
  await licence(w);
  await certificate(w, agentCertificate(NOW));
  const clear = { licenseKeySecretName: 'licence', clusterSize: 2 };
  await want(w, clear);
  await ready(w);
  const pods = await uidsOf(w);
  await want(w, TLS);
  await w.until(Hazelcast, REF, (now) => now?.status?.message?.includes('spec.tls: Forbidden: can be changed only while the cluster is paused') === true);
  await w.clock.advance(60_000);
  assert.deepEqual(await uidsOf(w), pods);
  await want(w, { ...clear, clusterSize: 0 });
  await w.until(Hazelcast, REF, (now) => now?.status?.phase === 'Paused');
  await want(w, TLS);
  assert.equal((await ready(w)).status?.hazelcastClusterStatus?.readyMembers, '2/2');
});
