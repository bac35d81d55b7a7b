/** Pieces of Kubernetes' own types inside custom kinds, with their schema written out as CRDs need it: a CRD may not refer to other schemas. */
import type * as kinds from '@binnacle/client/kinds';
import { definition } from '../builtin/table.ts';
import { QUANTITY_PATTERN } from '../cel/quantity.ts';
import type { Schema } from '../structural.ts';

/** What `k.podPart` can be asked for, and its type. */
export interface PodParts {
  readonly Affinity: kinds.Affinity;
  readonly Capabilities: kinds.Capabilities;
  readonly ConfigMapKeySelector: kinds.ConfigMapKeySelector;
  readonly Container: kinds.Container;
  readonly ContainerPort: kinds.ContainerPort;
  readonly EnvFromSource: kinds.EnvFromSource;
  readonly EnvVar: kinds.EnvVar;
  readonly HostAlias: kinds.HostAlias;
  readonly KeyToPath: kinds.KeyToPath;
  readonly Lifecycle: kinds.Lifecycle;
  readonly LocalObjectReference: kinds.LocalObjectReference;
  readonly NodeAffinity: kinds.NodeAffinity;
  readonly NodeSelector: kinds.NodeSelector;
  readonly ObjectReference: kinds.ObjectReference;
  readonly PersistentVolumeClaimSpec: kinds.PersistentVolumeClaimSpec;
  readonly PodAffinity: kinds.PodAffinity;
  readonly PodAntiAffinity: kinds.PodAntiAffinity;
  readonly PodDNSConfig: kinds.PodDNSConfig;
  readonly PodSecurityContext: kinds.PodSecurityContext;
  readonly PodSpec: kinds.PodSpec;
  readonly PodTemplateSpec: kinds.PodTemplateSpec;
  readonly Probe: kinds.Probe;
  readonly ResourceClaim: kinds.ResourceClaim;
  readonly ResourceRequirements: kinds.ResourceRequirements;
  readonly SecretKeySelector: kinds.SecretKeySelector;
  readonly SecurityContext: kinds.SecurityContext;
  readonly ServicePort: kinds.ServicePort;
  readonly Toleration: kinds.Toleration;
  readonly TopologySpreadConstraint: kinds.TopologySpreadConstraint;
  readonly Volume: kinds.Volume;
  readonly VolumeMount: kinds.VolumeMount;
}

/** An integer or a string, as a CRD must write it. */
export const INT_OR_STRING: Schema = { anyOf: [{ type: 'integer' }, { type: 'string' }], 'x-kubernetes-int-or-string': true };
/** An amount such as `10Gi` or `500m`. */
export const QUANTITY: Schema = { ...INT_OR_STRING, pattern: QUANTITY_PATTERN };

/** The metadata a template carries; a CRD prunes what it does not name, and the rest is the API server's to fill. */
const TEMPLATE_META: Schema = {
  type: 'object',
  properties: {
    annotations: { type: 'object', additionalProperties: { type: 'string' } },
    finalizers: { type: 'array', items: { type: 'string' } },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    name: { type: 'string' },
    namespace: { type: 'string' },
  },
};

const FORMS: Readonly<Record<string, Schema>> = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': INT_OR_STRING,
  'io.k8s.apimachinery.pkg.api.resource.Quantity': QUANTITY,
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta': TEMPLATE_META,
};

/** Extensions that a CRD may carry; patch strategies and unions are for built-in kinds alone. */
const KEPT = ['x-kubernetes-list-type', 'x-kubernetes-list-map-keys', 'x-kubernetes-map-type', 'x-kubernetes-preserve-unknown-fields'] as const;

const borrowed = new WeakSet<object>();

/** Whether the fields of an object are Kubernetes' own, which come without descriptions and are explained on Kubernetes' pages. */
export function isBorrowed(schema: Schema): boolean {
  return schema.properties !== undefined && borrowed.has(schema.properties);
}

const inlined = new Map<string, Schema>();

/** A built-in definition without references. The same value comes back for the same name. @throws when it contains itself. */
export function inlineDefinition(name: string): Schema {
  let schema = inlined.get(name);
  if (schema === undefined) inlined.set(name, (schema = inline({ $ref: name }, [], [])));
  return schema;
}

/** `keys`: what identifies the value in the list it is in. Those keep an empty default, because a key needs one or must be required. */
function inline(node: Schema, keys: readonly string[], seen: readonly string[]): Schema {
  if (node.$ref !== undefined) {
    const form = FORMS[node.$ref];
    if (form !== undefined) return form;
    if (seen.includes(node.$ref)) throw new Error(`${node.$ref} contains itself and cannot be written out in a CRD`);
    return inline(definition(node.$ref), keys, [...seen, node.$ref]);
  }
  const { type, format, required, properties, items, additionalProperties } = node;
  const property = ([name, value]: [string, Schema]): [string, Schema] => {
    const filled = inline(value, [], seen);
    // An empty default of the OpenAPI documents only says what Go has for "absent"; in a CRD it would be written into objects.
    const wanted = value.default !== undefined && (value.default || keys.includes(name)) && required?.includes(name) !== true;
    return [name, wanted ? { ...filled, default: value.default } : filled];
  };
  const ours = properties === undefined ? undefined : Object.fromEntries(Object.entries(properties).map(property));
  if (ours !== undefined) borrowed.add(ours);
  return {
    ...(type === undefined ? {} : { type }),
    ...(format === undefined ? {} : { format }),
    ...(required === undefined ? {} : { required }),
    ...(ours === undefined ? {} : { properties: ours }),
    ...(items === undefined ? {} : { items: inline(items, node['x-kubernetes-list-map-keys'] ?? [], seen) }),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: inline(additionalProperties, [], seen) } : {}),
    ...Object.fromEntries(KEPT.filter((key) => node[key] !== undefined).map((key) => [key, node[key]])),
  };
}
