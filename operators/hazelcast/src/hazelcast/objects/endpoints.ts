import type { Desired } from '@binnacle/runtime';
import type { Cluster } from '../../api/hazelcast.ts';
import type { HazelcastEndpoint, ENDPOINT_TYPES } from '../../api/hazelcast-endpoint.ts';
import { isSmart } from '../effective.ts';
import { ENDPOINT_PORT, ENDPOINT_SERVICE, PORTS, memberName, metaOf } from '../names.ts';
import { wanServices } from './services.ts';

type Type = (typeof ENDPOINT_TYPES)[number];

/** One for each port of a Service that clients outside can reach. Names and types: spec/hazelcast-data-wan-jet.md §8. */
export function endpoints(hz: Cluster): readonly Desired<typeof HazelcastEndpoint>[] {
  const main = hz.metadata.name;
  const found: Desired<typeof HazelcastEndpoint>[] = [];
  const add = (name: string, type: Type, port: number, service: string, portName: string) => {
    const { annotations, ...meta } = metaOf(hz, name);
    const where = { [ENDPOINT_SERVICE]: service, [ENDPOINT_PORT]: portName };
    found.push({ ...meta, annotations: { ...annotations, ...where }, spec: { type, port, hazelcastResourceName: main } });
  };
  if (hz.spec.exposeExternally !== undefined) {
    add(main, 'Discovery', PORTS.client, main, 'hazelcast');
    if ((hz.spec.advancedNetwork?.wan ?? []).length === 0) add(`${main}-wan`, 'WAN', PORTS.wan, main, 'wan-port');
  }
  if (isSmart(hz)) {
    for (let ordinal = 0; ordinal < hz.spec.clusterSize; ordinal++) add(memberName(hz, ordinal), 'Member', PORTS.client, memberName(hz, ordinal), 'hazelcast');
  }
  for (const { name, spec } of wanServices(hz)) {
    // Of no use outside; a Service inside the cluster has a name already.
    if (spec?.type === 'ClusterIP') continue;
    const ports = spec?.ports ?? [];
    for (const [index, port] of ports.entries()) add(ports.length === 1 ? name : `${name}-${index}`, 'WAN', port.port, name, port.name ?? '');
  }
  return found;
}
