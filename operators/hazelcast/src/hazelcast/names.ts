import type { Cluster } from '../api/hazelcast.ts';

/** What a cluster's objects are called and marked with: the same as under the existing operator, or it could not be taken over. Source: spec/hazelcast-core.md §2.1. */
export const FINALIZER = 'hazelcast.com/finalizer';
export const SERVICE_PER_POD = 'hazelcast.com/service-per-pod';
export const SERVICE_PER_POD_COUNT = 'hazelcast.com/service-per-pod-count';
export const MEMBER_ACCESS = 'hazelcast.com/expose-externally-member-access';
export const CONFIG_CHECKSUM = 'hazelcast.com/current-hazelcast-config-forcing-restart-checksum';
/** On the configuration Secret: how far running members have what is in it. */
export const ROLLOUT = 'binnacle.dev/member-rollout';
/** In the pod template, and so on each pod: which configuration it was started with. Absent: the one it was taken over with. */
export const CONFIGURATION = 'binnacle.dev/member-configuration';
/** On the StatefulSet: which template it was applied with, so that the apply that changes it can be told. */
export const TEMPLATE_HASH = 'binnacle.dev/pod-template-hash';
/** On the StatefulSet: its members still run with the template that the existing operator wrote. */
export const TAKEN_OVER = 'binnacle.dev/taken-over';
/** On an endpoint: the Service that it leads through, and the name of the port there. */
export const ENDPOINT_SERVICE = 'binnacle.dev/service';
export const ENDPOINT_PORT = 'binnacle.dev/port';
export const ENDPOINT_TYPE = 'hazelcast.com/hazelcast-service-endpoint-type';
export const CUSTOM_CONFIG_OVERWRITE = 'hazelcast.com/custom-config-overwrite';
export const POD_NAME = 'statefulset.kubernetes.io/pod-name';
/** Certificates between operator and agents; one for the namespace. */
export const AGENT_CERT = 'hazelcast-agent-cert';

export const PORTS = { client: 5701, member: 5702, wan: 5710, rest: 8081, agent: 8080 } as const;

const PATH = '/data/persistence';
export const PATHS = {
  config: '/data/hazelcast',
  persistence: PATH,
  cp: '/data/cp-data',
  cpShared: `${PATH}/cp-data`,
  tiered: '/data/tiered-storage',
  bucket: '/opt/hazelcast/userCode/bucket',
  urls: '/opt/hazelcast/userCode/urls',
  userCodeMaps: '/opt/hazelcast/userCode/cm',
  jetJars: '/opt/hazelcast/jetJobJars',
  namespaces: '/opt/hazelcast/ucn/bucket',
  agentConfig: '/opt/data/config/',
  agentCert: '/var/run/secrets/hazelcast',
  tmp: '/tmp',
} as const;

const NAME = 'app.kubernetes.io/name';
const INSTANCE = 'app.kubernetes.io/instance';
const MANAGED_BY = 'app.kubernetes.io/managed-by';
const MANAGER = 'hazelcast-platform-operator';

/** The labels by which Services and the StatefulSet find pods. */
export function selectorOf(hz: Cluster): Readonly<Record<string, string>> {
  return { [NAME]: 'hazelcast', [INSTANCE]: hz.metadata.name, [MANAGED_BY]: MANAGER };
}

/** The selector as text, keys sorted, for the scale subresource. */
export function selectorText(hz: Cluster): string {
  return Object.entries(selectorOf(hz))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

/** Labels of all that belongs to a cluster. The user's give way to ours. */
export function labelsOf(hz: Cluster): Readonly<Record<string, string>> {
  return { ...hz.spec.labels, ...selectorOf(hz) };
}

/** What every object of a cluster is called, marked and annotated with. */
export function metaOf(hz: Cluster, name: string = hz.metadata.name) {
  return { name, labels: labelsOf(hz), ...(hz.spec.annotations === undefined ? {} : { annotations: hz.spec.annotations }) };
}

/** Which Hazelcast an object with these labels belongs to. */
export function clusterOf(labels: Readonly<Record<string, string>> | undefined): string | undefined {
  return labels?.[NAME] === 'hazelcast' && labels[MANAGED_BY] === MANAGER ? labels[INSTANCE] : undefined;
}

/** Where a cluster lives. */
export function namespaceOf(hz: Cluster): string {
  return hz.metadata.namespace as string; // sound: the kind is namespaced, and what the API server stored has one
}

/** The pod of an ordinal, and its Service when each has one. */
export function memberName(hz: Cluster, ordinal: number): string {
  return `${hz.metadata.name}-${ordinal}`;
}

/** The ConfigMap of the init container. */
export const initName = (hz: Cluster): string => `${hz.metadata.name}-init`;

/** ClusterRole and its binding: cluster-scoped, hence told apart by a hash of the namespace. */
export function clusterRoleName(hz: Cluster): string {
  return `${hz.metadata.name}-${fnv1a(namespaceOf(hz))}`;
}

/** FNV-1a of 32 bits over UTF-8. */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}
