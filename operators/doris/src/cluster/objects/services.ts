import type { Service, ServicePort } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { given } from '../../given.ts';
import { labelsOf, namesOf } from '../names.ts';
import type { ComponentName } from '../names.ts';
import { backEndPorts, brokerPorts, frontEndPorts } from '../ports.ts';
import { componentOf } from './cluster.ts';
import type { Cluster } from './cluster.ts';

/** The Services of a component, the clients' one first. Source: spec/doris-operator.md §3.2. */
export function services(cluster: Cluster, name: ComponentName): readonly Desired<typeof Service>[] {
  switch (name) {
    case 'fe':
      return [frontEndService(cluster), peerService(cluster, name)];
    case 'be':
    case 'cn':
      return [backEndService(cluster, name), peerService(cluster, name)];
    case 'broker':
      return [peerService(cluster, name)];
  }
}

function frontEndService(cluster: Cluster): Desired<typeof Service> {
  const ports = frontEndPorts(componentOf(cluster, 'fe').config);
  const wanted = cluster.spec.fe?.service;
  return clientService(cluster, 'fe', wanted, [
    { ...port('http-port', ports.http), nodePort: wanted?.httpPort },
    { ...port('query-port', ports.query), nodePort: wanted?.queryPort },
  ]);
}

function backEndService(cluster: Cluster, name: 'be' | 'cn'): Desired<typeof Service> {
  const ports = backEndPorts(componentOf(cluster, name).config);
  const wanted = cluster.spec[name]?.service;
  return clientService(cluster, name, wanted, [{ ...port('webserver-port', ports.webserver), nodePort: wanted?.httpPort }]);
}

interface Exposure {
  readonly type?: string | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly externalTrafficPolicy?: string | undefined;
}

function clientService(
  cluster: Cluster,
  name: ComponentName,
  wanted: Exposure | undefined,
  ports: readonly (Omit<ServicePort, 'nodePort'> & { readonly nodePort: number | undefined })[],
): Desired<typeof Service> {
  const type = wanted?.type === undefined || wanted.type === '' ? 'ClusterIP' : wanted.type;
  const labels = labelsOf(cluster.name, name);
  return {
    name: namesOf(cluster.name, name).service,
    labels,
    ...given({ annotations: wanted?.annotations }),
    spec: {
      type,
      selector: labels,
      // 0 is "any" in the spec and not a port in a Service; a ClusterIP Service may have none at all, nor a traffic policy.
      ports: ports.map(({ nodePort, ...one }) => ({ ...one, ...given({ nodePort: nodePort === 0 || type === 'ClusterIP' ? undefined : nodePort }) })),
      ...given({ externalTrafficPolicy: type === 'ClusterIP' ? undefined : wanted?.externalTrafficPolicy || undefined }),
    },
  };
}

/**
 * Gives each pod a host name, from the moment it runs: members are joined by that name before they are ready, and a name that only
 * resolves afterwards keeps the two waiting for each other (spec/doris-operator.md §10 #41).
 */
function peerService(cluster: Cluster, name: ComponentName): Desired<typeof Service> {
  return {
    name: namesOf(cluster.name, name).peerService,
    labels: labelsOf(cluster.name, name),
    spec: { clusterIP: 'None', publishNotReadyAddresses: true, selector: labelsOf(cluster.name, name), ports: peerPorts(cluster, name) },
  };
}

function peerPorts(cluster: Cluster, name: ComponentName): readonly ServicePort[] {
  const { config } = componentOf(cluster, name);
  if (name === 'fe') {
    const ports = frontEndPorts(config);
    return [port('http-port', ports.http), port('edit-log-port', ports.editLog), port('rpc-port', ports.rpc)];
  }
  if (name === 'broker') return [port('ipc-port', brokerPorts(config).ipc)];
  const ports = backEndPorts(config);
  return [port('webserver-port', ports.webserver), port('heart-port', ports.heartbeat), port('be-port', ports.be), port('brpc-port', ports.brpc)];
}

const port = (name: string, number: number): ServicePort => ({ name, port: number });
