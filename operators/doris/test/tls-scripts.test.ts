import assert from 'node:assert/strict';
import { test } from 'node:test';
import { conditionOf, isReady } from '@binnacle/client';
import { Job, PersistentVolumeClaim, Pod, Secret } from '@binnacle/client/kinds';
import { createAuthority, createServerCertificate, longLife } from '@binnacle/runtime';
import { fate } from '@binnacle/testing';
import type { Subject } from '@binnacle/testing';
import type { InitializerStatus } from '../src/api/doris-initializer.ts';
import type { Spec } from '../src/api/spec.ts';
import { DorisCluster, DorisInitializer } from '../src/index.ts';
import { AT, component, login, sized, story } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';
import { listening } from './statement-door.ts';

const life = longLife(1_767_225_600_000);
const HOSTS = ['prod-fe.default.svc.cluster.local', '*.prod-fe-peer.default.svc.cluster.local'];
const authority = createAuthority('ours', life);
const user = { fieldManager: 'user', force: true };
const secretAt = (name: string) => ({ namespace: AT.namespace, name });
const base64 = (text: string) => Buffer.from(text).toString('base64');

const encrypted = (frontEnds: number, more: object = {}, config: Readonly<Record<string, string>> = {}): Spec => ({
  version: '2.0.3',
  fe: { ...component('fe', frontEnds), config, tls: { secretName: 'certificate', ...more } },
});

async function certify(s: Story, name: string, hosts: readonly string[] = HOSTS, by = authority): Promise<void> {
  const { certificate, key } = createServerCertificate(by, 'ours', hosts, life);
  const data = { 'tls.crt': base64(certificate), 'tls.key': base64(key), 'ca.crt': base64(authority.certificate) };
  await s.w.api.apply(Secret, { metadata: secretAt(name), data }, user);
}

async function initialise(s: Story, admin: string): Promise<void> {
  await s.w.api.apply(Secret, { metadata: secretAt('passwords'), data: { admin: base64(admin) } }, user);
  const spec = { cluster: AT.name, maxRetry: 0, adminPasswordFrom: { name: 'passwords', key: 'admin' } };
  await s.w.api.apply(DorisInitializer, { metadata: AT, spec }, user);
}

const ran = (s: Story, number: number) =>
  s.w.until(DorisInitializer, AT, (now) => isReady(now) && (now?.status as InitializerStatus | undefined)?.run?.number === number);
const reason = (s: Story, wanted: string) => s.w.until(DorisInitializer, AT, (now) => conditionOf(now, 'Ready')?.reason === wanted);

type Heard = Parameters<Subject['images'][number]['program']>[0];
const ofJobs = ({ pod }: Heard) => pod.metadata.name.startsWith('prod-initializer');
const bornOnce = ({ command }: Heard) => command[2]?.includes('/etc/doris-born') === true;

/** What containers of our scripts said to Doris in clear. */
function overheard(whose: (container: Heard) => boolean = ofJobs): {
  readonly inClear: string[];
  readonly images: (images: Subject['images']) => Subject['images'];
} {
  const inClear: string[] = [];
  const images = (all: Subject['images']) =>
    all.map((image) => ({
      ...image,
      program: (container: Heard) => {
        if (!whose(container)) return image.program(container);
        const { connect } = listening((sql) => inClear.push(sql))(container.network, fate());
        return image.program({ ...container, network: { ...container.network, connect } });
      },
    }));
  return { inClear, images };
}

test('where front ends offer TLS an initializer says nothing in clear, and proves itself where they ask for it', async () => {
  const { inClear, images } = overheard();
  await using s = await story({ images });
  await certify(s, 'certificate');
  await certify(s, 'operator', ['operator']);
  await s.apply(encrypted(1, { clientSecretName: 'operator' }, { ssl_force_client_auth: 'true' }));
  await initialise(s, 'first');
  await ran(s, 1);
  assert.deepEqual(inClear, []);
  await login(s.w, 'prod-fe-0', async () => await Promise.resolve(), { user: 'admin', password: 'first' });
});

test('a certificate that is not believed gets no password from an initializer, and the reason is told', async () => {
  const { inClear, images } = overheard();
  await using s = await story({ images });
  await certify(s, 'certificate');
  await s.apply(encrypted(1));
  await initialise(s, 'first');
  await ran(s, 1);
  await certify(s, 'certificate', HOSTS, createAuthority('ours', life));
  await s.w.clock.advance(60_000);
  await initialise(s, 'second');
  await reason(s, 'JobFailed');
  assert.match(((await s.w.api.get(DorisInitializer, AT)).status as InitializerStatus).Message ?? '', /certificate/);
  assert.deepEqual(inClear, []);
});

test('while TLS comes to front ends one by one a changed password waits until it can go encrypted', async () => {
  const { inClear, images } = overheard();
  await using s = await story({ images });
  await s.apply({ version: '2.0.3', fe: sized(3, 1).fe! });
  await initialise(s, 'first');
  await ran(s, 1);
  assert.ok(inClear.length > 0, 'nothing was overheard: the ear is deaf');
  const before = inClear.length;
  await certify(s, 'certificate');
  await s.apply(encrypted(3), { 'al-assad.github.io/pause-upgrade': 'true' });
  await s.w.until(DorisCluster, AT, (now) => conditionOf(now, 'Upgrading')?.reason === 'Paused');
  await initialise(s, 'second');
  await reason(s, 'TlsRollingOut');
  assert.equal((await s.w.find(Job, { namespace: AT.namespace, name: 'prod-initializer' }))?.status?.active ?? 0, 0);
  await s.apply(encrypted(3));
  await ran(s, 2);
  assert.equal(inClear.length, before);
});

test('a first front end that lost its volume asks the others over TLS before it starts; in clear where it has no certificate that they ask for', async () => {
  for (const [more, config, clear] of [
    [{}, {}, false],
    [{ clientSecretName: 'operator' }, { ssl_force_client_auth: 'true' }, true],
  ] as const) {
    const { inClear, images } = overheard(bornOnce);
    await using s = await story({ images });
    await certify(s, 'certificate');
    await certify(s, 'operator', ['operator']);
    await s.apply(encrypted(3, more, config));
    const { status } = await s.ready();
    await s.w.api.delete(PersistentVolumeClaim, secretAt('fe-meta-prod-fe-0'));
    await s.w.api.delete(Pod, secretAt('prod-fe-0'));
    await s.w.until(Pod, secretAt('prod-fe-0'), (pod) => pod !== undefined && conditionOf(pod, 'Ready')?.status === 'True');
    assert.equal((await s.ready()).status?.clusterId, status?.clusterId);
    assert.equal(inClear.length > 0, clear);
  }
});
