import type { ObjectMeta } from '@binnacle/client/kinds';

/** An object as the server keeps it: plain JSON that nobody writes to once it is stored. */
export interface ApiObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** Group and resource of a kind: two objects of one `GroupResource` with the same name are the same object, whatever version they are read in. */
export interface GroupResource {
  /** `''` for the core group. */
  readonly group: string;
  readonly plural: string;
}

/** `statefulsets.apps`, or `pods` in the core group. */
export function groupResource({ group, plural }: GroupResource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** `apps/v1`, or `v1` in the core group. */
export function groupVersion({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Where an object is kept among its kind: `namespace/name`, or `name` without a namespace. Sorting by it is the order of lists. */
export function objectKey(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field of an object, `{}` when it is no object: for reading what may be absent. */
export function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

/** A list, `[]` when it is none. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A string, `undefined` when it is none. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The object with other metadata; keys whose value is `undefined` are left out. */
export function withMetadata<T extends { readonly metadata: ObjectMeta }>(
  object: T,
  change: { readonly [K in keyof ObjectMeta]?: ObjectMeta[K] | undefined },
): T {
  const all: Readonly<Record<string, unknown>> = { ...object.metadata, ...change };
  const metadata: Record<string, unknown> = {};
  for (const key of Object.keys(all)) if (all[key] !== undefined) metadata[key] = all[key];
  return { ...object, metadata };
}

/** The object without some of its fields. */
export function without<T extends object>(object: T, ...keys: readonly string[]): T {
  // Sound for our use: the keys left out are optional fields of API objects.
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key))) as T;
}

/** A value of unknown type as people read it: text as it is, anything else as JSON. */
export function printed(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
