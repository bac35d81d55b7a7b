import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { Pod, Secret } from '@binnacle/client/kinds';
import { createAuthority, createServerCertificate, longLife } from '@binnacle/runtime';
import type { KeyPair } from '@binnacle/runtime';
import type { Spec } from '../src/api/spec.ts';
import { DorisCluster } from '../src/index.ts';
import { STATUS_INTERVAL_MS } from '../src/cluster/doris.ts';
import { AT, sized, story } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';

const NOW = 1_767_225_600_000;
const HOSTS = ['prod-fe.default.svc.cluster.local', '*.prod-fe-peer.default.svc.cluster.local'];
const base64 = (text: string) => Buffer.from(text).toString('base64');

const authority = createAuthority('ours', longLife(NOW));
const signed = (hosts: readonly string[] = HOSTS, by: KeyPair = authority) => createServerCertificate(by, 'ours', hosts, longLife(NOW));

const encrypted = (frontEnds: number, tls: Partial<NonNullable<NonNullable<Spec['fe']>['tls']>> = {}, config: Readonly<Record<string, string>> = {}): Spec => {
  const spec = sized(frontEnds, 1);
  return { ...spec, fe: { ...spec.fe!, config, tls: { secretName: 'certificate', ...tls } } };
};

async function put(s: Story, name: string, made: KeyPair, ca = authority.certificate): Promise<void> {
  const data = { 'tls.crt': base64(made.certificate), 'tls.key': base64(made.key), 'ca.crt': base64(ca) };
  await s.w.api.apply(Secret, { metadata: { ...AT, name }, data }, { fieldManager: 'user', force: true });
}

const uid = async (s: Story, pod: string) => (await s.w.api.get(Pod, { namespace: AT.namespace, name: pod })).metadata.uid;
const condition = async (s: Story, type: string) => (await s.cluster()).status?.conditions?.find((one) => one.type === type);
const messageMatches = (s: Story, pattern: RegExp) =>
  s.w.until(
    DorisCluster,
    AT,
    (now) => now?.status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'False' && pattern.test(one.message ?? '')) === true,
  );

test('front ends wait for their certificate, come up with it, and statements of the operator go encrypted alone', async () => {
  await using s = await story();
  await s.apply(encrypted(3));
  await s.reason('TlsSecretMissing');
  assert.match((await condition(s, 'FrontEndTls'))?.message ?? '', /spec\.fe\.tls\.secretName: the Secret certificate is not there/);
  await put(s, 'certificate', signed());
  const { status } = await s.ready();
  assert.equal(status?.fe?.nodes?.filter((one) => one.alive).length, 3);
  assert.deepEqual(s.statements, [], 'the door saw a statement in clear');
  const stores = await s.w.api.get(Secret, { namespace: AT.namespace, name: 'prod-fe-tls' });
  await s.w.clock.advance(3 * STATUS_INTERVAL_MS);
  assert.equal((await s.w.api.get(Secret, { namespace: AT.namespace, name: 'prod-fe-tls' })).metadata.resourceVersion, stores.metadata.resourceVersion);
});

test('a certificate that is renewed reaches running front ends, and no pod restarts', async () => {
  await using s = await story();
  await put(s, 'certificate', signed());
  await s.apply(encrypted(1));
  await s.ready();
  const before = await uid(s, 'prod-fe-0');
  const renewed = signed();
  await put(s, 'certificate', renewed);
  await s.w.until(Secret, { namespace: AT.namespace, name: 'prod-fe-tls' }, (now) => now?.metadata.annotations?.['al-assad.github.io/made-of'] !== undefined);
  await s.w.clock.advance(2 * STATUS_INTERVAL_MS);
  await s.ready();
  assert.equal(await uid(s, 'prod-fe-0'), before);
  // Another authority altogether: front ends and operator get it from the same Secret.
  const another = createAuthority('ours', longLife(NOW));
  await put(s, 'certificate', signed(HOSTS, another), another.certificate);
  await s.w.clock.advance(2 * STATUS_INTERVAL_MS);
  await s.ready();
  const shown = Buffer.from((await s.w.api.get(Secret, { namespace: AT.namespace, name: 'prod-fe-tls' })).data?.['ca.crt'] ?? '', 'base64');
  assert.equal(new X509Certificate(shown).fingerprint256, new X509Certificate(another.certificate).fingerprint256);
  assert.equal(await uid(s, 'prod-fe-0'), before);
});

test('a certificate for another host is not believed; the right one heals it', async () => {
  await using s = await story();
  await put(s, 'certificate', signed(['elsewhere.example']));
  await s.apply(encrypted(1));
  await messageMatches(s, /altnames/);
  await put(s, 'certificate', signed());
  await s.ready();
});

test('a certificate of an authority that is not named is not believed', async () => {
  await using s = await story();
  await put(s, 'certificate', signed(HOSTS, createAuthority('ours', longLife(NOW))));
  await s.apply(encrypted(1));
  await messageMatches(s, /certificate/);
});

test('TLS comes to a running cluster node by node, and goes again', async () => {
  await using s = await story();
  await s.apply(sized(3, 1));
  await s.ready();
  await put(s, 'certificate', signed());
  await s.apply(encrypted(3));
  await s.ready(3_600_000);
  const before = s.statements.length;
  await s.apply({ ...encrypted(3), be: { ...encrypted(3).be!, replicas: 2 } });
  await s.ready();
  assert.equal(s.statements.length, before, 'a back end was added in clear');
  await s.apply({ ...sized(3, 2) });
  await s.ready(3_600_000);
  assert.equal(await s.w.find(Secret, { namespace: AT.namespace, name: 'prod-fe-tls' }), undefined);
});

test('front ends that ask for a certificate of clients get the one of the operator', async () => {
  await using s = await story();
  await put(s, 'certificate', signed());
  await s.apply(encrypted(1, { clientSecretName: 'operator' }, { ssl_force_client_auth: 'true' }));
  await s.reason('TlsSecretMissing');
  await put(s, 'operator', signed(['operator']));
  await s.ready();
});

test('a Secret that goes leaves front ends the certificate they have, and says so', async () => {
  await using s = await story();
  await put(s, 'certificate', signed());
  await s.apply(encrypted(1));
  await s.ready();
  await s.w.api.delete(Secret, { namespace: AT.namespace, name: 'certificate' });
  await s.w.until(DorisCluster, AT, (now) => now?.status?.conditions?.some((one) => one.type === 'FrontEndTls' && one.reason === 'TlsSecretMissing') === true);
  await s.w.clock.advance(2 * STATUS_INTERVAL_MS);
  await s.ready();
});
