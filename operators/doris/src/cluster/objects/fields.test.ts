import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Spec } from '../../api/spec.ts';
import { spec as schema } from '../../api/spec.ts';
import { COMPONENTS } from '../names.ts';
import type { ComponentName } from '../names.ts';
import { configMap } from './config.ts';
import { services } from './services.ts';
import { statefulSet } from './stateful-set.ts';

const base = (name: string) => ({ baseImage: `doris-${name}`, replicas: 1, requests: { storage: '1Gi' } });
const whole: Spec = { version: '2.0.3', fe: base('fe'), be: base('be'), cn: base('cn'), broker: base('broker') };

const PROBES: Readonly<Record<string, unknown>> = {
  baseImage: 'other',
  version: '2.0.4',
  replicas: 3,
  requests: { storage: '2Gi', cpu: '1' },
  limits: { cpu: '2' },
  claims: [{ name: 'gpu' }],
  config: { sys_log_level: 'WARN' },
  hostAliases: [{ ip: '10.0.0.1', hostnames: ['a'] }],
  serviceAccount: 'sa',
  nodeSelector: { disk: 'ssd' },
  annotations: { team: 'data' },
  affinity: { nodeAffinity: {} },
  tolerations: [{ key: 'x', operator: 'Exists' }],
  priorityClassName: 'high',
  statefulSetUpdateStrategy: 'OnDelete',
  additionalEnv: [{ name: 'A', value: 'b' }],
  additionalContainers: [{ name: 'side', image: 'side' }],
  additionalVolumes: [{ name: 'v', emptyDir: {} }],
  additionalVolumeMounts: [{ name: 'v', mountPath: '/v' }],
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
  podSecurityContext: { runAsNonRoot: true },
  securityContext: { allowPrivilegeEscalation: false },
  terminationGracePeriodSeconds: 300,
  startTimeoutSeconds: 60,
  storageClassName: 'fast',
  service: { type: 'NodePort', annotations: { a: 'b' }, httpPort: 30_080, externalTrafficPolicy: 'Local' },
  storage: [{ name: 'hot', request: '1Gi', storageClassName: 'fast', medium: 'SSD' }],
  retainDefaultStorage: true,
};
/** Fields that no object shows, and the tests that show what they do. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'fe.followers': 'observers.test.ts',
  'fe.tls': 'tls.test.ts',
  'fe.persistentVolumeClaimRetentionPolicy': 'retention.test.ts',
  'be.persistentVolumeClaimRetentionPolicy': 'retention.test.ts',
  'be.failover': 'failover.proof.ts',
  'cn.failover': 'failover.proof.ts',
  suspend: 'suspend.proof.ts',
};

const CLUSTER: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(
    [
      'version',
      'serviceAccount',
      'affinity',
      'nodeSelector',
      'annotations',
      'tolerations',
      'priorityClassName',
      'statefulSetUpdateStrategy',
      'topologySpreadConstraints',
      'podSecurityContext',
      'securityContext',
    ].map((name) => [name, PROBES[name]]),
  ),
  hadoopConf: { hostAliases: [{ ip: '10.0.0.2', name: 'h' }], config: { 'hdfs-site.xml': '<configuration/>' } },
  imagePullPolicy: 'Always',
  imagePullSecrets: [{ name: 'pull' }],
  busyBoxImage: 'registry.example/busybox:1',
  setMaxMapCount: true,
};
/** Asked of the workers alone. */
const WORKERS_ONLY = new Set(['busyBoxImage', 'setMaxMapCount']);

function built(spec: Spec, name: ComponentName): string {
  const cluster = { name: 'c', namespace: 'n', spec };
  const replicas = spec[name]?.replicas ?? 0;
  return JSON.stringify([configMap(cluster, name), services(cluster, name), statefulSet(cluster, name, { replicas, leaving: [], live: undefined })]);
}

test('every field of a component changes what that component is made of, and nothing of the others', () => {
  let checked = 0;
  for (const name of COMPONENTS) {
    for (const field of Object.keys(schema.shape[name].unwrap().shape)) {
      if (`${name}.${field}` in ELSEWHERE) continue;
      assert.ok(field in PROBES, `${name}.${field}: this table does not know what it should change`);
      const more = field === 'retainDefaultStorage' ? { storage: PROBES['storage'] } : {};
      const before = { ...whole, [name]: { ...whole[name], ...more } } as Spec; // sound: the table's values are the fields'
      const after = { ...whole, [name]: { ...whole[name], ...more, [field]: PROBES[field] } } as Spec; // sound: as above
      assert.notEqual(built(after, name), built(before, name), `${name}.${field} changes nothing`);
      for (const other of COMPONENTS) if (other !== name) assert.equal(built(after, other), built(before, other), `${name}.${field} changes ${other}`);
      checked += 1;
    }
  }
  assert.ok(checked > 80);
});

test('every field of the cluster changes all components that it is for', () => {
  for (const field of Object.keys(schema.shape)) {
    if ((COMPONENTS as readonly string[]).includes(field) || field in ELSEWHERE) continue;
    assert.ok(field in CLUSTER, `${field}: this table does not know what it should change`);
    const after = { ...whole, [field]: CLUSTER[field] } as Spec; // sound: the table's values are the fields'
    for (const name of WORKERS_ONLY.has(field) ? (['be', 'cn'] as const) : COMPONENTS) {
      assert.notEqual(built(after, name), built(whole, name), `${field} does not change ${name}`);
    }
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
