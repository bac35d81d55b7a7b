import type { Group } from '../catalog/catalog.ts';
import type { Served } from '../catalog/served.ts';

/** Everything that is served in groups, in one document: what kubectl and controllers ask first. */
export function aggregatedGroups(groups: readonly Group[]): unknown {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map((group) => ({
      metadata: { creationTimestamp: null, ...(group.name === '' ? {} : { name: group.name }) },
      versions: group.versions.map(({ version, resources }) => ({ version, resources: resources.map(resource), freshness: 'Current' })),
    })),
  };
}

function resource(served: Served) {
  const { group, version, kind } = served;
  return {
    resource: served.plural,
    responseKind: { group, version, kind },
    scope: served.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: served.singular,
    verbs: served.verbs,
    ...(served.shortNames.length === 0 ? {} : { shortNames: served.shortNames }),
    ...(served.categories.length === 0 ? {} : { categories: served.categories }),
    ...(served.subresources.length === 0
      ? {}
      : {
          subresources: served.subresources.map((one) => ({
            subresource: one.name,
            responseKind: { group: one.group, version: one.version, kind: one.kind },
            verbs: one.verbs,
          })),
        }),
  };
}
