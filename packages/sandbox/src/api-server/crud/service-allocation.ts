import { Refusal } from '../../refusal.ts';
import { list, record } from '../object.ts';
import type { Store } from '../store/store.ts';

/** Cluster IPs are 10.96.0.0/16, without the first ten, which are for the cluster's own services. */
const FIRST_HOST = 10;
const LAST_HOST = 65_534;
const FIRST_PORT = 30_000;
const LAST_PORT = 32_767;

/** Gives out what Services need only one of in the cluster: the lowest that no stored Service has, and that was not given out for this write. */
export function addressAllocation(store: Store): { readonly clusterIP: () => string; readonly nodePort: () => number } {
  const given = new Set<string | number>();
  const services = () => store.list('services', '').map((entry) => record(entry.object['spec']));
  return {
    clusterIP() {
      const taken = new Set(services().flatMap((spec) => [spec['clusterIP'], ...list(spec['clusterIPs'])]));
      for (let host = FIRST_HOST; host <= LAST_HOST; host++) {
        const address = `10.96.${host >> 8}.${host & 255}`;
        if (taken.has(address) || given.has(address)) continue;
        given.add(address);
        return address;
      }
      throw exhausted('range is full');
    },
    nodePort() {
      const taken = new Set(services().flatMap((spec) => [...list(spec['ports']).map((port) => record(port)['nodePort']), spec['healthCheckNodePort']]));
      for (let port = FIRST_PORT; port <= LAST_PORT; port++) {
        if (taken.has(port) || given.has(port)) continue;
        given.add(port);
        return port;
      }
      throw exhausted('provided port is not available: range is full');
    },
  };
}

function exhausted(why: string): Refusal {
  return new Refusal(500, 'InternalError', `failed to allocate: ${why}`);
}
