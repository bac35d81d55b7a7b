import type { Live } from '@binnacle/client';
import type { Service } from '@binnacle/client/kinds';
import type { Center } from '../api/management-center.ts';
import { bracketed } from '../hazelcast/endpoints/address.ts';

/** `status.externalAddresses`: where browsers find it, in the existing operator's form. Empty while there is none. */
export function externalAddresses(mc: Center, service: Live<typeof Service> | undefined, routeHost: string | undefined): string {
  const { type, ingress, route } = mc.spec.externalConnectivity;
  const port = (encrypted: object | undefined) => (encrypted === undefined ? 80 : 443);
  const balancers = type === 'LoadBalancer' ? (service?.status?.loadBalancer?.ingress ?? []) : [];
  const hosts = balancers.flatMap(({ ip, hostname }) => ip || hostname || []);
  const direct = hosts.flatMap((host) => (service?.spec?.ports ?? []).map(({ port }) => `${bracketed(host)}:${port}`));
  const named = ingress === undefined ? [] : [`${ingress.hostname}:${port(ingress.tls)}`];
  return [...direct, ...named, ...(routeHost === undefined ? [] : [`${routeHost}:${port(route?.tls)}`])].join(',');
}
