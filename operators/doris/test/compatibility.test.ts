import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DorisAutoscaler, DorisCluster, DorisInitializer, DorisMonitor } from '../src/index.ts';
import { OPERATOR_USER } from '../src/cluster/account.ts';
import { accountSecretName, COMPONENTS, labelsOf, namesOf } from '../src/cluster/names.ts';
import type { Cluster } from '../src/cluster/objects/cluster.ts';
import { configHash, configMap } from '../src/cluster/objects/config.ts';
import { partsOf } from '../src/cluster/objects/parts.ts';
import { podTemplate } from '../src/cluster/objects/pod.ts';
import { services } from '../src/cluster/objects/services.ts';
import { statefulSet } from '../src/cluster/objects/stateful-set.ts';
import { changes } from '../src/cluster/rollout/changes.ts';
import { hpaNames } from '../src/autoscaler/hpa.ts';
import { configName, jobName, secretName } from '../src/initializer/names.ts';
import { ACCOUNT, BINDING, configMapName, grafanaSecretName, partName } from '../src/monitor/names.ts';
import { monitorFrom } from '../src/monitor/objects/from.ts';
import { statefulSet as monitorSet } from '../src/monitor/objects/stateful-set.ts';
import { grantNodeAndAdmin } from '../src/sql/statements.ts';
import { AT, component } from './cluster-world.ts';
import { existingTemplate } from './existing-operator.ts';
import { example } from './subject.ts';

// What installations of the existing operator have in selectors, claims, scripts and pipelines (spec/doris-operator.md §13): every line here is one of them.

const cluster: Cluster = {
  ...AT,
  spec: { version: '2.0.3', fe: component('fe', 3), be: component('be', 3), cn: component('cn', 1), broker: component('broker', 1) },
};

test('kinds go by the names that they had', () => {
  const names = [DorisCluster, DorisInitializer, DorisMonitor, DorisAutoscaler].map(({ group, version, kind, plural, shortNames }) =>
    [group, version, kind, plural, ...(shortNames ?? [])].join(' '),
  );
  assert.deepEqual(names, [
    'al-assad.github.io v1beta1 DorisCluster dorisclusters dc',
    'al-assad.github.io v1beta1 DorisInitializer dorisinitializers di',
    'al-assad.github.io v1beta1 DorisMonitor dorismonitors dm',
    'al-assad.github.io v1beta1 DorisAutoscaler dorisautoscalers da',
  ]);
});

type Schema = { readonly properties?: Readonly<Record<string, Schema>>; readonly items?: Schema };
/** Which of these paths a kind does not know. */
function missing(kind: { readonly schema: unknown }, paths: readonly string[]): readonly string[] {
  const knows = (path: string) =>
    path.split('.').reduce<Schema | undefined>((at, key) => (at?.items ?? at)?.properties?.[key], kind.schema as Schema) !== undefined; // sound: a CRD's schema
  return paths.filter((path) => !knows(path));
}
const under = (parent: string, names: string): readonly string[] => names.split(' ').map((name) => `${parent}.${name}`);

test('every field that objects may have is there under its name, odd ones too', () => {
  const common =
    'baseImage version replicas requests limits claims config hostAliases serviceAccount nodeSelector annotations affinity tolerations priorityClassName statefulSetUpdateStrategy additionalEnv additionalContainers additionalVolumes additionalVolumeMounts';
  const paths = [
    ...under('spec', 'fe be cn broker hadoopConf busyBoxImage version imagePullPolicy imagePullSecrets serviceAccount affinity nodeSelector annotations'),
    ...under('spec', 'tolerations priorityClassName statefulSetUpdateStrategy hadoopConf.hostAliases.ip hadoopConf.hostAliases.name hadoopConf.config'),
    ...COMPONENTS.flatMap((name) => under(`spec.${name}`, common)),
    ...under('spec.fe', 'storageClassName service.type service.queryPort service.httpPort service.externalTrafficPolicy'),
    ...under('spec.be', 'storageClassName storage.name storage.medium storage.request storage.storageClassName retainDefaultStorage'),
    ...under('status', 'lastApplySpecHash stage stageAction stageStatus lastMessage allReady fe.serviceName.name fe.serviceName.namespace'),
    ...COMPONENTS.flatMap((name) => under(`status.${name}`, 'image statefulSetRef.name statefulSetRef.namespace members readyMembers conditions')),
  ];
  assert.deepEqual(missing(DorisCluster, paths), []);
  const initializer = [
    ...under('spec', 'cluster image imagePullPolicy imagePullSecrets maxRetry serviceAccount rootPassword adminPassword initSqlScript requests limits claims'),
    ...under('spec', 'tolerations nodeSelector'),
    ...under('status', 'LastApplySpecHash phase Message jobRef status startTime completionTime active succeeded failed ready'),
  ];
  initializer.push(...under('status', 'conditions jobRef.name jobRef.namespace completedIndexes uncountedTerminatedPods'));
  assert.deepEqual(missing(DorisInitializer, initializer), []);
  const monitor = [
    ...under('spec', 'cluster disableLoki imagePullPolicy imagePullSecrets storageClassName serviceAccount nodeSelector prometheus.retentionTime'),
    ...under('spec', 'grafana.adminUser grafana.adminPassword loki.retentionTime promtail.image prometheus.service.httpPort'),
    ...under('status', 'lastApplySpecHash stage stageStatus stageAction lastMessage prometheus.statefulsetRef prometheus.serviceRef promtail.daemonSetRef'),
  ];
  for (const part of ['prometheus', 'grafana', 'loki']) {
    monitor.push(...under(`spec.${part}`, 'image requests limits claims storageClassName nodeSelector'));
    monitor.push(...under(`status.${part}`, 'serviceRef.name statefulsetRef.namespace ready conditions'));
    if (part !== 'loki') monitor.push(...under(`spec.${part}.service`, 'type httpPort externalTrafficPolicy'));
  }
  monitor.push(...under('spec.promtail', 'requests limits claims'), ...under('status.promtail', 'ready conditions'));
  assert.deepEqual(missing(DorisMonitor, monitor), []);
  const autoscaler = [
    ...under('spec.cn', 'replicas.max replicas.min rules.cpu.max rules.cpu.min rules.memory.max scalePeriodSeconds.scaleUp disableScaleDown'),
    ...under('status', 'lastApplySpecHash clusterRef cn.phase cn.Message cn.scaleUpHpa cn.scaleUpHpaStatus cn.scaleDown cn.scaleDownHpaStatus'),
  ];
  autoscaler.push(...under('spec.cn', 'rules.memory.min scalePeriodSeconds.scaleDown'));
  autoscaler.push(...['scaleUpHpa', 'scaleDown'].flatMap((of) => under(`status.cn.${of}`, 'name namespace kind apiVersion')));
  assert.deepEqual(missing(DorisAutoscaler, autoscaler), []);
});

test('objects keep their names, labels, governing Services, claims and pod management: none of it may change on a StatefulSet that exists', () => {
  const built = COMPONENTS.map((name) => {
    const { spec, labels, ...set } = statefulSet(cluster, name, { replicas: 1, leaving: [], live: undefined });
    assert.deepEqual([labels, spec?.selector?.matchLabels], [labelsOf('prod', name), labelsOf('prod', name)]);
    const claims = spec?.volumeClaimTemplates?.map((claim) => claim.metadata?.name) ?? [];
    return [
      set.name,
      spec?.serviceName,
      spec?.podManagementPolicy,
      ...claims,
      ...services(cluster, name).map((one) => one.name),
      configMap(cluster, name).name,
    ];
  });
  assert.deepEqual(built, [
    ['prod-fe', 'prod-fe-peer', 'OrderedReady', 'fe-meta', 'prod-fe', 'prod-fe-peer', 'prod-fe-config'],
    ['prod-be', 'prod-be-peer', 'Parallel', 'be-storage', 'prod-be', 'prod-be-peer', 'prod-be-config'],
    ['prod-cn', 'prod-cn-peer', 'Parallel', 'prod-cn', 'prod-cn-peer', 'prod-cn-config'],
    ['prod-broker', 'prod-broker-peer', 'Parallel', 'prod-broker-peer', 'prod-broker-config'],
  ]);
  assert.deepEqual(labelsOf('prod', ''), {
    'app.kubernetes.io/name': 'doris-cluster',
    'app.kubernetes.io/managed-by': 'doris-operator',
    'app.kubernetes.io/instance': 'prod',
    'app.kubernetes.io/component': '',
  });
  const custom = { ...component('be', 1), storage: [{ name: 'hot', request: '1Gi', storageClassName: 'fast' }], retainDefaultStorage: true };
  const { spec } = statefulSet({ ...cluster, spec: { ...cluster.spec, be: custom } }, 'be', { replicas: 1, leaving: [], live: undefined });
  assert.deepEqual(
    spec?.volumeClaimTemplates?.map((claim) => claim.metadata?.name),
    ['hot', 'be-storage'],
  );
  assert.deepEqual(namesOf('prod', 'fe').statefulSet, 'prod-fe');
});

test('pods get these things that they had not, nothing else, and lose none but one that nobody reads', () => {
  const compared = COMPONENTS.map((name) => {
    const theirs = existingTemplate(name);
    const sysctl = 'initContainers' in theirs.spec && theirs.spec.initContainers !== undefined;
    return { name, theirs, ours: podTemplate(cluster, name, partsOf(cluster, name, sysctl), configHash(cluster, name)) };
  });
  const broker = 'metadata.annotations.al-assad.github.io/broker-config'; // no vector: its bytes are in no record
  assert.deepEqual(
    compared.map(({ ours, theirs }) => changes(ours, theirs).filter((one) => one !== broker)),
    [
      ['spec.initContainers[born-once]', 'spec.containers[fe].startupProbe', 'spec.volumes[born]'],
      ['spec.containers[be].startupProbe'],
      ['spec.containers[cn].env[CN_PROBE_TIMEOUT]', 'spec.containers[cn].startupProbe'],
      ['spec.containers[broker].startupProbe'],
    ],
  );
  const copied = 'metadata.annotations.kubectl.kubernetes.io/last-applied-configuration'; // §10 #1
  assert.deepEqual(
    compared.map(({ ours, theirs }) => changes(theirs, ours).filter((one) => one !== broker && one !== copied)),
    [[], [], ['spec.containers[cn].env[BE_PROBE_TIMEOUT]'], []], // §10 #31
  );
  for (const { name, ours, theirs } of compared) {
    const order = ({ env, volumeMounts, ports }: Ordered) => [env, volumeMounts, ports].map((list) => list?.map((one) => one.mountPath ?? one.name));
    const [expected] = theirs.spec.containers;
    const env = expected!.env.map((one) => (name === 'cn' && one.name === 'BE_PROBE_TIMEOUT' ? { name: 'CN_PROBE_TIMEOUT' } : one));
    assert.deepEqual(order(ours.spec.containers[0]!), order({ ...expected, env }), name);
  }
});
type Ordered = Readonly<Partial<Record<'env' | 'volumeMounts' | 'ports', readonly { readonly name?: string; readonly mountPath?: string }[]>>>;

test('a broker has the files and settings that it had: of their hash there is no record, only of what they say (§3.3), and nobody overrides them', () => {
  const own = { 'log4j.properties': 'log4j.rootLogger=ERROR', 'hdfs-site.xml': '<configuration/>' };
  const data = configMap({ ...cluster, spec: { ...cluster.spec, hadoopConf: { config: own } } }, 'broker').data!;
  const heap = '-XX:MaxRAMPercentage=75 -XX:InitialRAMPercentage=75 -XX:MinRAMPercentage=75';
  assert.deepEqual(
    [Object.keys(data).toSorted(), data['apache_hdfs_broker.conf']],
    [['apache_hdfs_broker.conf', 'hdfs-site.xml', 'log4j.properties'], `JAVA_OPTS="${heap}"`],
  );
  const lines = (data['log4j.properties'] ?? '').split('\n').filter((line) => line !== '');
  const settings = Object.fromEntries(lines.map((line) => line.replace('log4j.', '').split(/=(.*)/s).slice(0, 2)));
  assert.deepEqual(settings, {
    rootLogger: 'debug,stdout,D',
    'appender.stdout': 'org.apache.log4j.ConsoleAppender',
    'appender.stdout.Target': 'System.out',
    'appender.stdout.layout': 'org.apache.log4j.PatternLayout',
    'appender.stdout.layout.ConversionPattern': '[%-5p] %d{yyyy-MM-dd HH:mm:ss,SSS} method:%l%n%m%n',
    'appender.D': 'org.apache.log4j.DailyRollingFileAppender',
    'appender.D.File': '${BROKER_LOG_DIR}/apache_hdfs_broker.log',
    'appender.D.Append': 'true',
    'appender.D.Threshold': 'INFO',
    'appender.D.layout': 'org.apache.log4j.PatternLayout',
    'appender.D.layout.ConversionPattern': '%-d{yyyy-MM-dd HH:mm:ss}  [ %t:%r ] - [ %p ]  %m%n',
  });
});

test('the account is the one that entry scripts and metadata know', () => {
  assert.equal(OPERATOR_USER, 'k8sopr');
  assert.equal(accountSecretName('prod'), 'prod-opr-account');
  assert.match(grantNodeAndAdmin(OPERATOR_USER), /^GRANT NODE_PRIV, ADMIN_PRIV ON \*\.\*\.\* TO/);
});

test('objects beside the cluster keep their names, misspelt and swapped ones too', () => {
  assert.deepEqual([secretName('i'), configName('i'), jobName('i')], ['i-initr-secret', 'i-initr-conf', 'i-initializer']);
  assert.deepEqual(
    (['prometheus', 'grafana', 'loki', 'promtail'] as const).map((part) => [partName('m', part), configMapName('m', part)]),
    [
      ['m-prometheus', 'm-promtheus-config'],
      ['m-grafana', 'm-grafana-secret'],
      ['m-loki', 'm-loki-config'],
      ['m-promtail', 'm-promtail-config'],
    ],
  );
  assert.deepEqual([grafanaSecretName('m'), ACCOUNT, BINDING], ['m-grafana-config', 'doris-monitor', 'doris-monitor-binding']);
  assert.deepEqual(hpaNames({ kind: 'DorisAutoscaler', name: 'a' }, 'cn'), ['a-cn-scaleup', 'a-cn-scaledown']);
});

test('parts of a monitor keep their governing Services, selectors and claims: none of it may change on a StatefulSet that exists', () => {
  const monitor = monitorFrom({ metadata: { name: 'm', namespace: 'default' }, spec: { ...example('monitor.yaml').spec, cluster: 'prod' } });
  for (const part of ['prometheus', 'grafana', 'loki'] as const) {
    const { name, spec } = monitorSet(monitor, part, undefined);
    const labels = {
      'app.kubernetes.io/name': 'doris-cluster',
      'app.kubernetes.io/managed-by': 'doris-operator',
      'app.kubernetes.io/instance': 'prod',
      'app.kubernetes.io/component': part,
    };
    assert.deepEqual([name, spec?.serviceName, spec?.podManagementPolicy], [`m-${part}`, `m-${part}`, undefined]);
    assert.deepEqual([spec?.selector?.matchLabels, spec?.template?.metadata?.labels], [labels, labels]);
    assert.deepEqual(
      spec?.volumeClaimTemplates?.map(({ metadata }) => metadata?.name),
      [`${part}-data`],
    );
  }
});
