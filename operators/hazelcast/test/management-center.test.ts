import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { conditionOf, isReady } from '@binnacle/client';
import {
  CustomResourceDefinition,
  Ingress,
  PersistentVolumeClaim,
  Pod,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
} from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { Subject, World } from '@binnacle/testing';
import { agentCertificate } from '../src/agent/certificate.ts';
import { ManagementCenter, hazelcastOperator } from '../src/index.ts';
import { initCommand, quoted } from '../src/management-center/config.ts';
import { statefulSet } from '../src/management-center/objects.ts';
import { Route } from '../src/management-center/route.ts';
import { center, centerRefusals } from './center.ts';
import { LICENCE, put, subject } from './put.ts';
import { overheard } from './subject.ts';

const REF = { namespace: 'default', name: 'managementcenter' };
const LDAP = {
  url: 'ldap://ldap:389',
  credentialsSecretName: 'ldap-account',
  userDN: 'ou=users',
  groupDN: 'ou=groups',
  userSearchFilter: 'cn={0}',
  groupSearchFilter: 'member={0}',
  adminGroups: ['admins', 'root'],
  userGroups: ['users'],
  readonlyUserGroups: ['readers'],
  metricsOnlyGroups: ['metrics'],
};

test('Management Center that is deleted in the foreground says what is waited for, not what it said while it ran', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await put(w, ManagementCenter, REF.name, { spec: { hazelcastClusters: [{ name: 'dev', address: 'hazelcast' }] } });
  await w.until(ManagementCenter, REF, (now) => now !== undefined && isReady(now));
  await put(w, ManagementCenter, REF.name, { spec: { repository: 'docker.io/nobody/nothing', hazelcastClusters: [{ name: 'dev', address: 'hazelcast' }] } });
  await w.until(ManagementCenter, REF, (now) => /nothing/.test(now?.status?.message ?? ''));
  const slow = (finalizers: readonly string[] | null) =>
    w.api.patch(Pod, { ...REF, name: 'managementcenter-0' }, { type: 'merge', body: { metadata: { finalizers } } });
  await slow(['example.com/slow']);
  await w.api.delete(ManagementCenter, REF, { propagation: 'Foreground' });
  await w.until(ManagementCenter, REF, (now) => now?.status?.phase === 'Terminating');
  assert.equal((await w.find(ManagementCenter, REF))?.status?.message, 'still stopping: managementcenter-0');
  await slow(null);
  await w.until(ManagementCenter, REF, (now) => now === undefined);
});

test('Management Center comes up with an address and a volume, follows its clusters, and leaves its volume when it goes', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await put(w, Secret, 'licence', LICENCE);
  const apply = (spec: object) => put(w, ManagementCenter, REF.name, { spec: { licenseKeySecretName: 'licence', ...spec } });

  await apply({ hazelcastClusters: [{ name: 'dev', address: 'hazelcast' }] });
  await w.until(ManagementCenter, REF, (now) => now !== undefined && isReady(now));
  const mc = await w.find(ManagementCenter, REF);
  const address = (await w.find(Service, REF))?.status?.loadBalancer?.ingress?.[0]?.ip;
  assert.equal(mc?.status?.phase, 'Running');
  assert.equal(mc?.status?.externalAddresses, `${address}:8080,${address}:443`);
  assert.notEqual(await w.find(PersistentVolumeClaim, { ...REF, name: 'mancenter-storage-managementcenter-0' }), undefined);

  const revision = (await w.find(StatefulSet, REF))?.status?.updateRevision;
  await apply({
    hazelcastClusters: [{ name: 'prod', address: 'other' }],
    externalConnectivity: { type: 'ClusterIP', ingress: { hostname: 'mc.example.com', path: '/mc' } },
  });
  await w.until(ManagementCenter, REF, (now) => now?.status?.observedGeneration === now?.metadata.generation && now !== undefined && isReady(now));
  assert.notEqual((await w.find(StatefulSet, REF))?.status?.updateRevision, revision, 'connections are read at start alone: it must start again');
  assert.deepEqual(Object.keys((await w.find(Secret, REF))?.data ?? {}), ['prod.yaml']);
  assert.equal((await w.find(ManagementCenter, REF))?.status?.externalAddresses, 'mc.example.com:80');

  const encrypted = { hostname: 'mc.example.com', tls: { secretName: 'certificate' } };
  await apply({ externalConnectivity: { type: 'ClusterIP', ingress: encrypted } });
  await w.until(ManagementCenter, REF, (now) => now?.status?.externalAddresses === 'mc.example.com:443');
  assert.deepEqual((await w.find(Ingress, REF))?.spec?.tls, [{ hosts: ['mc.example.com'], secretName: 'certificate' }]);
  await apply({ externalConnectivity: { type: 'ClusterIP', ingress: { hostname: 'mc.example.com' } } });
  await w.until(Ingress, REF, (now) => now !== undefined && now.spec?.tls === undefined);

  await apply({});
  await w.until(Ingress, REF, (now) => now === undefined);
  await w.api.delete(ManagementCenter, REF);
  await w.until(StatefulSet, REF, (now) => now === undefined);
  assert.notEqual(await w.find(PersistentVolumeClaim, { ...REF, name: 'mancenter-storage-managementcenter-0' }), undefined);
});

test('it says which Secret it waits for, and goes on when the Secret comes', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await put(w, ManagementCenter, REF.name, { spec: { licenseKeySecretName: 'licence' } });
  await w.until(ManagementCenter, REF, (now) => now?.status?.message?.includes('spec.licenseKeySecretName: Not found: "licence"') === true);
  assert.equal((await w.find(ManagementCenter, REF))?.status?.phase, 'Failed');
  await put(w, Secret, 'licence', LICENCE);
  await w.until(ManagementCenter, REF, (now) => now !== undefined && isReady(now));
});

test('the LDAP account is in no object but its Secret', () => {
  const { env = [] } = statefulSet(center({ securityProvider: { ldap: LDAP } }), { phoneHome: true }, undefined).spec?.template.spec?.containers[0] ?? {};
  const command = env.find(({ name }) => name === 'MC_INIT_CMD')?.value ?? '';
  assert.match(command, /--ldap-username="\$MC_LDAP_USERNAME" --ldap-password="\$MC_LDAP_PASSWORD"/);
  assert.match(command, /--admin-groups="admins,root"/);
  assert.deepEqual(env.find(({ name }) => name === 'MC_LDAP_PASSWORD')?.valueFrom, { secretKeyRef: { name: 'ldap-account', key: 'password' } });
});

test('a value is one word of a shell, whatever is in it', () => {
  assert.equal(quoted('a "b" $(rm) `x` \\'), '"a \\"b\\" \\$(rm) \\`x\\` \\\\"');
});

test('nested groups are searched by the option that the help of Management Center names, and without one it does not start', async () => {
  const command = initCommand(center({ securityProvider: { ldap: { ...LDAP, nestedGroupSearch: true } } }));
  const without = initCommand(center({ securityProvider: { ldap: LDAP } }));
  assert.doesNotMatch(without, /nested/i);
  await using dir = await temporary();
  // A tool with such a help, that says what it is given.
  const run = async (help: string, what: string) => {
    mkdirSync(join(dir.path, 'bin'), { recursive: true });
    const tool = `#!/bin/sh\nif [ "$4" = -h ]; then printf '%s\\n' '${help}'; exit 2; fi\necho "$@"\n`;
    writeFileSync(join(dir.path, 'bin/hz-mc'), tool, { mode: 0o755 });
    return await sh(what, dir.path);
  };
  const help = '  --metrics-only-groups=<g>\n  --nested-groups[=<on>] search\n';
  const found = await run(help, command);
  assert.equal(found.code, 0, found.text);
  assert.match(found.text, /ldap configure -H \/data .* --metrics-only-groups=\S+ --nested-groups=true$/m);
  const missing = await run('  --metrics-only-groups=<g>\n', command);
  assert.notEqual(missing.code, 0);
  assert.match(missing.text, /nestedGroupSearch: this Management Center has no option for it/);
  assert.doesNotMatch(missing.text, /security reset/, 'nothing is reset before it is known');
});

/** What a shell says, and how it ends. */
async function sh(command: string, cwd: string): Promise<{ readonly code: number | null; readonly text: string }> {
  const child = spawn('sh', ['-eu', '-c', command], { cwd, env: { PATH: process.env['PATH'] ?? '', MC_LDAP_USERNAME: 'u', MC_LDAP_PASSWORD: 'p' } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text };
}

async function temporary(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'center-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test('a paused Management Center stays paused: who scales it by hand owns the number of pods', () => {
  assert.equal(statefulSet(center(), { phoneHome: true }, undefined).spec?.replicas, undefined);
});

test('what cannot be brought about is refused with its path', () => {
  const tls = { hazelcastClusters: [{ address: 'a', tls: { secretName: '', mutualAuthentication: 'Required' } }] };
  assert.match(centerRefusals(tls).join(), /spec.hazelcastClusters\[0\].tls.secretName: Required/);
  assert.deepEqual(centerRefusals({ hazelcastClusters: [{ address: 'a', tls: { secretName: '' } }] }), [], 'an empty section means no encryption');
  assert.match(centerRefusals({ externalConnectivity: { ingress: { hostname: 'h', path: 'mc' } } }).join(), /must be an absolute path/);
  assert.match(centerRefusals({ hazelcastClusters: [{ name: 'a; rm -rf /', address: 'a' }] }).join(), /hazelcastClusters\[0\].name: Invalid/);
  assert.match(centerRefusals({ hazelcastClusters: [{ address: 'a' }, { address: 'b' }] }).join(), /hazelcastClusters\[1\].name: Duplicate/);
  assert.match(centerRefusals({ persistence: { size: '20Gi' } }, {}).join(), /spec.persistence.size: Forbidden: field cannot be updated/);
  assert.deepEqual(centerRefusals({ persistence: { storageClass: 'fast' }, version: '5.5.0' }, { persistence: { storageClass: 'fast' } }), []);
});

test('an object from before a rule can still be edited elsewhere', () => {
  const old = { hazelcastClusters: [{ name: 'a b', address: 'a' }] };
  assert.match(centerRefusals(old).join(), /hazelcastClusters\[0\].name: Invalid/);
  assert.deepEqual(centerRefusals({ ...old, version: '5.5.0' }, old), []);
});

/** What Management Center last said that it shows. */
const shown = (lines: readonly string[]) => lines.findLast((line) => line.startsWith('Clusters: '))?.slice('Clusters: '.length);

test('a cluster that is taken out of the spec is taken out of its data, one that becomes encrypted is connected anew', { timeout: 60_000 }, async () => {
  const { subject: heard, lines } = overheard();
  await using w = await world([heard]);
  w.start(heard);
  await put(w, Secret, 'licence', LICENCE);
  const apply = (...hazelcastClusters: readonly object[]) =>
    put(w, ManagementCenter, REF.name, { spec: { licenseKeySecretName: 'licence', hazelcastClusters } });
  const ready = async () => await w.until(ManagementCenter, REF, (now) => now !== undefined && isReady(now));
  await apply({ name: 'dev', address: 'a' }, { name: 'prod', address: 'b' });
  await ready();
  assert.equal(shown(lines), 'dev, prod');
  await apply({ name: 'prod', address: 'b', tls: { secretName: 'certificate', mutualAuthentication: 'Required' } });
  await w.until(ManagementCenter, REF, (now) => now?.status?.message?.includes('tls.secretName: Not found: "certificate"') === true);
  const put64 = (name: string, data: Readonly<Record<string, string>>) =>
    put(w, Secret, name, { data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString('base64')])) });
  await put64('certificate', { 'tls.crt': 'nonsense', 'tls.key': 'a secret' });
  await w.until(ManagementCenter, REF, (now) => now?.status?.message?.includes('the Secret has no certificate in tls.crt') === true);
  const { key, certificate } = agentCertificate(0);
  await put64('certificate', { 'tls.crt': certificate, 'tls.key': key });
  await ready();
  assert.equal(shown(lines), 'prod (TLS)');
  const store = (await w.find(Secret, REF))?.data?.['prod.jks'];
  assert.ok(store?.startsWith('/u3+7Q'), 'a Java keystore');
  const pod = await uidOf(w);
  await w.clock.advance(120_000);
  assert.equal(await uidOf(w), pod, 'nothing is written anew that did not change');
  const next = agentCertificate(1);
  await put64('certificate', { 'tls.crt': next.certificate, 'tls.key': next.key });
  await w.until(Secret, REF, (now) => now?.data?.['prod.jks'] !== store);
  await w.until(ManagementCenter, REF, (now) => now?.status?.conditions?.find(({ type }) => type === 'Ready')?.status === 'False');
  await ready();
  assert.notEqual(await uidOf(w), pod, 'a new certificate is read at start alone');
  await apply({ name: 'dev', address: 'a' });
  await ready();
  assert.equal(shown(lines), 'dev');
});

const uidOf = async (w: World) => (await w.find(Pod, { ...REF, name: 'managementcenter-0' }))?.metadata.uid;

test('a Route is refused where there are none, with that reason', { timeout: 60_000 }, async () => {
  await using w = await world([subject]);
  w.start(subject);
  await put(w, ManagementCenter, REF.name, { spec: { externalConnectivity: { type: 'ClusterIP', route: { hostname: '' } } } });
  await w.until(ManagementCenter, REF, (now) => now?.status?.phase === 'Failed');
  const ready = conditionOf((await w.find(ManagementCenter, REF)) ?? {}, 'Ready');
  assert.equal(ready?.reason, 'NotOpenShift');
  assert.match(ready?.message ?? '', /^spec.externalConnectivity.route: Forbidden: .* use an ingress$/);
});

test('on OpenShift it has a Route, and an account that lets its pod be who it wants', { timeout: 60_000 }, async () => {
  const openShift: Subject = { ...subject, create: (parts) => hazelcastOperator({ ...parts, openShift: true }) };
  await using w = await world([openShift]);
  const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const names = { kind: 'Route', plural: 'routes', singular: 'route', listKind: 'RouteList' };
  const versions = [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }];
  const definition = { metadata: { name: 'routes.route.openshift.io' }, spec: { group: 'route.openshift.io', scope: 'Namespaced', names, versions } };
  await w.api.apply(CustomResourceDefinition, definition, { fieldManager: 'user', force: true });
  w.start(openShift);
  const apply = (externalConnectivity: object) =>
    put(w, ManagementCenter, REF.name, { spec: { externalConnectivity: { type: 'ClusterIP', ...externalConnectivity } } });
  await apply({ route: { hostname: 'mc.apps.example.com' } });
  await w.until(ManagementCenter, REF, (now) => now !== undefined && isReady(now));
  assert.equal((await w.find(ManagementCenter, REF))?.status?.externalAddresses, 'mc.apps.example.com:80');
  assert.deepEqual((await w.find(Route, REF))?.spec, { host: 'mc.apps.example.com', to: { kind: 'Service', name: REF.name }, port: { targetPort: 'http' } });
  assert.equal((await w.find(Pod, { ...REF, name: 'managementcenter-0' }))?.spec?.serviceAccountName, REF.name);
  assert.deepEqual((await w.find(Role, REF))?.rules?.[0]?.resourceNames, ['nonroot-v2']);
  assert.equal((await w.find(RoleBinding, REF))?.subjects?.[0]?.name, REF.name);
  await apply({ route: { hostname: 'mc.apps.example.com', tls: {} } });
  await w.until(ManagementCenter, REF, (now) => now?.status?.externalAddresses === 'mc.apps.example.com:443');
  const { tls } = (await w.find(Route, REF))?.spec ?? {};
  assert.deepEqual(tls, { termination: 'edge', insecureEdgeTerminationPolicy: 'Redirect' });
  await apply({});
  await w.until(Route, REF, (now) => now === undefined);
  await w.api.delete(ManagementCenter, REF);
  await w.until(ServiceAccount, REF, (now) => now === undefined);
});
