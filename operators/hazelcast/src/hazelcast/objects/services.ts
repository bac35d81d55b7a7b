import type { Live } from '@binnacle/client';
import type { Service, ServicePort } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import type { Cluster } from '../../api/hazelcast.ts';
import { memberAccess } from '../effective.ts';
import { ENDPOINT_TYPE, POD_NAME, PORTS, SERVICE_PER_POD, memberName, metaOf, selectorOf } from '../names.ts';

/** The Service that members and clients know. Headless unless it is exposed. Source: spec/hazelcast-core.md §2.6. */
export function mainService(hz: Cluster, live: Live<typeof Service> | undefined): Desired<typeof Service> {
  const exposed = hz.spec.exposeExternally !== undefined;
  const { labels, ...meta } = metaOf(hz);
  const wan = (hz.spec.advancedNetwork?.wan ?? []).length > 0 ? [] : [port('wan-port', PORTS.wan)];
  return {
    ...meta,
    labels: { ...labels, ...(exposed ? { [ENDPOINT_TYPE]: 'discovery' } : {}) },
    spec: {
      selector: selectorOf(hz),
      ...(exposed ? { type: hz.spec.exposeExternally.discoveryServiceType } : { type: 'ClusterIP', ...headless(live) }),
      ports: [{ ...port('hazelcast', PORTS.client), targetPort: 'hazelcast' }, port('member-port', PORTS.member), port('rest-port', PORTS.rest), ...wan],
    },
  };
}

/** A Service that has an address keeps it when it is no longer exposed: a clusterIP cannot change, and clients may know it. */
function headless(live: Live<typeof Service> | undefined): { readonly clusterIP?: 'None' } {
  const address = live?.spec?.clusterIP;
  return address === undefined || address === '' || address === 'None' ? { clusterIP: 'None' } : {};
}

/** Whether the Service must be made anew: a headless one cannot be exposed. */
export function mustReplace(hz: Cluster, live: Live<typeof Service> | undefined): boolean {
  return hz.spec.exposeExternally !== undefined && live?.spec?.clusterIP === 'None';
}

/** One Service for each WAN endpoint. */
export function wanServices(hz: Cluster): readonly Desired<typeof Service>[] {
  return (hz.spec.advancedNetwork?.wan ?? []).map((wan) => {
    const { labels, ...meta } = metaOf(hz, `${hz.metadata.name}-${wan.name}`);
    const type = wan.serviceType || 'LoadBalancer';
    const ports = Array.from({ length: wan.portCount ?? 0 }, (_, index) => port(`wan-${wan.name}-${index}`, (wan.port ?? 0) + index));
    return {
      ...meta,
      labels: { ...labels, ...(type === 'ClusterIP' ? {} : { [ENDPOINT_TYPE]: 'wan' }) },
      spec: { selector: selectorOf(hz), type, ports },
    };
  });
}

/** The Service of one member. Published before it is ready: its address must be known to the member when it starts. */
export function memberService(hz: Cluster, ordinal: number): Desired<typeof Service> {
  const name = memberName(hz, ordinal);
  const { labels, ...meta } = metaOf(hz, name);
  return {
    ...meta,
    labels: { ...labels, [SERVICE_PER_POD]: 'true', [ENDPOINT_TYPE]: 'member' },
    spec: {
      selector: { ...selectorOf(hz), [POD_NAME]: name },
      type: memberAccess(hz) === 'LoadBalancer' ? 'LoadBalancer' : 'NodePort',
      publishNotReadyAddresses: true,
      ports: [{ ...port('hazelcast', PORTS.client), targetPort: 'hazelcast' }],
    },
  };
}

/** Whether clients outside can reach it: a load balancer must have been given an address. */
export function hasAddress(service: Live<typeof Service>): boolean {
  if (service.spec?.type !== 'LoadBalancer') return true;
  return (service.status?.loadBalancer?.ingress ?? []).some(({ ip, hostname }) => (ip ?? '') !== '' || (hostname ?? '') !== '');
}

function port(name: string, number: number): ServicePort {
  return { name, port: number, protocol: 'TCP', targetPort: number, appProtocol: 'tcp' };
}
