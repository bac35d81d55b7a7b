import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { leaves } from '@binnacle/testing';
import { DorisCluster } from '../../api/doris-cluster.ts';
import type { Spec } from '../../api/spec.ts';
import { COMPONENTS } from '../names.ts';
import type { ComponentName } from '../names.ts';
import { configMap } from './config.ts';
import { services } from './services.ts';
import { statefulSet } from './stateful-set.ts';

const base = (name: string) => ({ baseImage: `doris-${name}`, replicas: 1, requests: { storage: '1Gi' } });
const whole: Spec = { version: '2.0.3', fe: base('fe'), be: base('be'), cn: base('cn'), broker: base('broker') };

const volume = (more: object) => ({ storage: [{ name: 'hot', request: '1Gi', storageClassName: 'fast', ...more }] });
const exposed = (more: object) => ({ service: { type: 'NodePort', ...more } });
type Row = readonly [without: object, on: object];
const row = (field: string, value: unknown): Row => [{}, { [field]: value }];
const ANYWHERE: Readonly<Record<string, unknown>> = {
  version: '2.0.4',
  serviceAccount: 'sa',
  nodeSelector: { disk: 'ssd' },
  annotations: { team: 'data' },
  affinity: { nodeAffinity: {} },
  tolerations: [{ key: 'x', operator: 'Exists' }],
  priorityClassName: 'high',
  statefulSetUpdateStrategy: 'OnDelete',
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
  podSecurityContext: { runAsNonRoot: true },
  securityContext: { allowPrivilegeEscalation: false },
};
const rows = (values: Readonly<Record<string, unknown>>): Readonly<Record<string, Row>> =>
  Object.fromEntries(Object.entries(values).map(([field, value]) => [field, row(field, value)]));

/** Each field of a component, by its path there: what is without it, and with it. */
const PROBES: Readonly<Record<string, Row>> = {
  ...rows({
    ...ANYWHERE,
    baseImage: 'other',
    replicas: 3,
    requests: { storage: '2Gi', cpu: '1' },
    limits: { cpu: '2' },
    claims: [{ name: 'gpu' }],
    config: { sys_log_level: 'WARN' },
    hostAliases: [{ ip: '10.0.0.1', hostnames: ['a'] }],
    additionalEnv: [{ name: 'A', value: 'b' }],
    additionalContainers: [{ name: 'side', image: 'side' }],
    additionalVolumes: [{ name: 'v', emptyDir: {} }],
    additionalVolumeMounts: [{ name: 'v', mountPath: '/v' }],
    terminationGracePeriodSeconds: 300,
    startTimeoutSeconds: 60,
    storageClassName: 'fast',
  }),
  'service.type': [{}, exposed({})],
  'service.annotations': [{}, { service: { annotations: { a: 'b' } } }],
  'service.httpPort': [exposed({}), exposed({ httpPort: 30_080 })],
  'service.queryPort': [exposed({}), exposed({ queryPort: 30_080 })],
  'service.externalTrafficPolicy': [exposed({}), exposed({ externalTrafficPolicy: 'Local' })],
  'storage.name': [volume({}), volume({ name: 'cold' })],
  'storage.medium': [volume({}), volume({ medium: 'SSD' })],
  'storage.request': [volume({}), volume({ request: '2Gi' })],
  'storage.storageClassName': [volume({}), volume({ storageClassName: 'slow' })],
  retainDefaultStorage: [volume({}), { ...volume({}), retainDefaultStorage: true }],
};
/** Fields that no object shows, and the tests that show what they do. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'fe.followers': 'observers.test.ts',
  'fe.tls.secretName': 'tls.test.ts',
  'fe.tls.clientSecretName': 'tls.test.ts',
  ...Object.fromEntries(
    ['fe', 'be'].flatMap((name) =>
      ['whenScaled', 'whenDeleted', 'deleteAfterSeconds'].map((field) => [`${name}.persistentVolumeClaimRetentionPolicy.${field}`, 'retention.test.ts']),
    ),
  ),
  ...Object.fromEntries(
    ['be', 'cn'].flatMap((name) => ['maxNodes', 'afterSeconds', 'withdraw'].map((field) => [`${name}.failover.${field}`, 'failover.proof.ts'])),
  ),
  suspend: 'suspend.proof.ts',
};

const hadoop = (more: object) => ({ hadoopConf: { hostAliases: [{ ip: '10.0.0.2', name: 'h' }], ...more } });
const CLUSTER: Readonly<Record<string, Row>> = {
  ...rows({
    ...ANYWHERE,
    imagePullPolicy: 'Always',
    imagePullSecrets: [{ name: 'pull' }],
    busyBoxImage: 'registry.example/busybox:1',
    setMaxMapCount: true,
  }),
  'hadoopConf.hostAliases.ip': [hadoop({}), hadoop({ hostAliases: [{ ip: '10.0.0.3', name: 'h' }] })],
  'hadoopConf.hostAliases.name': [hadoop({}), hadoop({ hostAliases: [{ ip: '10.0.0.2', name: 'i' }] })],
  'hadoopConf.config': [hadoop({}), hadoop({ config: { 'hdfs-site.xml': '<configuration/>' } })],
};
/** Asked of the workers alone. */
const WORKERS_ONLY = new Set(['busyBoxImage', 'setMaxMapCount']);

function built(spec: Spec, name: ComponentName): string {
  const cluster = { name: 'c', namespace: 'n', spec };
  const replicas = spec[name]?.replicas ?? 0;
  return JSON.stringify([configMap(cluster, name), services(cluster, name), statefulSet(cluster, name, { replicas, leaving: [], live: undefined })]);
}

const COMPONENT = /^(fe|be|cn|broker)\.(.+)$/;
/** Every field of the spec that has none of its own, or is one of Kubernetes' own things and stands in the table as a whole. */
const ALL = [
  ...leaves(DorisCluster.schema.properties!['spec']!, (path) => path in CLUSTER || path in ELSEWHERE || (COMPONENT.exec(path)?.[2] ?? '') in PROBES),
].filter((path) => !(path in ELSEWHERE));

test('every field of a component changes what that component is made of, and nothing of the others', () => {
  const own = ALL.filter((path) => COMPONENT.test(path));
  assert.ok(own.length > 80);
  for (const path of own) {
    const [, name, field] = COMPONENT.exec(path) as unknown as [string, ComponentName, string]; // sound: it matches
    const probe = PROBES[field];
    assert.ok(probe !== undefined, `${path}: this table does not know what it should change`);
    const [before, after] = probe.map((more) => ({ ...whole, [name]: { ...whole[name], ...more } }) as Spec) as [Spec, Spec]; // sound: the table's values are the fields'
    assert.notEqual(built(after, name), built(before, name), `${path} changes nothing`);
    for (const other of COMPONENTS) if (other !== name) assert.equal(built(after, other), built(before, other), `${path} changes ${other}`);
  }
});

test('every field of the cluster changes all components that it is for', () => {
  for (const path of ALL.filter((one) => !COMPONENT.test(one))) {
    assert.ok(path in CLUSTER, `${path}: this table does not know what it should change`);
    const [before, after] = CLUSTER[path]!.map((more) => ({ ...whole, ...more }) as Spec) as [Spec, Spec]; // sound: as above
    for (const name of WORKERS_ONLY.has(path) ? (['be', 'cn'] as const) : COMPONENTS) {
      assert.notEqual(built(after, name), built(before, name), `${path} does not change ${name}`);
    }
  }
});

test('a field whose effect is no object is in the test that is named for it', () => {
  for (const [path, file] of Object.entries(ELSEWHERE)) {
    const text = readFileSync(new URL(`../../../test/${file}`, import.meta.url), 'utf8');
    assert.ok(text.includes(path.split('.').at(-1)!), `${path} is not in ${file}`);
  }
});

test('each part of a Service counts; a node port only where there can be one', () => {
  for (const [name, ports] of [
    ['fe', ['httpPort', 'queryPort']],
    ['be', ['httpPort']],
    ['cn', ['httpPort']],
  ] as const) {
    const service = {
      type: 'NodePort',
      annotations: { a: 'b' },
      externalTrafficPolicy: 'Local',
      ...Object.fromEntries(ports.map((port, at) => [port, 30_080 + at])),
    };
    const cluster = { name: 'c', namespace: 'n', spec: { ...whole, [name]: { ...whole[name], service } } as Spec };
    const [client] = services(cluster, name);
    assert.deepEqual([client?.annotations, client?.spec?.type, client?.spec?.externalTrafficPolicy], [{ a: 'b' }, 'NodePort', 'Local']);
    assert.deepEqual(
      client?.spec?.ports?.map((one) => one.nodePort),
      ports.map((_, at) => 30_080 + at),
    );
    const inside = services({ ...cluster, spec: { ...whole, [name]: { ...whole[name], service: { ...service, type: 'ClusterIP' } } } as Spec }, name);
    assert.ok(inside[0]?.spec?.ports?.every((one) => !('nodePort' in one)));
  }
});
