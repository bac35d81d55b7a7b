import type { Reader } from './api.ts';
import { ApiError, isNotFound, isUnreachable } from './error.ts';
import { EndpointSlice, Pod, Service } from './kinds/index.ts';
import type { Live } from './kind.ts';
import { NetworkError } from './network.ts';

/** A port of one pod. */
export interface PodAddress {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/**
 * The pod that a cluster's DNS name or a pod's IP leads to now, asked of the API: `<service>.<namespace>` the first ready pod behind it, with the service's
 * port mapped to the pod's unless it is headless; `<pod>.<service>.<namespace>` that pod. `.svc` and what follows may be left out.
 * @throws {NetworkError} `unresolved`: no such name; `refused`: nothing behind it, or we may not look; `lost`: no answer before `signal`.
 */
export async function podAddress(api: Pick<Reader, 'get' | 'list'>, host: string, port: number, signal: AbortSignal): Promise<PodAddress> {
  try {
    if (/^[\d.]+$/.test(host) || host.includes(':')) return await podByIp(api, host, port, signal);
    const [a, b, c, ...more] = host
      .replace(/\.$/, '')
      .replace(/^(.*)\.svc(\..*)?$/, '$1')
      .split('.');
    if (a !== undefined && b !== undefined && c !== undefined && more.length === 0) return { namespace: c, pod: a, port };
    if (a !== undefined && b !== undefined && c === undefined) return await podOfService(api, b, a, port, signal);
  } catch (error) {
    if (signal.aborted) throw new NetworkError('lost', `${host}: no answer in time`, { cause: signal.reason });
    if (isNotFound(error)) throw new NetworkError('unresolved', `${host}: no such name`, { cause: error });
    if (error instanceof ApiError) throw new NetworkError(isUnreachable(error) ? 'lost' : 'refused', `${host}: ${error.message}`, { cause: error });
    throw error;
  }
  throw new NetworkError('unresolved', `${host}: neither <service>.<namespace> nor <pod>.<service>.<namespace>`);
}

async function podByIp(api: Pick<Reader, 'list'>, ip: string, port: number, signal: AbortSignal): Promise<PodAddress> {
  const { items } = await api.list(Pod, { fieldSelector: `status.podIP=${ip}`, signal });
  // A pod that has ended keeps the address in its status when another one has it already.
  const pod = items.find(({ status }) => status?.phase === 'Running') ?? items[0];
  if (pod === undefined) throw new NetworkError('unresolved', `${ip}: no pod has this address`);
  return { namespace: pod.metadata.namespace, pod: pod.metadata.name, port };
}

async function podOfService(api: Pick<Reader, 'get' | 'list'>, namespace: string, name: string, port: number, signal: AbortSignal): Promise<PodAddress> {
  const service = await api.get(Service, { namespace, name }, { signal });
  const headless = service.spec?.clusterIP === 'None';
  const wanted = service.spec?.ports?.find((candidate) => candidate.port === port);
  if (!headless && wanted === undefined) throw new NetworkError('refused', `${name}.${namespace}: the service has no port ${port}`);
  const { items } = await api.list(EndpointSlice, { namespace, labelSelector: `kubernetes.io/service-name=${name}`, signal });
  for (const slice of items) {
    const endpoint = slice.endpoints?.find(({ conditions, targetRef }) => conditions?.ready !== false && targetRef?.kind === 'Pod');
    const pod = endpoint?.targetRef?.name;
    const target = headless ? port : portOf(slice, wanted?.name);
    if (pod !== undefined && target !== undefined) return { namespace, pod, port: target };
  }
  throw new NetworkError('refused', `${name}.${namespace}: no pod behind it is ready`);
}

function portOf(slice: Live<typeof EndpointSlice>, name: string | undefined): number | undefined {
  return slice.ports?.find((candidate) => (candidate.name ?? '') === (name ?? ''))?.port;
}
