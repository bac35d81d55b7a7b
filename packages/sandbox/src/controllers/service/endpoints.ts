import type { DeepReadonly, Live } from '@binnacle/client';
import type { CoreEndpointPort, Pod, Service } from '@binnacle/client/kinds';
import { canonical, shortHash } from '../hash.ts';
import { isReady, isTerminal, isTerminating } from '../pod.ts';

type LivePod = Live<typeof Pod>;
type LiveService = Live<typeof Service>;
type Port = DeepReadonly<CoreEndpointPort>;

/** Endpoints in one slice at most, as in Kubernetes. */
const SLICE_MOST = 100;
/** The API's own limit for the older kind; what is beyond is left out. */
const ENDPOINTS_MOST = 1000;

/** One pod behind a service, with the service's ports as they are in this pod. */
interface Backend {
  readonly pod: LivePod;
  readonly ip: string;
  readonly ports: readonly Port[];
}

/** Slices of a service: pods with the same ports together, by pod name. Source: spec/sandbox.md §2.17. */
export function slicesOf(service: LiveService, pods: readonly LivePod[]) {
  const always = service.spec?.publishNotReadyAddresses === true;
  const groups = byPorts(backendsOf(service, pods));
  // A service with nobody behind it has a slice too: its clients know then that it was looked at.
  const parts = groups.length === 0 ? [{ ports: [], backends: [] }] : groups.flatMap((group) => chunks(group));
  return parts.map(({ ports, backends }, part) => ({
    metadata: {
      generateName: `${service.metadata.name}-`,
      name: `${service.metadata.name}-${shortHash(`${service.metadata.uid} ${part}`, 5)}`,
      namespace: service.metadata.namespace,
      labels: {
        ...service.metadata.labels,
        'kubernetes.io/service-name': service.metadata.name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        ...headless(service),
      },
    },
    addressType: 'IPv4',
    ports: ports.map((port) => ({ name: '', ...port })),
    endpoints: backends.map(({ pod, ip }) => ({
      addresses: [ip],
      conditions: { ready: always || (isReady(pod) && !isTerminating(pod)), serving: isReady(pod), terminating: isTerminating(pod) },
      ...place(service, pod),
    })),
  }));
}

/** The older Endpoints object of a service: pods that are being deleted have left it. */
export function endpointsOf(service: LiveService, pods: readonly LivePod[]) {
  const always = service.spec?.publishNotReadyAddresses === true;
  const staying = backendsOf(service, pods)
    .filter(({ pod }) => always || !isTerminating(pod))
    .slice(0, ENDPOINTS_MOST);
  const subsets = byPorts(staying).map(({ ports, backends }) => {
    const addresses = (ready: boolean) => {
      const some = backends.filter(({ pod }) => (always || isReady(pod)) === ready).map(({ pod, ip }) => ({ ip, ...place(service, pod) }));
      return some.length === 0 ? {} : { [ready ? 'addresses' : 'notReadyAddresses']: some };
    };
    return { ...addresses(true), ...addresses(false), ...(ports.length === 0 ? {} : { ports }) };
  });
  return {
    metadata: {
      name: service.metadata.name,
      namespace: service.metadata.namespace,
      labels: { ...service.metadata.labels, 'endpoints.kubernetes.io/managed-by': 'endpoint-controller', ...headless(service) },
    },
    ...(subsets.length === 0 ? {} : { subsets }),
  };
}

function backendsOf(service: LiveService, pods: readonly LivePod[]): readonly Backend[] {
  return pods.flatMap((pod) => {
    const ip = pod.status?.podIP;
    if (ip === undefined || ip === '' || isTerminal(pod)) return [];
    return [{ pod, ip, ports: portsIn(service, pod) }];
  });
}

/** A named target port is looked up in each pod: during an update two pods may have it in different places. */
function portsIn(service: LiveService, pod: LivePod): readonly Port[] {
  return (service.spec?.ports ?? []).flatMap(({ name, port, targetPort = port, protocol = 'TCP', appProtocol }) => {
    const target = typeof targetPort === 'number' ? targetPort : namedPort(pod, targetPort, protocol);
    if (target === undefined) return [];
    return [{ ...(name === undefined ? {} : { name }), port: target, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }];
  });
}

function namedPort(pod: LivePod, name: string, protocol: string): number | undefined {
  const sidecars = (pod.spec?.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  return [...(pod.spec?.containers ?? []), ...sidecars]
    .flatMap((container) => container.ports ?? [])
    .find((port) => port.name === name && (port.protocol ?? 'TCP') === protocol)?.containerPort;
}

/** Where an endpoint is, and its host name if the service is the pod's own domain. */
function place(service: LiveService, pod: LivePod) {
  const { hostname, subdomain, nodeName } = pod.spec ?? {};
  return {
    ...(hostname !== undefined && hostname !== '' && subdomain === service.metadata.name ? { hostname } : {}),
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: { kind: 'Pod', namespace: pod.metadata.namespace, name: pod.metadata.name, uid: pod.metadata.uid },
  };
}

function headless(service: LiveService): Readonly<Record<string, string>> {
  return service.spec?.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {};
}

interface Group {
  readonly ports: readonly Port[];
  readonly backends: readonly Backend[];
}

function byPorts(backends: readonly Backend[]): readonly Group[] {
  const groups = Map.groupBy(backends, ({ ports }) => canonical(ports));
  return [...groups.values()].map((group) => ({
    ports: group[0]!.ports,
    backends: group.toSorted((a, b) => (a.pod.metadata.name < b.pod.metadata.name ? -1 : 1)),
  }));
}

function chunks({ ports, backends }: Group): readonly Group[] {
  return Array.from({ length: Math.ceil(backends.length / SLICE_MOST) }, (_, i) => ({ ports, backends: backends.slice(i * SLICE_MOST, (i + 1) * SLICE_MOST) }));
}
