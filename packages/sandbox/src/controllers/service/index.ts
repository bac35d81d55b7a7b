import type { Live, Ref } from '@binnacle/client';
import { isNotFound } from '@binnacle/client';
import { EndpointSlice, Endpoints, Pod, Service } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';
import { same } from '../hash.ts';
import type { Interest } from '../interest.ts';
import { interest } from '../interest.ts';
import { includesAll } from '../labels.ts';
import { controlledBy, controllerRef } from '../owner.ts';
import { endpointsOf, slicesOf } from './endpoints.ts';

const MANAGED_BY = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };

/** Keeps the EndpointSlices and Endpoints of every Service with a selector. Those without one are their author's own. */
export function serviceEndpoints(): Reconciler {
  const pods = interest(Pod);
  return {
    name: 'endpoints',
    kind: Service,
    watches: [
      pods.watch,
      watch(EndpointSlice, (slice) => controllerRef(slice, Service)),
      watch(Endpoints, ({ metadata }) => (includesAll(metadata.labels, MANAGED_BY) ? [{ namespace: metadata.namespace, name: metadata.name }] : [])),
    ],
    concurrency: 4,
    reconcile: (ref, world) => reconcile(ref, world, pods),
  };
}

async function reconcile(ref: Ref, world: World, interests: Interest<typeof Pod>): Promise<void> {
  const namespace = ref.namespace ?? '';
  const service = world.cache.get(Service, ref);
  const selector = service?.spec?.selector;
  if (service === undefined || selector === undefined || Object.keys(selector).length === 0 || service.spec?.type === 'ExternalName') {
    interests.drop({ ...ref, namespace });
    // Slices go with their owner; Endpoints have none.
    if (service === undefined) await dropEndpoints({ ...ref, namespace }, world);
    return;
  }
  if (service.metadata.deletionTimestamp !== undefined) return;
  const wants = (pod: Live<typeof Pod>) => includesAll(pod.metadata.labels, selector);
  // Interest first, then the cache: a pod that appears between the two wakes us again.
  interests.set({ ...ref, namespace }, { wants, labels: selector, uids: [] });
  const pods = world.cache.list(Pod, { namespace, labels: selector });
  interests.set({ ...ref, namespace }, { wants, labels: selector, uids: pods.map((pod) => pod.metadata.uid) });
  await writeSlices(service, pods, world);
  await writeEndpoints(service, pods, world);
}

async function writeSlices(service: Live<typeof Service>, pods: readonly Live<typeof Pod>[], { api, cache, signal }: World): Promise<void> {
  const stale = new Map(cache.ownedBy(EndpointSlice, service.metadata.uid).map((slice) => [slice.metadata.name, slice]));
  for (const wanted of slicesOf(service, pods)) {
    const now = stale.get(wanted.metadata.name);
    stale.delete(wanted.metadata.name);
    const object = { ...wanted, metadata: { ...wanted.metadata, ownerReferences: [controlledBy(Service, service)] } };
    if (now === undefined) await api.create(EndpointSlice, object, { signal });
    else if (!same([now.metadata.labels, now.ports ?? [], now.endpoints ?? []], [wanted.metadata.labels, wanted.ports, wanted.endpoints]))
      await api.replace(EndpointSlice, { ...object, metadata: { ...object.metadata, resourceVersion: now.metadata.resourceVersion } } as typeof object, {
        signal,
      });
  }
  for (const { metadata } of stale.values()) {
    if (metadata.deletionTimestamp === undefined) await gone(() => api.delete(EndpointSlice, metadata, { preconditions: { uid: metadata.uid }, signal }));
  }
}

async function writeEndpoints(service: Live<typeof Service>, pods: readonly Live<typeof Pod>[], { api, cache, signal }: World): Promise<void> {
  const wanted = endpointsOf(service, pods);
  const now = cache.get(Endpoints, service.metadata);
  if (now === undefined) await api.create(Endpoints, wanted, { signal });
  else if (!same([now.metadata.labels, now.subsets ?? []], [wanted.metadata.labels, wanted.subsets ?? []]))
    await api.replace(Endpoints, { ...wanted, metadata: { ...wanted.metadata, resourceVersion: now.metadata.resourceVersion } } as typeof wanted, { signal });
}

async function dropEndpoints(ref: Ref, { api, cache, signal }: World): Promise<void> {
  const endpoints = cache.get(Endpoints, ref);
  if (endpoints === undefined || !includesAll(endpoints.metadata.labels, MANAGED_BY)) return;
  await gone(() => api.delete(Endpoints, ref, { preconditions: { uid: endpoints.metadata.uid }, signal }));
}

async function gone(task: () => Promise<unknown>): Promise<void> {
  try {
    await task();
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
