import type { DeepReadonly, Live } from '@binnacle/client';
import type { Node, Service } from '@binnacle/client/kinds';

/** The node of a pod behind a Service: `none` without pods, `unknown` where we may not read nodes. */
export type Behind = DeepReadonly<Live<typeof Node>> | 'none' | 'unknown';

/**
 * `host:port` at which clients outside reach a port of a Service; undefined: not yet, or not for us to know. `*` stands for any node while there is no pod.
 * Source: spec/hazelcast-core.md §2.6. Pure.
 */
export function addressOf(service: DeepReadonly<Live<typeof Service>>, portName: string, node: Behind): string | undefined {
  const port = service.spec?.ports?.find(({ name }) => name === portName);
  if (port === undefined) return undefined;
  if (service.spec?.type === 'LoadBalancer') {
    const host = (service.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '').find((one) => one !== '');
    return host === undefined ? undefined : `${bracketed(host)}:${port.port}`;
  }
  if (service.spec?.type !== 'NodePort' || port.nodePort === undefined || node === 'unknown') return undefined;
  if (node === 'none') return `*:${port.nodePort}`;
  const of = (type: string) => node.status?.addresses?.find((one) => one.type === type)?.address;
  const host = of('ExternalIP') ?? of('InternalIP');
  return host === undefined ? undefined : `${bracketed(host)}:${port.nodePort}`;
}

/** IPv6 beside a port is written in brackets. */
export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
