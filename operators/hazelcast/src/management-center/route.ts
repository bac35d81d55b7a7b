import { kind } from '@binnacle/client';
import type { Kind, KubernetesObject } from '@binnacle/client';
import type { PolicyRule } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import type { Center } from '../api/management-center.ts';
import { metaOf } from './names.ts';

/** A Route of OpenShift, as far as it is ours. */
export interface RouteObject extends KubernetesObject {
  readonly spec?: {
    /** The cluster chooses one where it is absent. */
    readonly host?: string;
    readonly to: { readonly kind: string; readonly name: string };
    readonly port?: { readonly targetPort: string };
    readonly tls?: { readonly termination: 'edge'; readonly insecureEdgeTerminationPolicy: 'Allow' | 'Redirect' | 'None' };
  };
}

export const Route: Kind<RouteObject, 'Namespaced'> = kind({
  group: 'route.openshift.io',
  version: 'v1',
  kind: 'Route',
  plural: 'routes',
  scope: 'Namespaced',
});

/** What is said where there are none. */
export const NO_ROUTES = 'spec.externalConnectivity.route: Forbidden: this cluster has no route.openshift.io, which only OpenShift has: use an ingress';

/** A host name of one's own is a right by itself. */
export const ROUTE_RULES: readonly PolicyRule[] = [
  { apiGroups: [Route.group], resources: ['routes'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: [Route.group], resources: ['routes/custom-host'], verbs: ['create', 'patch', 'update'] },
];

/** The Route; undefined when none is wanted. Source: spec/hazelcast-core.md §4.3. */
export function route(mc: Center): Desired<typeof Route> | undefined {
  const wanted = mc.spec.externalConnectivity.route;
  if (wanted === undefined) return undefined;
  const host = wanted.hostname === '' ? {} : { host: wanted.hostname };
  const tls = wanted.tls === undefined ? {} : { tls: { termination: 'edge' as const, ...wanted.tls } };
  return { ...metaOf(mc), spec: { ...host, to: { kind: 'Service', name: mc.metadata.name }, port: { targetPort: 'http' }, ...tls } };
}
