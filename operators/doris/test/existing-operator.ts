import { isReady } from '@binnacle/client';
import type { AnyKind, Api } from '@binnacle/client';
import { ConfigMap, Pod, Secret, Service, StatefulSet } from '@binnacle/client/kinds';
import type { World } from '@binnacle/testing';
import { DorisCluster } from '../src/index.ts';
import type { Spec } from '../src/api/spec.ts';
import type { ComponentName } from '../src/cluster/names.ts';
import { AT, prod } from './cluster-world.ts';

type Component = NonNullable<Spec['be']>;

/** Without sub-fields of managers and with a name of its own, as the existing operator's client writes. */
const MANAGER = { fieldManager: 'manager' };

const META = { 'prometheus.io/path': '/metrics', 'prometheus.io/scrape': 'true' };
/** MD5 of the ConfigMaps below, as the existing operator has them (spec/doris-operator.md §13). */
const HASHES = { fe: 'a357a6a469bf40ab8cde30b2e1c74c35', be: 'b4c6f7bbe13a9015a93cb2054af4c055', cn: '1645c568fc8077e3297c32baff6fe909' } as const;
const RAM = '-XX:MaxRAMPercentage=75 -XX:InitialRAMPercentage=75 -XX:MinRAMPercentage=75';
const FILES = {
  fe: { 'fe.conf': `enable_fqdn_mode=true\nJAVA_OPTS="${RAM}"` },
  be: { 'be.conf': 'be_node_role=mix' },
} as const;
/** What `kubectl apply` writes on a DorisCluster ends up on its pods there. */
const LAST_APPLIED = '{"apiVersion":"al-assad.github.io/v1beta1","kind":"DorisCluster"}\n';

const labels = (component: string) => ({
  'app.kubernetes.io/name': 'doris-cluster',
  'app.kubernetes.io/managed-by': 'doris-operator',
  'app.kubernetes.io/instance': AT.name,
  'app.kubernetes.io/component': component,
});
const account = (key: string) => ({ secretKeyRef: { name: `${AT.name}-opr-account`, key } });
const tcp = (port: number, delay: number, failureThreshold: number) => ({
  tcpSocket: { port },
  ...(delay === 0 ? {} : { initialDelaySeconds: delay }),
  timeoutSeconds: 1,
  periodSeconds: 5,
  successThreshold: 1,
  failureThreshold,
});

const BACK_END_PORTS = [
  ['webserver-port', 8040],
  ['heart-port', 9050],
  ['be-port', 9060],
  ['brpc-port', 8060],
] as const;
const PORTS = {
  fe: [
    ['http-port', 8030],
    ['edit-log-port', 9010],
    ['rpc-port', 9020],
    ['query-port', 9030],
  ],
  be: BACK_END_PORTS,
  cn: BACK_END_PORTS,
  broker: [['ipc-port', 8000]],
} as const;

/** What differs between the pods of components there. */
const PARTS = {
  fe: { home: 'fe', conf: '/etc/apache-doris/fe/', probed: 9010, scraped: '8030', data: { name: 'fe-meta', mountPath: '/opt/apache-doris/fe/doris-meta' } },
  be: { home: 'be', conf: '/etc/apache-doris/be/', probed: 9050, scraped: '8040', data: { name: 'be-storage', mountPath: '/opt/apache-doris/be/storage' } },
  cn: { home: 'be', conf: '/etc/apache-doris/be/', probed: 9050, scraped: '8040', data: undefined },
  broker: { home: 'broker', conf: '/opt/apache-doris/broker/conf', probed: 8000, scraped: undefined, data: undefined },
} as const;

/** The pod template of a component of 2.0.3, with nothing set beside image, replicas, limits and tolerations. */
export function existingTemplate(component: ComponentName, { limits, tolerations }: Pick<Component, 'limits' | 'tolerations'> = {}) {
  const { home, conf, probed, scraped, data } = PARTS[component];
  const timeout = component === 'broker' ? { name: 'PROBE_TIMEOUT', value: '100' } : { name: 'BE_PROBE_TIMEOUT', value: '200' };
  const env = [
    { name: 'FE_SVC', value: `${AT.name}-fe` },
    ...(component === 'fe' ? [] : [{ name: 'FE_QUERY_PORT', value: '9030' }]),
    { name: 'ACC_USER', valueFrom: account('user') },
    { name: 'ACC_PWD', valueFrom: account('password') },
    ...(component === 'fe' ? [] : [timeout]),
  ];
  const log = component === 'broker' ? undefined : { name: `${component}-log`, mountPath: `/opt/apache-doris/${home}/log` };
  const container = {
    name: component,
    image: `ghcr.io/linsoss/doris-${component}:2.0.3`,
    ports: PORTS[component].map(([name, containerPort]) => ({ name, containerPort })),
    env,
    ...(limits === undefined ? {} : { resources: { limits } }),
    volumeMounts: [{ name: 'conf', mountPath: conf }, ...(component === 'fe' ? [data, log] : [log, data]).filter((one) => one !== undefined)],
    readinessProbe: tcp(probed, component === 'fe' ? 3 : 0, 3),
    livenessProbe: tcp(probed, 20, 5),
    lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', `bin/stop_${home}.sh`] } } },
  };
  const sysctl = { name: 'sysctl', image: 'busybox:1.36', command: ['sysctl', '-w', 'vm.max_map_count=2000000'], securityContext: { privileged: true } };
  const annotations = {
    ...(scraped === undefined ? {} : { ...META, 'prometheus.io/port': scraped }),
    'kubectl.kubernetes.io/last-applied-configuration': LAST_APPLIED,
    ...(component === 'broker' ? {} : { [`al-assad.github.io/${component}-config`]: HASHES[component] }),
  };
  return {
    metadata: { labels: labels(component), annotations },
    spec: {
      ...(component === 'be' || component === 'cn' ? { initContainers: [sysctl] } : {}),
      containers: [container],
      ...(tolerations === undefined ? {} : { tolerations }),
      volumes: [{ name: 'conf', configMap: { name: `${AT.name}-${component}-config` } }, ...(log === undefined ? [] : [{ name: log.name, emptyDir: {} }])],
    },
  };
}

/** A running cluster as the existing operator leaves it behind: its objects, by its own rules (spec/doris-operator.md §3.2), without a word of ours on them. */
export async function existingCluster(w: { readonly api: Api }, spec: Spec): Promise<void> {
  const { metadata } = await w.api.create(DorisCluster, { metadata: AT, spec }, { fieldManager: 'kubectl' });
  const owner = { apiVersion: 'al-assad.github.io/v1beta1', kind: 'DorisCluster', name: AT.name, uid: metadata.uid };
  const create = (kind: AnyKind, name: string, component: string, owned: object, rest: object) =>
    w.api.create(kind, { metadata: { namespace: AT.namespace, name, labels: labels(component), ...owned }, ...rest } as never, MANAGER);
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  await create(Secret, `${AT.name}-opr-account`, '', {}, { type: 'Opaque', data: { user: base64('k8sopr'), password: base64('a-password-of-15') } });
  for (const component of ['fe', 'be'] as const) {
    const [name, plain] = [`${AT.name}-${component}`, { ownerReferences: [owner] }];
    const ports = (names: readonly string[]) =>
      PORTS[component].filter(([port]) => names.includes(port)).map(([port, number]) => ({ name: port, port: number }));
    const client = component === 'fe' ? ['http-port', 'query-port'] : ['webserver-port'];
    const peers = component === 'fe' ? ['http-port', 'edit-log-port', 'rpc-port'] : ['webserver-port', 'heart-port', 'be-port', 'brpc-port'];
    await create(ConfigMap, `${name}-config`, component, plain, { data: FILES[component] });
    await create(Service, name, component, plain, { spec: { type: 'ClusterIP', selector: labels(component), ports: ports(client) } });
    await create(Service, `${name}-peer`, component, plain, { spec: { clusterIP: 'None', selector: labels(component), ports: ports(peers) } });
    const volume = component === 'fe' ? 'fe-meta' : 'be-storage';
    const claim = { metadata: { name: volume }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } };
    const set = {
      replicas: spec[component]?.replicas ?? 0,
      selector: { matchLabels: labels(component) },
      serviceName: `${name}-peer`,
      ...(component === 'fe' ? {} : { podManagementPolicy: 'Parallel' }),
      updateStrategy: { type: 'RollingUpdate' },
      template: existingTemplate(component, spec[component]),
      volumeClaimTemplates: [claim],
    };
    await create(StatefulSet, name, component, { ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }] }, { spec: set });
  }
}

/** Waits until the pods of such a cluster, with two back ends, run, and joins them, as their entry scripts do. */
export async function joined(w: World): Promise<void> {
  for (const name of ['prod-fe-0', 'prod-be-0', 'prod-be-1']) await w.until(Pod, { namespace: AT.namespace, name }, isReady);
  const host = (ordinal: number) => `prod-be-${ordinal}.prod-be-peer.default.svc.cluster.local:9050`;
  await prod(w).sql(`ALTER SYSTEM ADD BACKEND "${host(0)}"`, `ALTER SYSTEM ADD BACKEND "${host(1)}"`);
  await w.clock.advance(10_000);
}
