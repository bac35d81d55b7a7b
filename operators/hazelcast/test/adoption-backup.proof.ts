/**
 * HotBackups, CronHotBackups and Management Centers that the existing operator left behind, in each state it leaves them in. Hazards by their number in
 * spec/hazelcast-core.md §10.2; clusters: `adoption.proof.ts`.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import type { AnyKind } from '@binnacle/client';
import { Pod, Secret, Service, StatefulSet } from '@binnacle/client/kinds';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { CronHotBackup, HotBackup, ManagementCenter } from '../src/index.ts';
import { changeClusterState } from '../src/protocol/messages.ts';
import { connectMember } from '../src/protocol/connection.ts';
import { MANAGER, bringAbout } from './existing.ts';
import { LICENCE, put } from './put.ts';
import { overheard } from './subject.ts';

const NAMESPACE = 'default';
const ref = (name: string) => ({ namespace: NAMESPACE, name });
const PVC = { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi' };
const LATER_MS = 300_000;
const SUCCEEDED = 'hazelcast.com/last-successful-spec';

/** A cluster with its members up, and nobody who looks after it. */
async function cluster(w: World): Promise<void> {
  await bringAbout(w, { name: 'hazelcast', spec: { clusterSize: 2, persistence: { pvc: PVC } } });
  await w.until(StatefulSet, ref('hazelcast'), (now) => now?.status?.readyReplicas === 2, 600_000);
  await w.clock.advance(10_000);
}

/** An object as the existing operator leaves it: its finalizer, its note of the spec if it has acted on it, and a status. */
async function existing(
  w: World,
  kind: AnyKind,
  name: string,
  content: { readonly spec: object; readonly status?: object; readonly acted?: boolean; readonly metadata?: object },
) {
  const { spec, status, acted = true, metadata = {} } = content;
  const annotations = acted ? { [SUCCEEDED]: JSON.stringify(spec) } : {};
  const object = { metadata: { ...ref(name), finalizers: ['hazelcast.com/finalizer'], annotations, ...metadata }, spec };
  const made = await w.api.create(kind, object, { fieldManager: MANAGER });
  if (status !== undefined) await w.api.patch(kind, ref(name), { type: 'merge', body: { status } }, { fieldManager: MANAGER, subresource: 'status' });
  return made;
}

async function makePassive(w: World): Promise<void> {
  const never = new AbortController().signal;
  const pod = await w.find(Pod, ref('hazelcast-0'));
  let over = false;
  const told = (async () => {
    using connection = await connectMember({ network: w.sandbox.network, clock: w.clock }, { host: pod?.status?.podIP ?? '', port: 5701 }, 'dev', never);
    await connection.invoke(changeClusterState('PASSIVE'), never);
  })().finally(() => (over = true));
  await w.clock.until(() => over);
  await told;
}

const sequences = (lines: readonly string[]) => new Set(lines.flatMap((line) => /Starting new hot restart backup with sequence (\d+)/.exec(line)?.[1] ?? []));
const stateOf = (lines: readonly string[]) => lines.findLast((line) => line.includes('Cluster state is '))?.replace(/.*Cluster state is /, '');

test(
  '10.2.5: a backup that has ended is never taken again, one that is wanted is taken, and one that was cut off is taken anew and leaves the cluster ACTIVE',
  { timeout: 120_000 },
  async () => {
    const { subject, lines } = overheard();
    await using w = await world([subject]);
    await cluster(w);
    const spec = { hazelcastResourceName: 'hazelcast' };
    const done = { state: 'Success', message: '', backupUUIDs: ['backup-1659034855438/0b7a1a9e-0000-4000-8000-000000000000'] };
    await existing(w, HotBackup, 'success', { spec, status: done });
    await existing(w, HotBackup, 'failure', { spec, status: { state: 'Failure', message: 'Upload failed: no such bucket' } });
    await existing(w, HotBackup, 'in-progress', { spec, status: { state: 'InProgress' } });
    await existing(w, HotBackup, 'not-started', { spec, status: { state: 'NotStarted' } });
    await existing(w, HotBackup, 'pending', { spec, acted: false, status: { state: 'Pending' } });
    await existing(w, HotBackup, 'unknown', { spec, acted: false });
    await makePassive(w);
    assert.equal(stateOf(lines), 'PASSIVE');
    w.start(subject);
    const open = ['in-progress', 'not-started', 'pending', 'unknown'];
    for (const name of open) await w.until(HotBackup, ref(name), (now) => now?.status?.state === 'Success', 600_000);
    await w.clock.advance(LATER_MS);
    assert.equal(sequences(lines).size, open.length, 'each once');
    assert.equal(stateOf(lines), 'ACTIVE');
    const { state, backupUUIDs } = (await w.find(HotBackup, ref('success')))?.status ?? {};
    assert.deepEqual({ state, backupUUIDs }, { state: 'Success', backupUUIDs: done.backupUUIDs });
    assert.equal((await w.find(HotBackup, ref('failure')))?.status?.message, 'Upload failed: no such bucket');
  },
);

test('10.2.5: a backup that was cut off, and is deleted instead, leaves the cluster ACTIVE', { timeout: 120_000 }, async () => {
  const { subject, lines } = overheard();
  await using w = await world([subject]);
  await cluster(w);
  await existing(w, HotBackup, 'backup', { spec: { hazelcastResourceName: 'hazelcast' }, status: { state: 'InProgress' } });
  await makePassive(w);
  await w.api.delete(HotBackup, ref('backup'));
  w.start(subject);
  await w.until(HotBackup, ref('backup'), (now) => now === undefined);
  assert.equal(stateOf(lines), 'ACTIVE');
});

test('10.2.5: a schedule goes on: its HotBackups are its own, the oldest go, and no time is served twice', { timeout: 120_000 }, async () => {
  const { subject } = overheard();
  await using w = await world([subject]);
  await cluster(w);
  const spec = {
    schedule: '0 * * * *',
    successfulHotBackupsHistoryLimit: 2,
    hotBackupTemplate: { metadata: { creationTimestamp: null }, spec: { hazelcastResourceName: 'hazelcast' } },
  };
  const { uid } = (await existing(w, CronHotBackup, 'nightly', { spec: { ...spec, hotBackupTemplate: { spec: spec.hotBackupTemplate.spec } } })).metadata;
  const owner = { apiVersion: 'hazelcast.com/v1alpha1', kind: 'CronHotBackup', name: 'nightly', uid, controller: true, blockOwnerDeletion: true };
  const old = ['nightly-1767212800', 'nightly-1767216400', 'nightly-1767220000'];
  for (const name of old) {
    await existing(w, HotBackup, name, {
      spec: { hazelcastResourceName: 'hazelcast' },
      metadata: { ownerReferences: [owner] },
      status: { state: 'Success', message: '', backupUUIDs: ['b/u'] },
    });
    await w.clock.advance(2_000);
  }
  w.start(subject);
  await w.until(HotBackup, ref(old[0]!), (now) => now === undefined);
  assert.equal((await w.api.list(HotBackup)).items.length, 2, 'nothing that came due before is made up for');
  await w.clock.advance(3_700_000);
  const names = (await w.api.list(HotBackup)).items.map(({ metadata }) => metadata.name).toSorted();
  // Named after the time that follows: 02:00.
  assert.deepEqual(names, [old[2], 'nightly-1767232800']);
  await w.api.delete(CronHotBackup, ref('nightly'));
  await w.until(CronHotBackup, ref('nightly'), (now) => now === undefined);
  assert.deepEqual((await w.api.list(HotBackup)).items, []);
});

const LABELS = (name: string) => ({
  'app.kubernetes.io/name': 'management-center',
  'app.kubernetes.io/instance': name,
  'app.kubernetes.io/managed-by': 'hazelcast-platform-operator',
});
const LDAP = {
  url: 'ldap://ldap:389',
  credentialsSecretName: 'account',
  nestedGroupSearch: false,
  userDN: 'ou=users',
  groupDN: 'ou=groups',
  userSearchFilter: 'cn={0}',
  groupSearchFilter: 'member={0}',
  adminGroups: ['admins'],
  userGroups: ['users'],
  readonlyUserGroups: ['readers'],
  metricsOnlyGroups: ['metrics'],
};

/** A Management Center with its objects, as the existing operator leaves them. Source: spec/hazelcast-core.md §4.3. */
async function managementCenter(
  w: World,
  name: string,
  spec: { readonly persistence?: { readonly enabled: boolean }; readonly [field: string]: unknown },
): Promise<void> {
  await put(w, Secret, 'licence', LICENCE);
  await put(w, Secret, 'account', { data: { username: 'dQ==', password: 'cA==' } });
  const whole = {
    licenseKeySecretName: 'licence',
    version: '5.4.1',
    hazelcastClusters: [{ name: 'dev', address: 'hazelcast' }],
    externalConnectivity: { type: 'ClusterIP' },
    ...spec,
  };
  const { uid } = (await existing(w, ManagementCenter, name, { spec: whole, status: { phase: 'Running', configured: spec['securityProvider'] !== undefined } }))
    .metadata;
  const owner = { apiVersion: 'hazelcast.com/v1alpha1', kind: 'ManagementCenter', name, uid, controller: true, blockOwnerDeletion: true };
  const metadata = { ...ref(name), labels: LABELS(name), ownerReferences: [owner] };
  const write = (kind: AnyKind, object: object) => w.api.create(kind, { metadata, ...object }, { fieldManager: MANAGER });
  const port = (called: string, number: number) => ({ name: called, protocol: 'TCP', port: number, targetPort: 'mancenter-port' });
  await write(Service, { spec: { type: 'ClusterIP', selector: LABELS(name), ports: [port('http', 8080), port('https', 443)] } });
  const client = `hazelcast-client:
    cluster-name: dev
    network:
        cluster-members:
            - hazelcast
        ssl:
            enabled: false
            factory-class-name: com.hazelcast.nio.ssl.BasicSSLContextFactory
            properties: {}
`;
  await write(Secret, { type: 'Opaque', data: { 'dev.yaml': Buffer.from(client).toString('base64') } });
  const stored = spec.persistence?.enabled !== false;
  const claim = {
    metadata: { name: 'mancenter-storage', labels: LABELS(name) },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Gi' } } },
  };
  await write(StatefulSet, {
    spec: { replicas: 1, selector: { matchLabels: LABELS(name) }, template: template(name, stored), ...(stored ? { volumeClaimTemplates: [claim] } : {}) },
  });
}

function template(name: string, stored: boolean) {
  const times = { initialDelaySeconds: 10, timeoutSeconds: 10, periodSeconds: 10, successThreshold: 1, failureThreshold: 10 };
  const javaOpts =
    '-Dhazelcast.mc.healthCheck.enable=true -Dhazelcast.mc.lock.skip=true -Dhazelcast.mc.tls.enabled=false -Dmancenter.ssl=false -Dhazelcast.mc.phone.home.enabled=true -Dhazelcast.mc.license=$(MC_LICENSE_KEY)';
  const mount = (volume: string, mountPath: string) => ({ name: volume, mountPath });
  const container = {
    name: 'management-center',
    image: 'docker.io/hazelcast/management-center:5.4.1',
    imagePullPolicy: 'IfNotPresent',
    env: [
      { name: 'MC_INIT_CMD', value: './bin/mc-conf.sh cluster add --lenient=true -H /data --client-config /config/dev.yaml' },
      { name: 'MC_LICENSE_KEY', valueFrom: { secretKeyRef: { name: 'licence', key: 'license-key' } } },
      { name: 'JAVA_OPTS', value: javaOpts },
    ],
    ports: [{ name: 'mancenter-port', containerPort: 8080, protocol: 'TCP' }],
    volumeMounts: [mount('mancenter-storage', '/data'), mount('tmp-vol', '/tmp'), mount('config', '/config')],
    livenessProbe: { httpGet: { path: '/health', port: 8081, scheme: 'HTTP' }, ...times },
    readinessProbe: { tcpSocket: { port: 8080 }, ...times },
    securityContext: { runAsNonRoot: true, privileged: false, readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const empty = (volume: string) => ({ name: volume, emptyDir: {} });
  return {
    metadata: { labels: LABELS(name) },
    spec: {
      securityContext: { fsGroup: 65534, runAsNonRoot: true, runAsUser: 65534 },
      containers: [container],
      volumes: [...(stored ? [] : [empty('mancenter-storage')]), empty('tmp-vol'), { name: 'config', secret: { secretName: name, defaultMode: 420 } }],
    },
  };
}

test(
  '10.2.1: Management Centers run on: with a volume, without, and with LDAP set up; the next change of their clusters restarts them',
  { timeout: 120_000 },
  async () => {
    const { subject } = overheard();
    await using w = await world([subject]);
    await managementCenter(w, 'stored', {});
    await managementCenter(w, 'volatile', { persistence: { enabled: false } });
    await managementCenter(w, 'ldap', { securityProvider: { ldap: LDAP } });
    const names = ['stored', 'volatile', 'ldap'];
    for (const name of names) await w.until(StatefulSet, ref(name), (now) => now?.status?.readyReplicas === 1, 600_000);
    const pods = async () => Promise.all(names.map(async (name) => (await w.find(Pod, ref(`${name}-0`)))?.metadata.uid));
    const before = await pods();
    w.start(subject);
    for (const name of names) await w.until(ManagementCenter, ref(name), (now) => now !== undefined && isReady(now), 600_000);
    await w.clock.advance(LATER_MS);
    assert.deepEqual(await pods(), before);
    const edit = (name: string, spec: object) => w.api.patch(ManagementCenter, ref(name), { type: 'merge', body: { spec } });
    await edit('stored', { hazelcastClusters: [{ name: 'dev', address: 'elsewhere' }] });
    await edit('volatile', { jvm: { args: ['-Dx=y'] } });
    await edit('ldap', { securityProvider: { ldap: { ...LDAP, userDN: 'ou=people' } } });
    for (const [index, name] of names.entries())
      await w.until(Pod, ref(`${name}-0`), (now) => now !== undefined && now.metadata.uid !== before[index], 600_000);
  },
);
