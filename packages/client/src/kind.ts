import type { ObjectMeta } from './kinds/types.gen.ts';

/** Whether objects of a kind live in a namespace or belong to the whole cluster. */
export type Scope = 'Namespaced' | 'Cluster';

/** What every object has. Unknown fields survive: objects are plain JSON, never model classes. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata?: ObjectMeta;
}

/**
 * A kind of object, as a value that carries its type: `api.get(StatefulSet, …)` knows what comes back.
 * Built-in kinds are in `@binnacle/client/kinds`; custom ones come from `resource()` in `@binnacle/schema`.
 */
export interface Kind<T extends KubernetesObject = KubernetesObject, S extends Scope = Scope> {
  /** API group, `''` for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Lower-case plural, as in the URL. */
  readonly plural: string;
  readonly scope: S;
  /** Never set: carries the object's type. */
  readonly __object?: T;
}

export type AnyKind = Kind<any, any>;

/** The object type that a kind stands for. */
export type Of<K extends AnyKind> = K extends Kind<infer T, any> ? T : never;

/** Metadata of an object that the API server has stored. */
export type LiveMeta<S extends Scope> = ObjectMeta & {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
} & (S extends 'Namespaced' ? { readonly namespace: string } : unknown);

/** An object as the API server stored it: deeply read-only, because a cache hands the same one to everybody. */
export type Live<K extends AnyKind> =
  K extends Kind<infer T, infer S>
    ? DeepReadonly<Omit<T, 'metadata' | 'apiVersion' | 'kind'>> & { readonly apiVersion: string; readonly kind: string; readonly metadata: LiveMeta<S> }
    : never;

export type DeepReadonly<T> = T extends readonly (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** Makes a kind from its names. */
export function kind<T extends KubernetesObject, S extends Scope>(names: {
  group: string;
  version: string;
  kind: string;
  plural: string;
  scope: S;
}): Kind<T, S> {
  return Object.freeze({ ...names });
}

/** `v1` or `apps/v1`. */
export function apiVersionOf(k: Pick<AnyKind, 'group' | 'version'>): string {
  return k.group === '' ? k.version : `${k.group}/${k.version}`;
}

/** `statefulsets.apps`, or `pods` in the core group: the name errors and RBAC use. */
export function groupResourceOf(k: Pick<AnyKind, 'group' | 'plural'>): string {
  return k.group === '' ? k.plural : `${k.plural}.${k.group}`;
}
