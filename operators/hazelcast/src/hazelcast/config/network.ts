import type { Cluster } from '../../api/hazelcast.ts';
import { given } from '../../given.ts';
import { ssl } from './ssl.ts';
import { PORTS, SERVICE_PER_POD } from '../names.ts';

/** Endpoints and how members find one another. Source: spec/hazelcast-core.md §2.7.4. */
export function advancedNetwork(hz: Cluster, access: string | undefined): Readonly<Record<string, unknown>> {
  const wanted = hz.spec.advancedNetwork;
  const encrypted = ssl(hz);
  return {
    enabled: true,
    join: {
      kubernetes: given({
        enabled: true,
        'service-name': hz.metadata.name,
        'use-node-name-as-external-address': access === 'NodePortNodeName' ? true : undefined,
        'service-per-pod-label-name': SERVICE_PER_POD,
        'service-per-pod-label-value': 'true',
        'service-port': PORTS.member,
      }),
    },
    'member-server-socket-endpoint-config': endpoint(PORTS.member, wanted?.memberServerSocketEndpointConfig?.interfaces, encrypted?.member),
    'client-server-socket-endpoint-config': endpoint(PORTS.client, wanted?.clientServerSocketEndpointConfig?.interfaces, encrypted?.client),
    'rest-server-socket-endpoint-config': {
      ...endpoint(PORTS.rest, undefined),
      'endpoint-groups': { HEALTH_CHECK: { enabled: true }, CLUSTER_WRITE: { enabled: true }, PERSISTENCE: { enabled: true } },
    },
    'wan-server-socket-endpoint-config': wanEndpoints(hz),
  };
}

function wanEndpoints(hz: Cluster): Readonly<Record<string, unknown>> {
  const wan = hz.spec.advancedNetwork?.wan ?? [];
  if (wan.length === 0) return { default: { port: { port: PORTS.wan, 'port-count': 1 } } };
  const entry = (one: (typeof wan)[number]) => [one.name ?? '', { port: { port: one.port ?? 0, 'port-count': one.portCount ?? 0 } }] as const;
  return Object.fromEntries(wan.toSorted((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1)).map(entry));
}

function endpoint(port: number, interfaces: readonly string[] | undefined, encrypted?: object): Readonly<Record<string, unknown>> {
  return given({
    port: { port, 'port-count': 1 },
    interfaces: interfaces === undefined || interfaces.length === 0 ? undefined : { enabled: true, interfaces },
    ssl: encrypted,
  });
}
