import type { Container, EnvVar, HostAlias, PodSpec, Probe, Volume, VolumeMount } from '@binnacle/client/kinds';
import type { Component } from '../../api/component.ts';
import { given } from '../../given.ts';
import { runsAs } from '../../runs-as.ts';
import { labelsOf } from '../names.ts';
import type { ComponentName } from '../names.ts';
import { componentOf, imageOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';
import { configAnnotation } from './config.ts';

/** What differs between the components' pods. */
export interface PodParts {
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly env: readonly EnvVar[];
  readonly volumes: readonly Volume[];
  readonly mounts: readonly VolumeMount[];
  /** Of the readiness and liveness probes. */
  readonly probePort: number;
  readonly readinessDelaySeconds: number;
  readonly stopScript: string;
  /** Instead of the image's own entry point. */
  readonly command?: readonly string[];
  /** Port that Prometheus scrapes; absent: none. */
  readonly metricsPort?: number;
  readonly initContainers: readonly Container[];
}

/** A component's pod template, for pods that start with the configuration of that hash. Field by field what existing clusters have (spec/doris-operator.md §3.2), and a startup probe (§10 #15). */
export function podTemplate(cluster: Cluster, name: ComponentName, parts: PodParts, configHash: string) {
  const component = componentOf(cluster, name);
  return {
    metadata: {
      labels: labelsOf(cluster.name, name),
      annotations: { ...podAnnotations(cluster, name, parts.metricsPort), [configAnnotation(name)]: configHash },
    },
    spec: {
      ...given({ initContainers: parts.initContainers.length === 0 ? undefined : parts.initContainers }),
      containers: [mainContainer(cluster, name, parts), ...(component.additionalContainers ?? []).map(sidecar)],
      volumes: [...parts.volumes, ...(component.additionalVolumes ?? [])],
      ...scheduling(cluster, component),
    } satisfies PodSpec,
  };
}

/**
 * Only annotations meant for pods. The existing operator copies all annotations of the DorisCluster itself, kubectl's copy of the last applied
 * object among them, so that each `kubectl apply` restarts everything at once (spec/doris-operator.md §10 #1).
 */
function podAnnotations(cluster: Cluster, name: ComponentName, metricsPort: number | undefined): Readonly<Record<string, string>> {
  const scrape =
    metricsPort === undefined ? {} : { 'prometheus.io/path': '/metrics', 'prometheus.io/port': String(metricsPort), 'prometheus.io/scrape': 'true' };
  return { ...scrape, ...cluster.spec.annotations, ...componentOf(cluster, name).annotations };
}

function mainContainer(cluster: Cluster, name: ComponentName, parts: PodParts): Container {
  const component = componentOf(cluster, name);
  return {
    name,
    image: imageOf(cluster, name),
    ...given({ imagePullPolicy: cluster.spec.imagePullPolicy === '' ? undefined : cluster.spec.imagePullPolicy }),
    ...given({ command: parts.command, securityContext: component.securityContext ?? cluster.spec.securityContext }),
    ports: parts.ports,
    env: lastOfEach([...parts.env, ...(component.additionalEnv ?? [])]),
    // The user's mounts once: twice, as in the existing operator's back ends, is refused by the API (spec/doris-operator.md §10 #18).
    volumeMounts: [...parts.mounts, ...(component.additionalVolumeMounts ?? [])],
    ...resources(component),
    readinessProbe: probe(parts.probePort, parts.readinessDelaySeconds, 3),
    livenessProbe: probe(parts.probePort, 20, 5),
    // Without it the liveness probe kills whoever still waits to be registered or loads its metadata (spec/doris-operator.md §10 #15).
    startupProbe: probe(parts.probePort, 0, Math.ceil((component.startTimeoutSeconds ?? START_TIMEOUT_S) / PROBE_PERIOD_S)),
    lifecycle: { preStop: { exec: { command: ['/bin/sh', '-c', parts.stopScript] } } },
  };
}

/**
 * Of two variables of one name a container has the last, so the first is left out: server-side apply refuses both. Whoever told compute nodes their patience himself,
 * because the existing operator did not, has such a one (spec/doris-operator.md §10 #31).
 */
const lastOfEach = (env: readonly EnvVar[]): readonly EnvVar[] => env.filter(({ name }, index) => !env.some((one, at) => at > index && one.name === name));

const sidecar = (own: Container): Container => (own.env === undefined ? own : { ...own, env: lastOfEach(own.env) });

const PROBE_PERIOD_S = 5;
const START_TIMEOUT_S = 900;

function probe(port: number, delaySeconds: number, failureThreshold: number): Probe {
  return {
    tcpSocket: { port },
    ...(delaySeconds === 0 ? {} : { initialDelaySeconds: delaySeconds }),
    timeoutSeconds: 1,
    periodSeconds: PROBE_PERIOD_S,
    successThreshold: 1,
    failureThreshold,
  };
}

function resources(component: Component): Pick<Container, 'resources'> {
  const onContainer = (list: Component['requests']) => {
    const kept = Object.entries(list ?? {}).filter(([key]) => key !== 'storage' && key !== 'ephemeral-storage');
    return kept.length === 0 ? undefined : Object.fromEntries(kept.map(([key, value]) => [key, String(value)]));
  };
  const wanted = given({ requests: onContainer(component.requests), limits: onContainer(component.limits), claims: component.claims });
  return Object.keys(wanted).length === 0 ? {} : { resources: wanted };
}

function scheduling(cluster: Cluster, component: Component): Omit<PodSpec, 'containers'> {
  const { spec } = cluster;
  return given({
    imagePullSecrets: filled(spec.imagePullSecrets),
    ...runsAs(filled(component.serviceAccount) ?? filled(spec.serviceAccount)),
    nodeSelector: filled(component.nodeSelector) ?? filled(spec.nodeSelector),
    affinity: component.affinity ?? spec.affinity,
    tolerations: filled(component.tolerations) ?? filled(spec.tolerations),
    priorityClassName: filled(component.priorityClassName) ?? filled(spec.priorityClassName),
    topologySpreadConstraints: filled(component.topologySpreadConstraints) ?? filled(spec.topologySpreadConstraints),
    securityContext: component.podSecurityContext ?? spec.podSecurityContext,
    terminationGracePeriodSeconds: component.terminationGracePeriodSeconds,
    hostAliases: filled(hostAliases(cluster, component)),
  });
}

/** Aliases by address in order of first mention: any other order would change with each pass and restart pods (spec/doris-operator.md §10 #16). */
function hostAliases(cluster: Cluster, component: Component): readonly HostAlias[] {
  const hadoop = cluster.spec.hadoopConf?.hostAliases ?? [];
  const own = component.hostAliases ?? [];
  const names = new Map<string, string[]>();
  for (const { ip, hostnames } of [...hadoop.map(({ ip, name }) => ({ ip, hostnames: [name] })), ...own]) {
    names.set(ip, [...(names.get(ip) ?? []), ...(hostnames ?? [])]);
  }
  return [...names].map(([ip, hostnames]) => ({ ip, hostnames: [...new Set(hostnames)] }));
}

/** The value unless it is empty: '' and {} in old objects mean the same as absent. */
function filled<T extends string | object>(value: T | undefined): T | undefined {
  if (value === undefined) return undefined;
  return (typeof value === 'string' ? value.length : Object.keys(value).length) === 0 ? undefined : value;
}
