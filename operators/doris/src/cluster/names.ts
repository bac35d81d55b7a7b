/** Components in the order in which they come up. */
export const COMPONENTS = ['fe', 'be', 'cn', 'broker'] as const;
export type ComponentName = (typeof COMPONENTS)[number];

/** A cluster's place: all that names are made of. */
export interface Place {
  readonly name: string;
  readonly namespace: string;
}

/** Names of a component's objects. They are in selectors and claims of existing clusters: they never change (spec/doris-operator.md §3.2). */
export interface Names {
  readonly statefulSet: string;
  readonly configMap: string;
  /** Service for clients; brokers have none. */
  readonly service: string;
  /** Headless Service that gives pods their host names. */
  readonly peerService: string;
}

export function namesOf(cluster: string, component: ComponentName): Names {
  const base = `${cluster}-${component}`;
  return { statefulSet: base, configMap: `${base}-config`, service: base, peerService: `${base}-peer` };
}

/** The Secret with the operator's SQL account. Survives the cluster, since the password is in the metadata volume as well. */
export const accountSecretName = (cluster: string): string => `${cluster}-opr-account`;

const NAME = 'app.kubernetes.io/name';
const MANAGED_BY = 'app.kubernetes.io/managed-by';
const INSTANCE = 'app.kubernetes.io/instance';
const COMPONENT = 'app.kubernetes.io/component';

/** The four labels of every object; `''` is the component of the account's Secret. */
export function labelsOf(cluster: string, component: ComponentName | ''): Readonly<Record<string, string>> {
  return { [NAME]: 'doris-cluster', [MANAGED_BY]: 'doris-operator', [INSTANCE]: cluster, [COMPONENT]: component };
}

/** The cluster whose labels an object carries, if any. */
export function clusterOf(labels: Readonly<Record<string, string>> | undefined): string | undefined {
  return labels?.[NAME] === 'doris-cluster' && labels[MANAGED_BY] === 'doris-operator' ? labels[INSTANCE] : undefined;
}

/** `basic-fe-0` */
export const podName = (cluster: string, component: ComponentName, ordinal: number): string => `${namesOf(cluster, component).statefulSet}-${ordinal}`;

/** A pod's name in the DNS, and the name Doris knows it by: what `hostname -f` says in the pod. */
export function podHost(at: Place, component: ComponentName, ordinal: number, domain: string): string {
  return `${podName(at.name, component, ordinal)}.${namesOf(at.name, component).peerService}.${at.namespace}.svc.${domain}`;
}

/** Which of our pods a host name is; `undefined`: none of ours. Matched as a whole: `be-1` is not `be-10`. */
export function ordinalOf(at: Place, component: ComponentName, host: string): number | undefined {
  const { statefulSet, peerService } = namesOf(at.name, component);
  const [pod, ...rest] = host.split('.');
  if (rest[0] !== peerService || rest[1] !== at.namespace || rest[2] !== 'svc') return undefined;
  const digits = pod?.startsWith(`${statefulSet}-`) === true ? pod.slice(statefulSet.length + 1) : '';
  return /^(0|[1-9]\d*)$/.test(digits) ? Number(digits) : undefined;
}

/** The cluster's DNS domain as a pod of ours told Doris; `cluster.local` when none did. */
export function domainOf(at: Place, hosts: readonly string[]): string {
  for (const host of hosts) {
    if (COMPONENTS.every((component) => ordinalOf(at, component, host) === undefined)) continue;
    const domain = host.split('.').slice(4).join('.');
    if (domain !== '') return domain;
  }
  return 'cluster.local';
}
