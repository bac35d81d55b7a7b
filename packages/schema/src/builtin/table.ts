/**
 * What we know of Kubernetes' own kinds: one row a resource, one schema a definition, as its OpenAPI documents publish them.
 * `tools/builtin.ts` writes the table; what OpenAPI cannot say about free-form types is said here.
 */
import table from './builtin.gen.json' with { type: 'json' };
import type { Schema } from '../structural.ts';

/** A resource the API server serves. A subresource has its parent in front: `pods/status`; its group and kind are the body's. */
export interface BuiltinResource {
  readonly resource: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/** Finds the schema that a `$ref` names. @throws when there is none: a schema with a dangling reference is a defect, not bad input. */
export type Resolve = (name: string) => Schema;

const ANYTHING: Schema = { 'x-kubernetes-preserve-unknown-fields': true };
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';
const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.';

/** Types whose published schema is empty, or says less than the server checks. */
const SPECIAL: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { 'x-kubernetes-int-or-string': true },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': { type: 'object', ...ANYTHING },
  [`${META}FieldsV1`]: { type: 'object', ...ANYTHING },
  [`${EXTENSIONS}JSON`]: ANYTHING,
  [`${EXTENSIONS}JSONSchemaPropsOrArray`]: ANYTHING,
  [`${EXTENSIONS}JSONSchemaPropsOrBool`]: ANYTHING,
  [`${EXTENSIONS}JSONSchemaPropsOrStringArray`]: ANYTHING,
};

// JSON modules come in with the widest types; the generator is what vouches for the shape.
const resources = table.resources as readonly BuiltinResource[];
const definitions = new Map(Object.entries({ ...(table.definitions as Readonly<Record<string, unknown>> as Readonly<Record<string, Schema>>), ...SPECIAL }));

/** All resources of Kubernetes that we know, subresources included, in the order of its documents. */
export function builtinResources(): readonly BuiltinResource[] {
  return resources;
}

/** A definition by its OpenAPI name, such as `io.k8s.api.core.v1.PodSpec`. @throws when Kubernetes has none of that name. */
export const definition: Resolve = (name) => {
  const found = definitions.get(name);
  if (found === undefined) throw new Error(`no definition is called ${name}`);
  return found;
};

let byKind: ReadonlyMap<string, string> | undefined;

/** The schema of a built-in kind; its parts are references for `definition` to follow. Absent: the kind is not built in. */
export function builtinSchema(group: string, version: string, kind: string): Schema | undefined {
  byKind ??= indexKinds();
  const name = byKind.get(`${group}/${version}/${kind}`);
  return name === undefined ? undefined : definitions.get(name);
}

/** `apps/v1/StatefulSet` → its definition. Names carry the package, not the API group, so the group's first word is what must agree. */
function indexKinds(): Map<string, string> {
  const index = new Map<string, string>();
  for (const { group, version, kind } of resources) {
    const word = group === '' ? 'core' : group.split('.')[0]!;
    const candidates = [`io.k8s.api.${word}.${version}.${kind}`, `${EXTENSIONS}${kind}`, `io.k8s.kube-aggregator.pkg.apis.apiregistration.${version}.${kind}`];
    const name = candidates.find((candidate) => definitions.has(candidate));
    if (name === undefined) throw new Error(`no definition for ${group}/${version} ${kind}`);
    index.set(`${group}/${version}/${kind}`, name);
  }
  return index;
}
