import type { DeepReadonly, Live } from '@binnacle/client';
import type { EndpointSlice, Service } from '@binnacle/client/kinds';

/** Where a name or address leads: pods' addresses, with ports mapped where a service stands between. */
export type Target =
  /** Headless names, pod names and pods' own addresses: the caller's port is the pod's port. */
  | { readonly type: 'pods'; readonly ips: readonly string[] }
  /** A service address: its ports lead to ready endpoints. */
  | { readonly type: 'service'; readonly service: Live<typeof Service> };

/** What is known of Services and their endpoints. */
export interface Directory {
  service(namespace: string, name: string): Live<typeof Service> | undefined;
  services(): readonly Live<typeof Service>[];
  slices(namespace: string, service: string): readonly Live<typeof EndpointSlice>[];
}

const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;
/** An ExternalName may name another one; a circle ends here. */
const HOPS_MOST = 8;

/**
 * Resolves as the cluster's DNS and a pod's search path do: `svc`, `svc.ns`, `pod.svc`, `pod.svc.ns`, each also with `.svc` and `.svc.cluster.local`.
 * `namespace` is the asking pod's; undefined from outside, where a bare name means nothing. Undefined: no such name now.
 */
export function resolve(directory: Directory, host: string, namespace: string | undefined, hops = 0): Target | undefined {
  if (hops > HOPS_MOST) return undefined;
  if (IPV4.test(host)) return byAddress(directory, host);
  for (const [pod, service, ns] of candidates(host.toLowerCase().replace(/\.$/, ''), namespace)) {
    const found = directory.service(ns, service);
    if (found === undefined) continue;
    if (pod !== undefined) {
      const ips = addresses(directory.slices(ns, service), (endpoint) => endpoint.hostname === pod);
      if (ips.length > 0) return { type: 'pods', ips };
      continue;
    }
    if (found.spec?.type === 'ExternalName') return resolve(directory, found.spec.externalName ?? '', ns, hops + 1);
    if (found.spec?.clusterIP !== 'None') return { type: 'service', service: found };
    const ips = addresses(directory.slices(ns, service), () => true);
    // Not an empty answer: a resolver says NXDOMAIN or no data, and a client cannot tell them apart.
    if (ips.length > 0) return { type: 'pods', ips };
  }
  return undefined;
}

type Candidate = readonly [pod: string | undefined, service: string, namespace: string];

/** In the order of a pod's search path: own namespace first, then `svc.cluster.local`. */
function candidates(host: string, own: string | undefined): readonly Candidate[] {
  const bare = host.replace(/\.cluster\.local$/, '');
  const full = bare.endsWith('.svc');
  const labels = (full ? bare.slice(0, -'.svc'.length) : bare).split('.');
  if (!full && bare !== host) return [];
  const [a, b, c] = labels;
  if (a === undefined || a === '') return [];
  if (labels.length === 1) return full || own === undefined ? [] : [[undefined, a, own]];
  if (labels.length === 2) return [...(full || own === undefined ? [] : [[a, b!, own] as const]), [undefined, a, b!]];
  return labels.length === 3 ? [[a, b!, c!]] : [];
}

function byAddress(directory: Directory, ip: string): Target {
  const service = directory
    .services()
    .find(({ spec, status }) => spec?.clusterIP === ip || (status?.loadBalancer?.ingress ?? []).some((ingress) => ingress.ip === ip));
  return service === undefined ? { type: 'pods', ips: [ip] } : { type: 'service', service };
}

type Endpoint = NonNullable<DeepReadonly<EndpointSlice>['endpoints']>[number];

/** Addresses of endpoints that want to be found. With publishNotReadyAddresses the slice itself says they are ready. */
function addresses(slices: readonly Live<typeof EndpointSlice>[], wanted: (endpoint: Endpoint) => boolean): readonly string[] {
  const ips = slices.flatMap((slice) =>
    (slice.endpoints ?? []).filter((endpoint) => endpoint.conditions?.ready !== false && wanted(endpoint)).flatMap((endpoint) => endpoint.addresses),
  );
  return [...new Set(ips)].toSorted();
}

/**
 * Where a connection to a service's port may go: `[ip, port]` of each ready endpoint. Undefined: the service has no such port.
 */
export function backends(directory: Directory, service: Live<typeof Service>, port: number): readonly (readonly [ip: string, port: number])[] | undefined {
  const wanted = (service.spec?.ports ?? []).find((candidate) => candidate.port === port && (candidate.protocol ?? 'TCP') === 'TCP');
  if (wanted === undefined) return undefined;
  return directory.slices(service.metadata.namespace, service.metadata.name).flatMap((slice) => {
    const target = (slice.ports ?? []).find((candidate) => (candidate.name ?? '') === (wanted.name ?? ''))?.port;
    return target === undefined ? [] : addresses([slice], () => true).map((ip) => [ip, target] as const);
  });
}
