import type { Live } from '@binnacle/client';
import type { Service } from '@binnacle/client/kinds';

type LiveService = Live<typeof Service>;

/**
 * The variables by which containers find services, `X_SERVICE_HOST` and their like: of the API's own service always, of the others in the pod's namespace
 * when it wants `links`. Headless services have no address to tell. Source: pkg/kubelet/envvars.
 */
export function serviceVariables(services: readonly LiveService[], namespace: string, links: boolean): Record<string, string> {
  const isApi = ({ metadata }: LiveService) => metadata.namespace === 'default' && metadata.name === 'kubernetes';
  const api = services.filter(isApi);
  const linked = links ? services.filter((service) => service.metadata.namespace === namespace && !isApi(service)) : [];
  // A service of the same name in the pod's own namespace comes later, and wins.
  return Object.assign({}, ...[...api, ...linked].map(variablesOf)) as Record<string, string>;
}

function variablesOf({ metadata, spec }: LiveService): Record<string, string> {
  const { clusterIP = '', ports = [] } = spec ?? {};
  const [first] = ports;
  if (clusterIP === '' || clusterIP === 'None' || first === undefined) return {};
  const name = variable(metadata.name);
  const url = (protocol: string, port: number) => `${protocol.toLowerCase()}://${clusterIP.includes(':') ? `[${clusterIP}]` : clusterIP}:${port}`;
  return {
    [`${name}_SERVICE_HOST`]: clusterIP,
    [`${name}_SERVICE_PORT`]: String(first.port),
    ...Object.fromEntries(ports.flatMap((port) => (port.name === undefined ? [] : [[`${name}_SERVICE_PORT_${variable(port.name)}`, String(port.port)]]))),
    [`${name}_PORT`]: url(first.protocol ?? 'TCP', first.port),
    ...Object.assign(
      {},
      ...ports.map(({ port, protocol = 'TCP' }) => {
        const prefix = `${name}_PORT_${port}_${protocol.toUpperCase()}`;
        return {
          [prefix]: url(protocol, port),
          [`${prefix}_PROTO`]: protocol.toLowerCase(),
          [`${prefix}_PORT`]: String(port),
          [`${prefix}_ADDR`]: clusterIP,
        };
      }),
    ),
  };
}

function variable(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
