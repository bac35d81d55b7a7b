/** The CustomResourceDefinition of a kind: what `kubectl apply` is given. */
import type { CustomResourceDefinition } from '@binnacle/client/kinds';
import type { Resource } from './resource.ts';

type AnyResource = Resource<any, any>;

/** The whole manifest; the same for the same declaration, key by key. It has no `status`: that is the API server's. */
export function crd(resource: AnyResource): CustomResourceDefinition {
  const { group, version, kind, plural, singular, shortNames, categories, columns, scale } = resource;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        ...(shortNames.length === 0 ? {} : { shortNames }),
        ...(categories.length === 0 ? {} : { categories }),
      },
      scope: resource.scope,
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns }),
          // An interface is no index type to TypeScript; to JSON it is the same.
          schema: { openAPIV3Schema: resource.schema as unknown as Readonly<Record<string, unknown>> },
          subresources: {
            status: {},
            ...(scale === undefined
              ? {}
              : {
                  scale: {
                    specReplicasPath: scale.spec,
                    statusReplicasPath: scale.status,
                    ...(scale.selector === undefined ? {} : { labelSelectorPath: scale.selector }),
                  },
                }),
          },
        },
      ],
    },
  };
}
