import type { Column, Schema } from '@binnacle/schema';
import type { Endpoint } from '../hooks/call.ts';
import type { ApiObject } from '../object.ts';

/** A CustomResourceDefinition, as far as we read it. */
export interface Definition extends ApiObject {
  readonly spec: {
    readonly group: string;
    readonly scope: 'Namespaced' | 'Cluster';
    readonly names: Names;
    readonly versions: readonly DefinitionVersion[];
    readonly conversion?: {
      readonly strategy: string;
      readonly webhook?: { readonly clientConfig: Endpoint['clientConfig']; readonly conversionReviewVersions: readonly string[] };
    };
    readonly preserveUnknownFields?: boolean;
  };
  readonly status?: {
    readonly conditions?: readonly Condition[] | null;
    readonly acceptedNames?: Names;
    readonly storedVersions?: readonly string[];
  };
}

export interface Names {
  readonly plural: string;
  readonly kind: string;
  readonly singular?: string;
  readonly listKind?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

export interface DefinitionVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly schema?: { readonly openAPIV3Schema?: Schema };
  readonly subresources?: {
    readonly status?: object;
    readonly scale?: { readonly specReplicasPath: string; readonly statusReplicasPath: string; readonly labelSelectorPath?: string };
  };
  readonly additionalPrinterColumns?: readonly Column[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
}

/** Where CRDs are stored. */
export const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';

/** A stored CRD read as one: its kind's rules have checked it before it was stored. */
export function asDefinition(object: ApiObject): Definition {
  return object as Definition;
}

export function hasCondition(definition: Definition, type: string): boolean {
  return (definition.status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True');
}
