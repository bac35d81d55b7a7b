import type { Column, Schema } from '@binnacle/schema';
import type { Endpoint } from '../hooks/call.ts';
import type { ApiObject } from '../object.ts';

/** What a version of a custom kind is, as its CRD says. */
export interface CustomVersion {
  /** What its objects must say they are. */
  readonly kind: string;
  /** Of the whole object, metadata as Kubernetes declares it. */
  readonly schema: Schema;
  /** As the CRD wrote it, for documentation. */
  readonly declared: Schema;
  readonly status: boolean;
  readonly scale: { readonly spec: string; readonly status: string; readonly selector: string | undefined } | undefined;
  /** Absent: the name and the age. */
  readonly columns: readonly Column[] | undefined;
  readonly selectable: readonly string[];
  /** Said in a Warning header on each call. */
  readonly deprecation: string | undefined;
  /** `apiVersion` under which objects are stored. */
  readonly storedAs: string;
  /** Schema of each version that the CRD has, served or not, by `apiVersion`. */
  readonly versions: ReadonlyMap<string, Schema>;
  /** Who converts between versions; absent: they differ in their name alone. */
  readonly converter: Endpoint | undefined;
}

/** A resource that is served under one version. */
export interface Served {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly verbs: readonly string[];
  /** `pods/log` as `log`. */
  readonly subresources: readonly Subresource[];
  /** Where its objects are stored; two served resources may share one. */
  readonly bucket: string;
  /** Absent for what is asked and not stored, such as reviews. */
  readonly schema: Schema | undefined;
  /** Absent: built in. */
  readonly custom: CustomVersion | undefined;
  /** Between this version's shape and the stored one; absent where they are the same. */
  readonly convert: Conversion | undefined;
}

export interface Subresource {
  readonly name: string;
  /** Of the body. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

export interface Conversion {
  toStored(object: ApiObject): ApiObject;
  fromStored(object: ApiObject): ApiObject;
}
