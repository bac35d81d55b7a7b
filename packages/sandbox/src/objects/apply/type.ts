import type { Schema } from '@binnacle/schema';
import type { Resolve } from '../strategic.ts';
import type { JsonObject } from '../json.ts';

/** How server-side apply sees a schema: what merges deep, what counts as a whole. At least one of the three is there. */
export interface Type {
  readonly scalar?: 'numeric' | 'string' | 'boolean' | 'untyped';
  readonly list?: ListType;
  readonly map?: MapType;
}

/** `atomic` lists and maps are one field; others merge per element, told apart by `keys` (of a map list) or by value (a set: no keys). */
export interface ListType {
  readonly atomic: boolean;
  /** Sorted. */
  readonly keys: readonly string[];
  /** As the schema lists them: only for messages. */
  readonly declaredKeys: readonly string[];
  readonly element: () => Type;
  /** Defaults of the key fields. */
  readonly keyDefaults: () => JsonObject;
}

export interface MapType {
  readonly atomic: boolean;
  /** The type of a declared field. */
  readonly field: (name: string) => Type | undefined;
  /** The type of keys that are not declared; undefined: there may be none. */
  readonly element: (() => Type) | undefined;
}

/** What no schema describes: objects merge key by key, lists count as a whole. */
export const DEDUCED: Type = {
  scalar: 'untyped',
  list: { atomic: true, keys: [], declaredKeys: [], element: () => DEDUCED, keyDefaults: () => ({}) },
  map: { atomic: false, field: () => undefined, element: () => DEDUCED },
};

const text: Schema = { type: 'string' };
const texts: Schema = { type: 'object', additionalProperties: text };

/** The metadata of every object, also where a custom resource's schema says only `type: object`. */
const METADATA: Schema = {
  type: 'object',
  properties: {
    name: text,
    generateName: text,
    namespace: text,
    uid: text,
    resourceVersion: text,
    selfLink: text,
    creationTimestamp: text,
    deletionTimestamp: text,
    generation: { type: 'integer' },
    deletionGracePeriodSeconds: { type: 'integer' },
    labels: texts,
    annotations: texts,
    finalizers: { type: 'array', items: text, 'x-kubernetes-list-type': 'set' },
    managedFields: { type: 'array', items: { type: 'object' }, 'x-kubernetes-list-type': 'atomic' },
    ownerReferences: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['uid'],
      items: {
        type: 'object',
        'x-kubernetes-map-type': 'atomic',
        // A field that Go writes always has its zero as default, also as a key.
        properties: {
          apiVersion: text,
          kind: text,
          name: text,
          uid: { ...text, default: '' },
          controller: { type: 'boolean' },
          blockOwnerDeletion: { type: 'boolean' },
        },
      },
    },
  },
};

const OBJECT: Readonly<Record<string, Schema>> = { apiVersion: text, kind: text, metadata: METADATA };

// Compiled once per schema: this runs on every write. Keyed by the schema object, which definitions and CRDs keep for their life.
const roots = new WeakMap<Schema, Type>();
const plain = new WeakMap<Schema, Type>();
const preserving = new WeakMap<Schema, Type>();

/** The type of a whole object of a kind. `resolve` finds `$ref` definitions; it must go with `schema`. */
export function rootType(schema: Schema, resolve: Resolve): Type {
  let type = roots.get(schema);
  if (type === undefined) {
    type = compile(asObject(schema), resolve, false);
    roots.set(schema, type);
  }
  return type;
}

function asObject(schema: Schema): Schema {
  return { ...schema, type: 'object', properties: { ...schema.properties, ...OBJECT } };
}

function typeOf(schema: Schema, resolve: Resolve, preserve: boolean): Type {
  const cache = preserve ? preserving : plain;
  let type = cache.get(schema);
  if (type === undefined) {
    type = schema.$ref === undefined ? compile(schema, resolve, preserve) : referred(schema, schema.$ref, resolve, preserve);
    cache.set(schema, type);
  }
  return type;
}

/** The one definition without a type that is nothing but a number or a text. Source: kube-openapi, pkg/schemaconv/openapi.go, `ToSchemaFromOpenAPI`. */
const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';

/** A reference whose own extensions may say how its target merges here. */
function referred(schema: Schema, name: string, resolve: Resolve, preserve: boolean): Type {
  if (name === QUANTITY) return { scalar: 'untyped' };
  const target = resolve(name);
  const mapType = schema['x-kubernetes-map-type'];
  return mapType === undefined ? typeOf(target, resolve, preserve) : compile({ ...target, 'x-kubernetes-map-type': mapType }, resolve, preserve);
}

function compile(schema: Schema, resolve: Resolve, inherited: boolean): Type {
  const preserve = inherited || schema['x-kubernetes-preserve-unknown-fields'] === true;
  switch (schema.type) {
    case 'object':
      return { map: mapType(schema['x-kubernetes-embedded-resource'] === true ? asObject(schema) : schema, resolve, preserve) };
    case 'array':
      return { list: listType(schema, resolve, preserve) };
    case 'integer':
    case 'number':
      return { scalar: 'numeric' };
    case 'boolean':
      return { scalar: 'boolean' };
    case 'string':
      return { scalar: schema.format === undefined || schema.format === 'byte' ? 'string' : 'untyped' };
    default:
      return DEDUCED;
  }
}

function mapType(schema: Schema, resolve: Resolve, preserve: boolean): MapType {
  const properties = schema.properties ?? {};
  const fields = new Map<string, Type>();
  const extra = schema.additionalProperties;
  // An object that declares nothing is free-form; one that declares fields has no others.
  const free = extra === undefined ? preserve || Object.keys(properties).length === 0 : extra === true;
  return {
    atomic: schema['x-kubernetes-map-type'] === 'atomic',
    field: (name) => {
      const known = fields.get(name);
      if (known !== undefined || !Object.hasOwn(properties, name)) return known;
      const property = properties[name] as Schema;
      // An object's metadata has a type of its own, whatever is kept around it.
      const type = typeOf(property, resolve, preserve && property !== METADATA);
      fields.set(name, type);
      return type;
    },
    element: typeof extra === 'object' ? () => typeOf(extra, resolve, preserve) : free ? () => DEDUCED : undefined,
  };
}

function listType(schema: Schema, resolve: Resolve, preserve: boolean): ListType {
  const kind = schema['x-kubernetes-list-type'] ?? 'atomic';
  const declaredKeys = kind === 'map' ? (schema['x-kubernetes-list-map-keys'] ?? []) : [];
  const items = schema.items ?? {};
  let defaults: JsonObject | undefined;
  return {
    atomic: kind === 'atomic',
    keys: declaredKeys.toSorted(),
    declaredKeys,
    element: () => typeOf(items, resolve, preserve),
    keyDefaults: () => (defaults ??= keyDefaults(items.$ref === undefined ? items : resolve(items.$ref), declaredKeys)),
  };
}

function keyDefaults(item: Schema, keys: readonly string[]): JsonObject {
  const found = keys.map((key) => [key, item.properties?.[key]?.default] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}
