import type { Live, Ref } from '@binnacle/client';
import { Node, Service } from '@binnacle/client/kinds';
import { controller, done, step, waitFor, watch } from '@binnacle/runtime';
import type { Context } from '@binnacle/runtime';
import { HazelcastEndpoint } from '../../api/hazelcast-endpoint.ts';
import { ENDPOINT_PORT, ENDPOINT_SERVICE, clusterOf } from '../names.ts';
import { addressOf } from './address.ts';
import type { Behind } from './address.ts';
import { Pod } from '../../pod.ts';

/** Finds out the address of each endpoint: from its Service, and behind a node port from the node of one of its pods. */
export function endpointController(options: { readonly nodeDiscovery: boolean }) {
  const address = step('address', HazelcastEndpoint, { reads: [Service, Pod, ...(options.nodeDiscovery ? [Node] : [])] }, async (endpoint, cx) => {
    const { [ENDPOINT_SERVICE]: service = endpoint.metadata.name, [ENDPOINT_PORT]: port = 'hazelcast' } = endpoint.metadata.annotations ?? {};
    const found = await cx.get(Service, service);
    const known = found === undefined ? undefined : addressOf(found, port, options.nodeDiscovery ? await nodeBehind(found, cx) : 'unknown');
    cx.status({ address: known });
    return known === undefined ? waitFor('AddressPending', `Service ${service} has no address for clients outside yet`) : done;
  });
  return controller(HazelcastEndpoint, {
    steps: [address],
    watches: [watch(Service, ({ metadata, spec }) => byService({ metadata }, spec?.ports?.length ?? 0)), watch(Pod, byPod)],
  });
}

type Reading = Pick<Context<typeof HazelcastEndpoint, never, typeof Pod | typeof Node>, 'get' | 'list'>;

async function nodeBehind(service: Live<typeof Service>, cx: Reading): Promise<Behind> {
  const pods = await cx.list(Pod, { labels: service.spec?.selector ?? {} });
  const name = pods.find(({ spec }) => (spec?.nodeName ?? '') !== '')?.spec?.nodeName;
  return name === undefined ? 'none' : ((await cx.get(Node, name)) ?? 'none');
}

interface Marked {
  readonly metadata: { readonly name?: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> };
}

/** The endpoints that a Service may have, by their names. Those that are not there wake nothing. */
function byService({ metadata }: Marked, ports: number): readonly Ref[] {
  const { name = '', namespace } = metadata;
  if (clusterOf(metadata.labels) === undefined || namespace === undefined) return [];
  const numbered = Array.from({ length: ports }, (_, index) => `${name}-${index}`);
  return [name, `${name}-wan`, ...numbered].map((endpoint) => ({ namespace, name: endpoint }));
}

/** Those of the pod itself, and those through which any pod is reached. */
function byPod({ metadata }: Marked): readonly Ref[] {
  const { namespace } = metadata;
  const cluster = clusterOf(metadata.labels);
  if (cluster === undefined || namespace === undefined) return [];
  return [metadata.name ?? '', cluster, `${cluster}-wan`].map((name) => ({ namespace, name }));
}
