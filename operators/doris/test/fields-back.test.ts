import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigMap, Service, StatefulSet } from '@binnacle/client/kinds';
import type { Spec } from '../src/api/spec.ts';
import { AT, component, sized, story } from './cluster-world.ts';
import type { Story } from './cluster-world.ts';

const plain: Spec = { ...sized(1, 1), cn: component('cn', 1), broker: component('broker', 1) };

const more = {
  limits: { cpu: '2' },
  config: { sys_log_level: 'WARN' },
  hostAliases: [{ ip: '10.0.0.1', hostnames: ['a'] }],
  serviceAccount: 'default',
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  annotations: { team: 'data' },
  affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
  tolerations: [{ key: 'x', operator: 'Exists' }],
  priorityClassName: 'system-node-critical',
  statefulSetUpdateStrategy: 'OnDelete',
  additionalEnv: [{ name: 'A', value: 'b' }],
  additionalContainers: [{ name: 'side', image: 'side:1' }],
  additionalVolumes: [{ name: 'v', emptyDir: {} }],
  additionalVolumeMounts: [{ name: 'v', mountPath: '/v' }],
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'ScheduleAnyway' }],
  podSecurityContext: { fsGroup: 1 },
  securityContext: { allowPrivilegeEscalation: false },
  terminationGracePeriodSeconds: 300,
  startTimeoutSeconds: 60,
};
const service = { type: 'NodePort', annotations: { a: 'b' }, httpPort: 30_080, externalTrafficPolicy: 'Local' };
const every = {
  ...plain,
  fe: { ...plain.fe!, ...more, service: { ...service, queryPort: 30_090 } },
  be: { ...plain.be!, ...more, service: { ...service, httpPort: 30_081 } },
  cn: { ...plain.cn!, ...more, service: { ...service, httpPort: 30_082 } },
  broker: { ...plain.broker!, ...more },
  hadoopConf: { hostAliases: [{ ip: '10.0.0.2', name: 'h' }], config: { 'hdfs-site.xml': '<configuration/>' } },
  imagePullPolicy: 'Always',
  imagePullSecrets: [{ name: 'pull' }],
  serviceAccount: 'default',
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  annotations: { owner: 'us' },
  tolerations: [{ key: 'y', operator: 'Exists' }],
  topologySpreadConstraints: more.topologySpreadConstraints,
} as unknown as Spec; // sound: what the schema takes, written shorter than its types

/** What is wanted of the cluster's children, as the API server has it: what others allocate is left out. */
async function children({ w }: Story): Promise<Readonly<Record<string, unknown>>> {
  const at = { namespace: AT.namespace };
  const sets = (await w.api.list(StatefulSet, at)).items.map(({ metadata, spec }) => [metadata.name, spec?.template, spec?.updateStrategy?.type] as const);
  const services = (await w.api.list(Service, at)).items
    .filter(({ metadata }) => metadata.name.startsWith('prod-'))
    .map(({ metadata, spec }) => [metadata.name, metadata.annotations ?? {}, spec] as const);
  const files = (await w.api.list(ConfigMap, at)).items.filter(({ metadata }) => /^prod-.*-config$/.test(metadata.name));
  return {
    sets: Object.fromEntries(sets.map(([name, template, strategy]) => [name, { template, strategy }])),
    services: Object.fromEntries(services.map(([name, annotations, spec]) => [name, { annotations, spec }])),
    files: Object.fromEntries(files.map(({ metadata, data }) => [metadata.name, data])),
  };
}

/** What components take from the cluster where they say nothing themselves. */
const common = {
  ...plain,
  affinity: more.affinity,
  priorityClassName: more.priorityClassName,
  podSecurityContext: more.podSecurityContext,
  securityContext: more.securityContext,
  statefulSetUpdateStrategy: 'OnDelete',
  busyBoxImage: 'registry.example/busybox:1',
} as unknown as Spec; // sound: as above

test('every field that is taken out again leaves nothing behind in the cluster', async () => {
  await using s = await story();
  await s.apply(plain);
  await s.ready();
  const before = await children(s);
  const reached = async (spec: Spec, words: readonly string[]) => {
    await s.apply(spec);
    await s.w.clock.advance(10_000);
    const text = JSON.stringify(await children(s));
    for (const word of words) assert.ok(text.includes(word), `${word} did not reach the cluster`);
    await s.apply(plain);
    await s.ready();
    assert.deepEqual(await children(s), before);
  };
  await reached(every, ['30080', '30081', '30082', '30090', 'hdfs-site.xml', 'system-node-critical', '"side"', 'Always', 'OnDelete', 'Local']);
  await reached(common, ['system-node-critical', '"nodeAffinity"', '"fsGroup"', 'allowPrivilegeEscalation', 'OnDelete', 'registry.example/busybox:1']);
  await reached({ ...plain, setMaxMapCount: true }, ['vm.max_map_count']);
  await reached({ ...plain, fe: { ...plain.fe!, version: '2.0.4', baseImage: 'mirror.example/doris-fe' } }, ['mirror.example/doris-fe:2.0.4']);
});
