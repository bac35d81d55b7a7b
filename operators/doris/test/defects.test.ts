import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isReady } from '@binnacle/client';
import type { Live } from '@binnacle/client';
import { Pod, StatefulSet } from '@binnacle/client/kinds';
import { rbacOf, silentLogger } from '@binnacle/runtime';
import { admit, crd } from '@binnacle/schema';
import { virtualClock, world } from '@binnacle/testing';
import type { Spec } from '../src/api/spec.ts';
import { spec as clusterSpec } from '../src/api/spec.ts';
import { COMPONENTS } from '../src/cluster/names.ts';
import type { ComponentName } from '../src/cluster/names.ts';
import { clusterFrom } from '../src/cluster/objects/cluster.ts';
import { configMap } from '../src/cluster/objects/config.ts';
import { services } from '../src/cluster/objects/services.ts';
import { statefulSet } from '../src/cluster/objects/stateful-set.ts';
import { job } from '../src/initializer/objects/job.ts';
import { AUTOSCALERS } from '../src/api/doris-autoscaler.ts';
import { DorisCluster, DorisMonitor, dorisResources } from '../src/index.ts';
import { PARTS } from '../src/monitor/names.ts';
import { configData } from '../src/monitor/objects/config.ts';
import { daemonSet } from '../src/monitor/objects/daemon-set.ts';
import { monitorFrom } from '../src/monitor/objects/from.ts';
import { statefulSet as monitorSet } from '../src/monitor/objects/stateful-set.ts';
import { AT, component, sized, story } from './cluster-world.ts';
import { doris, example } from './subject.ts';

// Numbers are those of docs/doris-defects.md, which lists where the others are shown.

const whole: Spec = { ...sized(3, 3), cn: component('cn', 1), broker: component('broker', 1) };
const user = { fieldManager: 'user', force: true };

function built(name: ComponentName, spec: Spec = whole, annotations: Readonly<Record<string, string>> = {}) {
  const metadata = { name: 'prod', namespace: 'default', annotations };
  const cluster = clusterFrom({ metadata, spec });
  return statefulSet(cluster, name, { replicas: spec[name]?.replicas ?? 0, leaving: [], live: undefined });
}
const podOf = (name: ComponentName, spec?: Spec) => built(name, spec).spec!.template!.spec!;
const monitor = (spec: object = example('monitor.yaml').spec) => monitorFrom({ metadata: { name: 'm', namespace: 'default' }, spec });

test('1: annotations of the DorisCluster itself, kubectl’s copy of it among them, change no pod', () => {
  for (const name of COMPONENTS) {
    assert.deepEqual(built(name, whole, { 'kubectl.kubernetes.io/last-applied-configuration': '{}', 'argocd.argoproj.io/tracking-id': 'x' }), built(name));
  }
});

test('3: a monitor of which every part is left out brings up nothing and ends no process', async () => {
  await using w = await world([doris]);
  w.start(doris);
  await w.api.apply(DorisMonitor, { metadata: { namespace: 'default', name: 'm' }, spec: { cluster: 'basic' } }, user);
  await w.until(DorisMonitor, { namespace: 'default', name: 'm' }, (now) => now !== undefined && isReady(now));
  assert.deepEqual((await w.api.list(StatefulSet)).items, []);
});

type Rule = { readonly apiGroups: readonly string[]; readonly resources: readonly string[]; readonly verbs: readonly string[] };
const operator = () => doris.create({ network: { connect: () => Promise.reject(new Error('nobody there')) }, clock: virtualClock(), log: silentLogger });
/** What is printed as the rights of the operator, in all namespaces or in some. */
function printed(kind: 'ClusterRole' | 'Role', namespaces?: readonly string[]): readonly Rule[] {
  const place = { namespace: 'system', serviceAccount: 'doris', ...(namespaces === undefined ? {} : { namespaces }) };
  return rbacOf(operator(), place).flatMap((one) => (one.kind === kind ? (one['rules'] as readonly Rule[]) : [])); // sound: roles have rules
}

test('4: the printed rights are those that controllers declare: each kind that is watched may be watched', () => {
  const rules = printed('ClusterRole');
  const watched = operator().controllers.flatMap(({ kind, steps, watches }) => [
    kind,
    ...watches.map((one) => one.kind),
    ...steps.flatMap(({ needs }) => [...(needs.owns ?? []), ...(needs.reads ?? [])]),
  ]);
  const plurals = new Set(watched.map(({ plural }) => plural));
  for (const plural of ['statefulsets', 'daemonsets', 'horizontalpodautoscalers', 'persistentvolumeclaims', 'pods', 'jobs'])
    assert.ok(plurals.has(plural), plural);
  for (const { group, plural } of watched) {
    const verbs = rules.filter((one) => one.apiGroups.includes(group) && one.resources.includes(plural)).flatMap((one) => one.verbs);
    for (const verb of ['get', 'list', 'watch']) assert.ok(verbs.includes(verb), `${verb} ${plural}`);
  }
  const verbs = rules.filter(({ resources }) => resources.includes('pods')).flatMap((one) => one.verbs);
  assert.ok(verbs.includes('delete'), 'an ordered restart deletes pods');
  assert.doesNotMatch(JSON.stringify(rules), /"\*"|escalate|"bind"|impersonate|clusterrole/);
});

test('43: with namespaces to look after, Secrets are read and written there alone', () => {
  const secrets = (rules: readonly Rule[]) => rules.some(({ resources }) => resources.includes('secrets'));
  assert.deepEqual([secrets(printed('ClusterRole')), secrets(printed('ClusterRole', ['a'])), secrets(printed('Role', ['a']))], [true, false, true]);
});

test('5, 32: each mount of a monitor’s pod has its volume, and who writes there owns it', () => {
  for (const part of PARTS) {
    const { spec } = monitorSet(monitor(), part, undefined);
    const pod = spec!.template!.spec!;
    const volumes = [...(pod.volumes ?? []).map(({ name }) => name), ...(spec!.volumeClaimTemplates ?? []).map(({ metadata }) => metadata?.name)];
    for (const mount of pod.containers.flatMap(({ volumeMounts }) => volumeMounts ?? [])) assert.ok(volumes.includes(mount.name), `${part}: ${mount.name}`);
    const { fsGroup, runAsUser, runAsNonRoot } = pod.securityContext ?? {};
    assert.ok(fsGroup !== undefined && fsGroup === runAsUser && runAsNonRoot === true, part);
  }
});

test('10: a birth that is interrupted before the account is there goes on by itself', async () => {
  await using s = await story();
  const first = { namespace: AT.namespace, name: 'prod-fe-0' };
  await s.apply(sized(1, 1));
  await s.w.until(Pod, first, (pod) => pod?.status?.phase === 'Running');
  assert.deepEqual(
    s.statements.filter((one) => one.startsWith('CREATE USER')),
    [],
  );
  await s.w.api.delete(Pod, first);
  await s.ready();
  assert.ok(s.statements.some((one) => one.startsWith('CREATE USER')));
});

test('13: ports follow the keys of the configuration that they are for', () => {
  const be = { ...whole.be!, config: { be_port: '9999', heartbeat_service_port: '9051' } };
  const { containers } = podOf('be', { ...whole, be });
  assert.deepEqual(
    containers[0]?.ports?.map((one) => [one.name, one.containerPort]),
    [
      ['webserver-port', 8040],
      ['heart-port', 9051],
      ['be-port', 9999],
      ['brpc-port', 8060],
    ],
  );
  assert.equal(containers[0]?.livenessProbe?.tcpSocket?.port, 9051);
});

test('15: whoever waits to be registered or loads its metadata has a quarter of an hour before anybody kills it, or as long as is said', () => {
  const seconds = (name: ComponentName, spec?: Spec) => {
    const probe = podOf(name, spec).containers[0]!.startupProbe!;
    return (probe.periodSeconds ?? 10) * (probe.failureThreshold ?? 3);
  };
  for (const name of COMPONENTS) assert.equal(seconds(name), 900);
  assert.equal(seconds('be', { ...whole, be: { ...whole.be!, startTimeoutSeconds: 3_600 } }), 3_600);
});

test('16: the order in which anything stands is that of the spec, each time', () => {
  const hostAliases = ['10.0.0.9', '10.0.0.1', '10.0.0.5'].map((ip) => ({ ip, hostnames: [`h${ip}`] }));
  const spec = { ...whole, fe: { ...whole.fe!, hostAliases }, hadoopConf: { hostAliases: [{ ip: '10.0.0.7', name: 'h' }], config: {} } };
  assert.deepEqual(
    podOf('fe', spec).hostAliases?.map(({ ip }) => ip),
    ['10.0.0.7', '10.0.0.9', '10.0.0.1', '10.0.0.5'],
  );
  assert.equal(JSON.stringify(built('fe', spec)), JSON.stringify(built('fe', structuredClone(spec))));
});

test('18: mounts of a back end stand once', () => {
  const be = { ...whole.be!, additionalVolumes: [{ name: 'v', emptyDir: {} }], additionalVolumeMounts: [{ name: 'v', mountPath: '/v' }] };
  const paths = podOf('be', { ...whole, be }).containers[0]!.volumeMounts!.map(({ mountPath }) => mountPath);
  assert.equal(new Set(paths).size, paths.length, String(paths));
});

test('19: each volume of a back end has the class that is written at it', () => {
  const storage = [
    { name: 'hot', request: '1Gi', storageClassName: 'fast', medium: 'SSD' },
    { name: 'cold', request: '2Gi', storageClassName: 'slow' },
  ];
  const claims = built('be', { ...whole, be: { ...whole.be!, storage } }).spec!.volumeClaimTemplates!;
  assert.deepEqual(
    claims.map(({ metadata, spec }) => [metadata?.name, spec?.storageClassName]),
    [
      ['hot', 'fast'],
      ['cold', 'slow'],
    ],
  );
});

test('20: annotations of the spec are on the pods of all components', () => {
  for (const name of COMPONENTS) assert.equal(built(name, { ...whole, annotations: { team: 'data' } }).spec!.template!.metadata?.annotations?.['team'], 'data');
});

test('22: without Loki Grafana is told to forget its data source', () => {
  const spec = example('monitor.yaml').spec;
  assert.match(configData(monitor(), 'grafana')['datasource.yml'] ?? '', /type: loki/);
  const without = configData(monitor({ ...spec, disableLoki: true }), 'grafana')['datasource.yml'] ?? '';
  assert.doesNotMatch(without, /type: loki/);
  assert.match(without, /deleteDatasources:\n {2}- name: doris-logs/);
});

test('28: an initializer’s pod has the account and the resources that are written', () => {
  const spec = { cluster: 'prod', serviceAccount: 'sa', requests: { cpu: '1' }, limits: { memory: '1Gi' } };
  const run = { number: 1, state: 'Starting', parts: ['sql'], wish: {} } as const;
  const { template } = job({ name: 'i', namespace: 'default', spec } as never, { run } as never, 9030).spec!; // sound: nothing else of it is read
  assert.equal(template.spec?.serviceAccountName, 'sa');
  assert.deepEqual(template.spec?.containers[0]?.resources, { requests: { cpu: '1' }, limits: { memory: '1Gi' } });
});

test('31: each start script is told its patience by the name that it reads', () => {
  const names = (name: ComponentName) =>
    podOf(name)
      .containers[0]!.env!.map((one) => one.name)
      .filter((one) => one.endsWith('PROBE_TIMEOUT'));
  assert.deepEqual([names('be'), names('cn'), names('broker')], [['BE_PROBE_TIMEOUT'], ['CN_PROBE_TIMEOUT'], ['PROBE_TIMEOUT']]);
});

test('33: Promtail listens where it says, and follows the pods of its own node alone', () => {
  const [port] = daemonSet(monitor(), 'promtail').spec!.template!.spec!.containers[0]!.ports!;
  const conf = configData(monitor(), 'promtail')['promtail.yaml'] ?? '';
  assert.match(conf, new RegExp(`http_listen_port: ${port?.containerPort}\\n`));
  assert.match(conf, /target_label: __host__/);
});

test('35: what a StatefulSet may not change stays as it is there, whatever the spec or an earlier release says', () => {
  const claim = {
    metadata: { name: 'be-storage' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, storageClassName: 'old' },
  };
  const live = { metadata: { name: 'prod-be' }, spec: { podManagementPolicy: 'OrderedReady', volumeClaimTemplates: [claim], template: {} } };
  const be = { ...whole.be!, requests: { storage: '5Gi' }, storageClassName: 'new' };
  const cluster = clusterFrom({ metadata: AT, spec: { ...whole, be } });
  const { spec } = statefulSet(cluster, 'be', { replicas: 3, leaving: [], live: live as unknown as Live<typeof StatefulSet> }); // sound: nothing else of it is read
  assert.equal(spec?.podManagementPolicy, 'OrderedReady');
  const [kept] = spec?.volumeClaimTemplates ?? [];
  assert.deepEqual([kept?.metadata?.name, kept?.spec?.storageClassName, kept?.spec?.resources?.requests?.['storage']], ['be-storage', 'old', '1Gi']);
});

test('37: files for Hadoop need no host aliases, and keys that nobody reads are told', () => {
  assert.ok(clusterSpec.safeParse({ ...whole, hadoopConf: { config: { 'hdfs-site.xml': '<configuration/>' } } }).success);
  const spec = { ...whole, hadoopConf: { hosts: [{ ip: '10.0.0.7', name: 'h' }], configs: { 'hdfs-site.xml': '' } } };
  const object = { apiVersion: 'al-assad.github.io/v1beta1', kind: 'DorisCluster', metadata: AT, spec };
  assert.deepEqual([...admit(DorisCluster, object).unknown].toSorted(), ['spec.hadoopConf.configs', 'spec.hadoopConf.hosts']);
});

test('40: each kind has columns, conditions and the generation they are about; what scales has the subresource', () => {
  for (const resource of dorisResources) {
    const version = crd(resource).spec!.versions[0]!;
    const { conditions, observedGeneration } = version.schema!.openAPIV3Schema!.properties!['status']!.properties!;
    assert.ok(conditions !== undefined && observedGeneration !== undefined, resource.kind);
    assert.ok((version.additionalPrinterColumns ?? []).length > 1 && version.subresources?.status !== undefined, resource.kind);
  }
  for (const kind of AUTOSCALERS) assert.equal(crd(kind).spec!.versions[0]!.subresources?.scale?.specReplicasPath, '.spec.replicas', kind.kind);
});

test('41: a pod has its name before it is ready', () => {
  const cluster = clusterFrom({ metadata: { name: 'prod', namespace: 'default' }, spec: whole });
  for (const name of COMPONENTS) assert.equal(services(cluster, name).at(-1)?.spec?.publishNotReadyAddresses, true, name);
});

test('46: values stand in the configuration as they were written', () => {
  const value = `<a href="x">&'"`;
  const cluster = clusterFrom({ metadata: { name: 'prod', namespace: 'default' }, spec: { ...whole, fe: { ...whole.fe!, config: { odd: value } } } });
  assert.ok(configMap(cluster, 'fe').data?.['fe.conf']?.split('\n').includes(`odd=${value}`));
});

test('2.13: compute nodes declare their own ports, and further variables take none away', () => {
  const cn = { ...whole.cn!, additionalEnv: [{ name: 'A', value: 'b' }] };
  for (const family of ['ghcr.io/linsoss/doris-cn', 'apache/doris']) {
    const [container] = podOf('cn', { ...whole, cn: { ...cn, baseImage: family } }).containers;
    assert.deepEqual(
      container?.ports?.map((one) => one.containerPort),
      [8040, 9050, 9060, 8060],
    );
    const before = podOf('cn', { ...whole, cn: { ...whole.cn!, baseImage: family } }).containers[0]?.env?.map(({ name }) => name);
    assert.deepEqual(
      container?.env?.map(({ name }) => name),
      [...(before ?? []), 'A'],
    );
  }
});

test('31: who told compute nodes their patience himself, since the operator before did not, is obeyed', async () => {
  await using s = await story();
  const cn = { ...component('cn', 1), additionalEnv: [{ name: 'CN_PROBE_TIMEOUT', value: '900' }] };
  await s.apply({ ...sized(1, 1), cn });
  await s.ready();
  const [container] = (await s.set('cn')).spec!.template!.spec!.containers;
  assert.deepEqual(
    container?.env?.filter((one) => one.name === 'CN_PROBE_TIMEOUT'),
    [{ name: 'CN_PROBE_TIMEOUT', value: '900' }],
  );
});

test('2.13: the generation that a status is of is that of the object, after an edit too', async () => {
  await using s = await story();
  for (const annotations of [{}, { edited: 'yes' }]) {
    await s.apply({ ...sized(1, 1), annotations });
    await s.w.until(DorisCluster, AT, (now) => now !== undefined && isReady(now));
    const { metadata, status } = await s.cluster();
    assert.deepEqual(
      [status?.observedGeneration, status?.conditions?.find(({ type }) => type === 'Ready')?.observedGeneration],
      [metadata.generation, metadata.generation],
    );
  }
});
