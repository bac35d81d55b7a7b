/**
 * Clusters that the existing operator left behind are taken over with no pod restarted and no entry touched. Tests are named after the hazards in
 * spec/hazelcast-core.md §10.2; objects are written as that operator writes them (`existing.ts`).
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import type { AnyKind } from '@binnacle/client';
import {
  ClusterRole,
  ClusterRoleBinding,
  ConfigMap,
  PersistentVolumeClaim,
  Pod,
  Role,
  RoleBinding,
  Secret,
  Service,
  ServiceAccount,
  StatefulSet,
} from '@binnacle/client/kinds';
import { admit } from '@binnacle/schema';
import { world } from '@binnacle/testing';
import type { World } from '@binnacle/testing';
import { agentCertificate } from '../src/agent/certificate.ts';
import { Hazelcast, HotBackup } from '../src/index.ts';
import { readKeyStore, writeKeyStore } from '../src/tls/jks.ts';
import { materialOf } from '@binnacle/runtime';
import type { Material } from '@binnacle/runtime';
import { CHECKSUM, bringAbout, existingYaml, goJson } from './existing.ts';
import type { Existing, existingSet } from './existing.ts';
import { put } from './put.ts';
import { overheard } from './subject.ts';

const NAME = 'old';
const REF = { namespace: 'default', name: NAME };
const PVC = { accessModes: ['ReadWriteOnce'], requestStorage: '1Gi' };
const LOST = /all their copies are lost|thrown away|^restored member/;
/** Passes after take-over in which something could still restart; ms. */
const LATER_MS = 300_000;

interface Held {
  /** What its user wants. */
  readonly spec: unknown;
  readonly set: string | undefined;
  readonly revision: string | undefined;
  readonly pods: readonly string[];
}

/** The members as they run: pods, how often their containers started, and what they were made from. */
async function held(w: World, name: string): Promise<Held> {
  const { items } = await w.api.list(Pod, { namespace: 'default', labelSelector: `app.kubernetes.io/instance=${name}` });
  const set = await w.find(StatefulSet, { namespace: 'default', name });
  const pods = items.map(
    ({ metadata, status }) =>
      `${metadata.name} ${metadata.uid} ${status?.containerStatuses?.map((one) => `${one.name}:${one.restartCount} ${one.ready}`).join()}`,
  );
  const { spec } = (await w.find(Hazelcast, { namespace: 'default', name })) ?? {};
  return { spec, set: set?.metadata.uid, revision: set?.status?.updateRevision, pods: pods.toSorted() };
}

/** Takes clusters over, and sees that nothing happened to them. */
async function takesOver(
  clusters: readonly Existing[],
  then: (w: World) => Promise<void> = () => Promise.resolve(),
  given: (w: World) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const { subject, lines } = overheard();
  await using w = await world([subject]);
  await given(w);
  for (const one of clusters) await bringAbout(w, one);
  for (const { name, spec } of clusters)
    await w.until(StatefulSet, { namespace: 'default', name }, (now) => now?.status?.readyReplicas === (spec.clusterSize ?? 3), 600_000);
  await w.clock.advance(10_000);
  const before = await Promise.all(clusters.map(({ name }) => held(w, name)));
  for (const [index, { spec }] of clusters.entries()) assert.equal(before[index]?.pods.length, spec.clusterSize ?? 3);
  w.start(subject);
  for (const { name } of clusters) await w.until(Hazelcast, { namespace: 'default', name }, (now) => now !== undefined && isReady(now), 600_000);
  await w.clock.advance(LATER_MS);
  for (const [index, { name }] of clusters.entries()) assert.deepEqual(await held(w, name), before[index], name);
  assert.deepEqual(
    lines.filter((line) => LOST.test(line)),
    [],
  );
  await then(w);
}

const CP = `    cp-subsystem:
        cp-member-count: 3
        persistence-enabled: true
        base-dir: /data/cp-data
        group-size: 3
`;

/** Claims of devices are called as the devices. */
const tiered = {
  name: 'tiered',
  spec: { clusterSize: 1, nativeMemory: { allocatorType: 'POOLED', size: '1280M' }, localDevices: [{ name: 'disk', pvc: PVC }] },
  agents: false,
};
const AUTO_UPGRADE = '        hazelcast.cluster.version.auto.upgrade.enabled: "true"\n';
const DEVICE = `    native-memory:
        enabled: true
        allocator-type: POOLED
        size:
            value: 1280
            unit: MEGABYTES
        page-size: 4194304
        metadata-space-percentage: 12
    local-device:
        disk:
            base-dir: /data/tiered-storage/disk
            capacity:
                value: 1073741824
                unit: BYTES
            block-size: 4096
            read-io-thread-count: 4
            write-io-thread-count: 4
`;

test(
  '10.2.1, 10.2.2, 10.2.4, 10.2.10: clusters of every kind run on: nothing in their pods is written otherwise, nor in their specs',
  { timeout: 120_000 },
  () =>
    takesOver([
      { name: 'plain', spec: {} },
      { name: 'stored', spec: { clusterSize: 2, persistence: { pvc: PVC, clusterDataRecoveryPolicy: 'PartialRecoveryMostRecent' } }, agents: false },
      {
        name: 'smart',
        spec: { clusterSize: 2, exposeExternally: { type: 'Smart', discoveryServiceType: 'NodePort', memberAccess: 'NodePortNodeName' } },
        agents: false,
      },
      { name: 'cp', spec: { cpSubsystem: { pvc: PVC } }, checksum: CHECKSUM.cp3, agents: false, sections: CP },
      {
        ...tiered,
        yaml: existingYaml(tiered.name, tiered.spec, DEVICE).replace(AUTO_UPGRADE, `${AUTO_UPGRADE}        hazelcast.tiered.store.force.enabled: "true"\n`),
      },
    ]),
);

test('10.2.1: a pod template keeps what the existing operator wrote once and never again, until its members restart for a reason', { timeout: 120_000 }, () => {
  const template = (change: (containers: readonly { readonly env: readonly object[] }[]) => object) => (set: ReturnType<typeof existingSet>) => {
    const { template: old } = set.spec;
    return { ...set, spec: { ...set.spec, template: { ...old, spec: { ...old.spec, ...change(old.spec.containers) } } } };
  };
  const [sidecar, member] = [1, 0];
  return takesOver(
    [
      // Labels and annotations came to the spec after the pods.
      { name: 'labelled', spec: { clusterSize: 2 }, since: { labels: { team: 'data' }, annotations: { note: 'later' } } },
      // The agent of the spec is a newer one than the sidecar's.
      {
        name: 'agents',
        spec: { clusterSize: 1 },
        agents: false,
        statefulSet: template((all) => ({
          containers: all.map((one, index) => (index === sidecar ? { ...one, image: 'docker.io/hazelcast/platform-operator-agent:0.1.20' } : one)),
        })),
      },
      // Resources and tolerations were taken out of the spec again.
      {
        name: 'resources',
        spec: { clusterSize: 1 },
        agents: false,
        statefulSet: template((all) => ({
          tolerations: [{ key: 'k', operator: 'Exists' }],
          containers: all.map((one, index) => (index === member ? { ...one, resources: { limits: { memory: '1Gi' } } } : one)),
        })),
      },
      // A variable of the user's stands beside the operator's own: the last one counts.
      { name: 'twice', spec: { clusterSize: 1, env: [{ name: 'LOGGING_LEVEL', value: 'TRACE' }] }, agents: false },
    ],
    async (w) => {
      const [labelled] = [{ namespace: 'default', name: 'labelled' }];
      await w.api.patch(Hazelcast, labelled, { type: 'merge', body: { spec: { properties: { a: 'b' } } } });
      await w.until(StatefulSet, labelled, (now) => now?.spec?.template.metadata?.labels?.['team'] === 'data');
      await w.until(Hazelcast, labelled, (now) => now !== undefined && isReady(now), 600_000);
      await w.api.patch(Hazelcast, { ...labelled, name: 'agents' }, { type: 'merge', body: { spec: { properties: { a: 'b' } } } });
      await w.until(StatefulSet, { ...labelled, name: 'agents' }, (now) => now?.spec?.template.spec?.containers[1]?.image?.endsWith(':0.1.29') === true);
    },
  );
});

const yamlOf = async (w: World, name: string) =>
  Buffer.from((await w.find(Secret, { namespace: 'default', name }))?.data?.['hazelcast.yaml'] ?? '', 'base64').toString();

/** Names of restores, what the existing operator hashes them to, and how they are written. */
const RESTORES: readonly (readonly [name: string, id: string, restore: object])[] = [
  ['byname', '3279032913', { hotBackupResourceName: 'hot-backup' }],
  ['azure', '3054187763', { bucketConfig: { secret: '', secretName: 'br-secret-az', bucketURI: 'azblob://backup?prefix=hazelcast/2022-06-02-21-57-49/' } }],
  ['s3', '1454284711', { bucketConfig: { secretName: 's', bucketURI: 's3://b/p?region=us-west-1&x=1' } }],
];

test(
  '10.2.3: members that restored a backup under the existing operator do not restore it again, whether the cluster had formed or not',
  { timeout: 120_000 },
  async () => {
    const { subject, lines } = overheard();
    await using w = await world([subject]);
    await put(w, HotBackup, 'hot-backup', { spec: { hazelcastResourceName: 'elsewhere', bucketURI: 's3://backup' } });
    await w.api.patch(
      HotBackup,
      { ...REF, name: 'hot-backup' },
      { type: 'merge', body: { status: { state: 'Success', backupUUIDs: ['s3://backup?prefix=elsewhere/2022-06-02-21-57-49/u.tar.gz'] } } },
      { subresource: 'status' },
    );
    for (const [name, id, restore] of RESTORES) {
      const init = `initContainer:\n    restore:\n        bucket:\n            bucket: s3://backup\n            destination: /data/persistence/base-dir\n            secretName: ""\n            restoreID: "${id}"\n`;
      await bringAbout(w, {
        name,
        spec: { clusterSize: 1, persistence: { pvc: PVC, restore } },
        init,
        agents: name === RESTORES[0]?.[0],
        succeeded: name === 's3' ? goJson({}) : false,
      });
      await w.until(StatefulSet, { ...REF, name }, (now) => now?.status?.readyReplicas === 1, 600_000);
    }
    const restored = () => lines.filter((line) => line.startsWith('restored member')).length;
    assert.equal(restored(), RESTORES.length);
    w.start(subject);
    for (const [name] of RESTORES) await w.until(Hazelcast, { ...REF, name }, (now) => now?.status?.observedGeneration !== undefined);
    for (const [name] of RESTORES) await w.api.delete(Pod, { ...REF, name: `${name}-0` });
    await w.clock.advance(60_000);
    for (const [name] of RESTORES) await w.until(Hazelcast, { ...REF, name }, (now) => now !== undefined && isReady(now), 600_000);
    assert.equal(restored(), RESTORES.length, 'restored again');
  },
);

test('10.2.4, 10.2.9: data stays where it is: under the old name of the claim, at the root of the volume', { timeout: 120_000 }, () => {
  const spec = { clusterSize: 2, persistence: { pvc: PVC } };
  const yaml = existingYaml(NAME, spec).replaceAll('/data/persistence/base-dir', '/data/persistence');
  return takesOver([{ name: NAME, spec, yaml, claim: 'hot-restart-persistence' }], async (w) => {
    assert.match(await yamlOf(w, NAME), /base-dir: \/data\/persistence\n/);
    const claims = await w.api.list(PersistentVolumeClaim, { namespace: 'default' });
    assert.deepEqual(claims.items.map(({ metadata }) => metadata.name).toSorted(), ['hot-restart-persistence-old-0', 'hot-restart-persistence-old-1']);
  });
});

test('10.2.5: what the existing operator noted of a spec, zero structures and all, stands in the way of no edit', { timeout: 120_000 }, () =>
  takesOver([{ name: NAME, spec: { clusterSize: 2, persistence: { pvc: PVC } } }], async (w) => {
    await w.api.patch(Hazelcast, REF, { type: 'merge', body: { spec: { clusterSize: 3, persistence: { pvc: { requestStorage: '2Gi' } } } } });
    await w.until(StatefulSet, REF, (now) => now?.status?.readyReplicas === 3, 600_000);
    const now = (await w.find(Hazelcast, REF))!;
    const refused = (spec: object) => admit(Hazelcast, { ...now, spec: { ...now.spec, ...spec } }, now).errors.map(({ field }) => field);
    assert.deepEqual(refused({}), []);
    assert.deepEqual(refused({ highAvailabilityMode: 'NODE' }), ['spec.highAvailabilityMode']);
  }),
);

test('sections of other kinds stay in hazelcast.yaml: members that restart still have their maps', { timeout: 120_000 }, () => {
  const map = `    map:
        default:
            backup-count: 2
        orders:
            backup-count: 1
            data-persistence:
                enabled: true
                fsync: false
`;
  return takesOver([{ name: NAME, spec: { clusterSize: 2, persistence: { pvc: PVC } }, sections: map }], async (w) => {
    assert.match(await yamlOf(w, NAME), /map:\n +default:\n +backup-count: 2\n +orders:/);
    await w.api.patch(Hazelcast, REF, { type: 'merge', body: { spec: { properties: { a: 'b' } } } });
    await w.clock.advance(LATER_MS);
    assert.match(await yamlOf(w, NAME), /orders:/);
    assert.match(await yamlOf(w, NAME), /a: b/);
  });
});

test('10.2.6: a keystore that is there stays: the empty one, and the one that members prove themselves with', { timeout: 120_000 }, () => {
  const empty = writeKeyStore({ own: undefined, trusted: [] }, 'hazelcast');
  const { key, certificate } = agentCertificate(1_767_225_600_000);
  const data = { 'tls.crt': Buffer.from(certificate).toString('base64'), 'tls.key': Buffer.from(key).toString('base64') };
  const own = materialOf(data) as Material; // sound: it is read from what was just made
  const encrypted = { name: 'encrypted', spec: { clusterSize: 2, tls: { secretName: 'tls' } }, checksum: CHECKSUM.tls, agents: false };
  const tls = { ...encrypted, yaml: withTls(existingYaml('encrypted', encrypted.spec)), keystore: writeKeyStore({ own, trusted: [] }, 'hazelcast') };
  return takesOver(
    [{ name: NAME, spec: { clusterSize: 1 }, keystore: empty }, tls],
    async (w) => {
      assert.equal((await w.find(Secret, REF))?.data?.['hazelcast.jks'], empty.toString('base64'));
      const now = Buffer.from((await w.find(Secret, { ...REF, name: 'encrypted' }))?.data?.['hazelcast.jks'] ?? '', 'base64');
      assert.deepEqual(readKeyStore(now, 'hazelcast').own?.chain[0], own.chain[0]);
    },
    (w) => put(w, Secret, 'tls', { data }),
  );
});

/** What the existing operator writes of TLS without client certificates: spec/hazelcast-core.md §2.7.4. */
function withTls(yaml: string): string {
  const store = (name: string) =>
    `${name}Store: /data/hazelcast/hazelcast.jks\n                    ${name}StorePassword: hazelcast\n                    ${name}StoreType: JKS`;
  const ssl = (properties: readonly string[]) => `            ssl:
                enabled: true
                factory-class-name: com.hazelcast.nio.ssl.BasicSSLContextFactory
                properties:
                    ${['protocol: TLS', ...properties].join('\n                    ')}
`;
  const after = (text: string, port: number, section: string) =>
    text.replace(`port: ${port}\n                port-count: 1\n`, (found) => `${found}${section}`);
  return after(after(yaml, 5702, ssl(['mutualAuthentication: REQUIRED', store('key'), store('trust')])), 5701, ssl([store('key')]));
}

test('10.2.7: the certificate of agents is used on, and outlives the cluster that owned it', { timeout: 120_000 }, () => {
  const stored = { clusterSize: 1, persistence: { pvc: PVC } };
  return takesOver(
    [
      { name: 'first', spec: stored },
      { name: 'second', spec: stored, agents: false },
    ],
    async (w) => {
      const secret = { namespace: 'default', name: 'hazelcast-agent-cert' };
      const before = await w.find(Secret, secret);
      await w.api.delete(Hazelcast, { namespace: 'default', name: 'first' });
      await w.until(Hazelcast, { namespace: 'default', name: 'first' }, (now) => now === undefined);
      await w.clock.advance(60_000);
      assert.deepEqual((await w.find(Secret, secret))?.data, before?.data);
      await put(w, HotBackup, 'backup', { spec: { hazelcastResourceName: 'second' } });
      await w.until(HotBackup, { namespace: 'default', name: 'backup' }, (now) => now?.status?.state === 'Success', 600_000);
    },
  );
});

test('10.2.8: a cluster that is deleted takes everything along that it had before, the cluster-wide rights too; its volumes stay', { timeout: 120_000 }, () =>
  takesOver(
    [{ name: NAME, spec: { clusterSize: 1, persistence: { pvc: PVC }, exposeExternally: { type: 'Smart', discoveryServiceType: 'NodePort' } } }],
    async (w) => {
      await w.api.delete(Hazelcast, REF);
      await w.until(Hazelcast, REF, (now) => now === undefined);
      await w.clock.advance(60_000);
      for (const kind of [ClusterRole, ClusterRoleBinding, Role, RoleBinding, ServiceAccount, Service, StatefulSet, Secret, ConfigMap]) {
        const { items } = await w.api.list(kind as AnyKind, { labelSelector: `app.kubernetes.io/instance=${NAME}` });
        assert.deepEqual(
          items.map(({ metadata }) => metadata.name),
          [],
          kind.kind,
        );
      }
      assert.ok(await w.find(PersistentVolumeClaim, { namespace: 'default', name: 'persistence-old-0' }));
    },
  ),
);

test('10.2.11: a word that was never checked is refused in the same words, and the members run on', { timeout: 120_000 }, async () => {
  const { subject } = overheard();
  await using w = await world([subject]);
  const odd = { clusterSize: 1, exposeExternally: { type: 'Unisocket', discoveryServiceType: 'ClusterIP' } };
  await bringAbout(w, { name: 'odd', spec: odd });
  await w.until(StatefulSet, { ...REF, name: 'odd' }, (now) => now?.status?.readyReplicas === 1, 600_000);
  const before = await held(w, 'odd');
  w.start(subject);
  await w.until(
    Hazelcast,
    { ...REF, name: 'odd' },
    (now) => now?.status?.message?.includes('spec.exposeExternally.discoveryServiceType: Invalid value: "ClusterIP": service type not supported') === true,
  );
  await w.clock.advance(LATER_MS);
  assert.deepEqual(await held(w, 'odd'), before);
});

test('10.2.12: fields of long ago mean what they meant', { timeout: 120_000 }, () =>
  takesOver([
    { name: 'licensed', spec: { clusterSize: 1, licenseKeySecretName: undefined, licenseKeySecret: 'licence' } },
    { name: 'based', spec: { clusterSize: 1, persistence: { pvc: PVC, baseDir: '/data/elsewhere' } }, agents: false },
    {
      name: 'code',
      spec: { clusterSize: 1, userCodeDeployment: { clientEnabled: true } },
      checksum: CHECKSUM.userCode,
      sections: '    user-code-deployment:\n        enabled: true\n',
      agents: false,
    },
  ]),
);
