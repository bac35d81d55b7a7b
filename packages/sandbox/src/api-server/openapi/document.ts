import { definition, rootSchema } from '@binnacle/schema';
import type { Schema } from '@binnacle/schema';
import type { Served } from '../catalog/served.ts';

type Schemas = Record<string, unknown>;

/**
 * The OpenAPI v3 document of one group and version: what kubectl validates by, explains from, and looks into for whether the server checks fields itself
 * (spec/sandbox.md §1.2).
 */
export function groupDocument(resources: readonly Served[]): unknown {
  const schemas: Schemas = {};
  const paths = Object.assign({}, ...resources.map((served) => pathsOf(served, addSchema(served, schemas)))) as unknown;
  return { openapi: '3.0.0', info: { title: 'Kubernetes', version: 'v1.35.0' }, paths, components: { schemas } };
}

/** Adds the schema of a kind and all it refers to; answers its name. */
function addSchema(served: Served, schemas: Schemas): string {
  const { group, version, kind } = served;
  const word = group === '' ? 'core' : group.split('.').toReversed().join('.');
  const name = served.custom === undefined ? `io.k8s.api.${word}.${version}.${kind}` : `${word}.${version}.${kind}`;
  const root = served.custom === undefined ? served.schema : rootSchema(served.custom.schema);
  if (root === undefined) return name;
  schemas[name] = { ...exported(root, schemas), 'x-kubernetes-group-version-kind': [{ group, version, kind }] };
  return name;
}

/** A schema with references as OpenAPI writes them; what they lead to is added. */
function exported(schema: Schema, schemas: Schemas): Readonly<Record<string, unknown>> {
  if (schema.$ref !== undefined) {
    if (schemas[schema.$ref] === undefined) {
      // First a place, then its content: definitions refer to themselves.
      schemas[schema.$ref] = {};
      schemas[schema.$ref] = exported(definition(schema.$ref), schemas);
    }
    const reference = { $ref: `#/components/schemas/${schema.$ref}` };
    const { $ref: _ref, ...beside } = schema;
    return Object.keys(beside).length === 0 ? reference : { ...beside, allOf: [reference] };
  }
  return {
    ...schema,
    ...(schema.properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(schema.properties).map(([key, child]) => [key, exported(child, schemas)])) }),
    ...(schema.items === undefined ? {} : { items: exported(schema.items, schemas) }),
    ...(typeof schema.additionalProperties === 'object' ? { additionalProperties: exported(schema.additionalProperties, schemas) } : {}),
  };
}

const query = (name: string) => ({ name, in: 'query', schema: { type: 'string', uniqueItems: true } });
const VALIDATED = ['dryRun', 'fieldManager', 'fieldValidation'].map(query);

function pathsOf(served: Served, schema: string): Record<string, unknown> {
  const { group, version, kind } = served;
  const gvk = { group, version, kind };
  const base = `${group === '' ? '/api' : `/apis/${group}`}/${version}${served.namespaced ? '/namespaces/{namespace}' : ''}/${served.plural}`;
  const body = { content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } } };
  const operation = (action: string, parameters: readonly unknown[], hasBody: boolean) => ({
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
    parameters,
    ...(hasBody ? { requestBody: body } : {}),
    responses: { 200: { description: 'OK', ...body } },
  });
  const collection = {
    ...(served.verbs.includes('list') ? { get: operation('list', [], false) } : {}),
    ...(served.verbs.includes('create') ? { post: operation('post', VALIDATED, true) } : {}),
  };
  const single = {
    ...(served.verbs.includes('get') ? { get: operation('get', [], false) } : {}),
    ...(served.verbs.includes('update') ? { put: operation('put', VALIDATED, true) } : {}),
    ...(served.verbs.includes('patch') ? { patch: operation('patch', [...VALIDATED, query('force')], true) } : {}),
    ...(served.verbs.includes('delete') ? { delete: operation('delete', [query('dryRun')], false) } : {}),
  };
  return { [base]: collection, ...(Object.keys(single).length === 0 ? {} : { [`${base}/{name}`]: single }) };
}
