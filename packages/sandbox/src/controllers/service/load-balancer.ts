import type { Live, Ref } from '@binnacle/client';
import { Service } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { record } from '../event.ts';

/** Networks for documentation (RFC 5737): no address of theirs is anybody's, so nothing outside the sandbox is ever reached by mistake. */
const NETWORKS = ['192.0.2', '198.51.100', '203.0.113'] as const;
const POOL = NETWORKS.flatMap((network) => Array.from({ length: 254 }, (_, i) => `${network}.${i + 1}`));

type LiveService = Live<typeof Service>;

/** Gives Services of type LoadBalancer an address, as a cloud would. One with a `loadBalancerClass` waits for whoever serves that class. */
export const loadBalancer: Reconciler = { name: 'load-balancer', kind: Service, concurrency: 1, reconcile };

/** The address a service should have, given those that others have. Undefined: none left. Its own, if it has one, stays. */
export function addressFor(service: LiveService, others: readonly LiveService[]): string | undefined {
  const now = addressOf(service);
  if (now !== undefined) return now;
  const taken = new Set(others.map(addressOf));
  const asked = service.spec?.loadBalancerIP;
  if (asked !== undefined && asked !== '') return taken.has(asked) ? undefined : asked;
  return POOL.find((ip) => !taken.has(ip));
}

async function reconcile(ref: Ref, world: World): Promise<void> {
  const service = world.cache.get(Service, ref);
  if (service === undefined || service.metadata.deletionTimestamp !== undefined || service.spec?.loadBalancerClass !== undefined) return;
  if (service.spec?.type !== 'LoadBalancer') {
    if (addressOf(service) !== undefined) await setStatus(service, { loadBalancer: { ingress: null } }, world);
    return;
  }
  if (addressOf(service) !== undefined) return;
  const others = world.cache.list(Service).filter((other) => other.metadata.uid !== service.metadata.uid);
  const ip = addressFor(service, others);
  const component = 'service-controller';
  if (ip === undefined) {
    return record(world, Service, service, { type: 'Warning', reason: 'SyncLoadBalancerFailed', message: 'no address left for this load balancer', component });
  }
  await setStatus(service, { loadBalancer: { ingress: [{ ip, ipMode: 'VIP' }] } }, world);
  await record(world, Service, service, { type: 'Normal', reason: 'EnsuredLoadBalancer', message: 'Ensured load balancer', component });
}

function addressOf(service: LiveService): string | undefined {
  return service.status?.loadBalancer?.ingress?.[0]?.ip;
}

async function setStatus(service: LiveService, status: unknown, { api, signal }: World): Promise<void> {
  await api.patch(Service, service.metadata, { type: 'merge', body: { status } }, { subresource: 'status', signal });
}
