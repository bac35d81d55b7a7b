import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import { Ingress, PersistentVolumeClaim, Secret, Service, StatefulSet } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import { ManagementCenter } from '../src/index.ts';
import { quoted } from '../src/management-center/config.ts';
import { statefulSet } from '../src/management-center/objects.ts';
import { center, centerRefusals } from './center.ts';
import { LICENCE, put, subject } from './put.ts';

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

test('a paused Management Center stays paused: who scales it by hand owns the number of pods', () => {
  assert.equal(statefulSet(center(), { phoneHome: true }, undefined).spec?.replicas, undefined);
});

test('what cannot be brought about is refused with its path', () => {
  const tls = { hazelcastClusters: [{ address: 'a', tls: { secretName: 's' } }] };
  assert.deepEqual(centerRefusals(tls), ['spec.hazelcastClusters[0].tls: Forbidden: not supported yet']);
  assert.match(centerRefusals({ externalConnectivity: { route: { hostname: '' } } }).join(), /spec.externalConnectivity.route: Forbidden/);
  assert.match(centerRefusals({ externalConnectivity: { ingress: { hostname: 'h', path: 'mc' } } }).join(), /must be an absolute path/);
  assert.match(centerRefusals({ securityProvider: { ldap: { ...LDAP, nestedGroupSearch: true } } }).join(), /nestedGroupSearch: Forbidden/);
  assert.match(centerRefusals({ hazelcastClusters: [{ name: 'a; rm -rf /', address: 'a' }] }).join(), /hazelcastClusters\[0\].name: Invalid/);
  assert.match(centerRefusals({ hazelcastClusters: [{ address: 'a' }, { address: 'b' }] }).join(), /hazelcastClusters\[1\].name: Duplicate/);
  assert.match(centerRefusals({ persistence: { size: '20Gi' } }, {}).join(), /spec.persistence.size: Forbidden: field cannot be updated/);
  assert.deepEqual(centerRefusals({ persistence: { storageClass: 'fast' }, version: '5.5.0' }, { persistence: { storageClass: 'fast' } }), []);
});
