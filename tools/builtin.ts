/**
 * Writes what we know of the built-in kinds from the API's own OpenAPI v3 documents (k8s.io/kubernetes, Apache-2.0, see NOTICE):
 * TypeScript types for the client, and one table of schemas (defaults, list and merge keys) for validation, merging and apply.
 * The documents come with the Go module; run: `node tools/builtin.ts "$(go mod download -json k8s.io/kubernetes@v1.36.3 | node -p 'JSON.parse(require("fs").readFileSync(0)).Dir')"`
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Schema {
  type?: string;
  $ref?: string;
  allOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
  required?: string[];
  description?: string;
  default?: unknown;
  format?: string;
  enum?: unknown[];
  [extension: `x-kubernetes-${string}`]: unknown;
}
interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}
interface Operation {
  'x-kubernetes-action'?: string;
  'x-kubernetes-group-version-kind'?: GroupVersionKind;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
  components?: { schemas?: Record<string, Schema> };
}

const GROUPS = [
  'api__v1',
  'apis__admissionregistration.k8s.io__v1',
  'apis__apiextensions.k8s.io__v1',
  'apis__apps__v1',
  'apis__authentication.k8s.io__v1',
  'apis__authorization.k8s.io__v1',
  'apis__autoscaling__v1',
  'apis__autoscaling__v2',
  'apis__batch__v1',
  'apis__coordination.k8s.io__v1',
  'apis__discovery.k8s.io__v1',
  'apis__events.k8s.io__v1',
  'apis__networking.k8s.io__v1',
  'apis__policy__v1',
  'apis__rbac.authorization.k8s.io__v1',
  'apis__scheduling.k8s.io__v1',
  'apis__storage.k8s.io__v1',
];

const source = process.argv[2];
if (source === undefined) throw new Error('name the folder of the k8s.io/kubernetes module');
const folder = join(source, 'api/openapi-spec/v3');
const known = new Set(readdirSync(folder));
const definitions: Record<string, Schema> = {};
const resources: Record<string, unknown>[] = [];
for (const group of GROUPS) {
  const file = `${group}_openapi.json`;
  if (!known.has(file)) throw new Error(`${file} is not in ${folder}`);
  const document = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Document;
  Object.assign(definitions, document.components?.schemas);
  readResources(document);
}

const text = (name: string, content: string) => {
  writeFileSync(new URL(name, import.meta.url), content);
};
const sorted = Object.fromEntries(Object.entries(definitions).toSorted(([a], [b]) => (a < b ? -1 : 1)));
const bare = Object.fromEntries(Object.entries(sorted).map(([name, schema]) => [name, strip(schema)]));
const table = [
  '{"resources":[',
  resources.map((r) => JSON.stringify(r)).join(',\n'),
  '],"definitions":{',
  Object.entries(bare)
    .map(([name, schema]) => `${JSON.stringify(name)}:${JSON.stringify(schema)}`)
    .join(',\n'),
  '}}\n',
].join('\n');
text('../packages/schema/src/builtin/builtin.gen.json', table);
text('../packages/client/src/kinds/types.gen.ts', types());
text('../packages/client/src/kinds/index.ts', kinds());

function readResources(document: Document): void {
  const seen = new Map<string, Record<string, unknown> & { verbs: string[] }>();
  for (const [path, operations] of Object.entries(document.paths)) {
    const match = /^\/(?:api\/v1|apis\/[^/]+\/[^/]+)(\/namespaces\/\{namespace\})?\/([a-z]+)(?:\/\{name\}(?:\/([a-z]+))?)?$/.exec(path);
    if (match === null) continue;
    const [, namespaced, plural, subresource] = match;
    for (const operation of Object.values(operations)) {
      const kind = operation['x-kubernetes-group-version-kind'];
      const action = operation['x-kubernetes-action'];
      if (kind === undefined || action === undefined || action === 'connect') continue;
      const id = subresource === undefined ? plural! : `${plural}/${subresource}`;
      const row = seen.get(id) ?? { resource: id, ...kind, namespaced: false, verbs: [] };
      // A namespaced kind also lists across namespaces, on a path without one.
      if (namespaced !== undefined) row['namespaced'] = true;
      const verb = { post: 'create', put: 'update', watchlist: 'watch' }[action] ?? action;
      if (!row.verbs.includes(verb)) row.verbs.push(verb);
      seen.set(id, row);
    }
  }
  for (const row of seen.values()) {
    if (row.verbs.includes('list')) row.verbs.push('watch');
    row.verbs = [...new Set(row.verbs)].toSorted();
    resources.push(row);
  }
}

function strip(schema: Schema): Schema {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'description' || key === 'x-kubernetes-group-version-kind') continue;
    if (key === 'allOf' && schema.allOf?.length === 1) Object.assign(out, strip(schema.allOf[0]!));
    else if (key === 'properties') out[key] = Object.fromEntries(Object.entries(value as Record<string, Schema>).map(([n, s]) => [n, strip(s)]));
    else if (key === 'items' || key === 'additionalProperties') out[key] = typeof value === 'boolean' ? value : strip(value as Schema);
    else if (key === 'default' && isEmptyObject(value)) continue;
    else out[key] = key === '$ref' ? (value as string).replace('#/components/schemas/', '') : value;
  }
  return out as Schema;
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function types(): string {
  const roots = resources.map((r) => `${r['group'] === '' ? 'core' : r['group']}/${r['version']}/${r['kind']}`);
  const byGvk = new Map<string, string>();
  for (const [name, schema] of Object.entries(definitions)) {
    for (const kind of (schema['x-kubernetes-group-version-kind'] ?? []) as GroupVersionKind[])
      byGvk.set(`${kind.group === '' ? 'core' : kind.group}/${kind.version}/${kind.kind}`, name);
  }
  const queue = roots.flatMap((root) => byGvk.get(root) ?? []);
  const wanted = new Set<string>();
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (wanted.has(name)) continue;
    wanted.add(name);
    for (const match of JSON.stringify(definitions[name]).matchAll(/#\/components\/schemas\/([^"]+)/g)) queue.push(match[1]!);
  }
  const lines = ['// Written by tools/builtin.ts from the OpenAPI documents of Kubernetes; see NOTICE. Do not edit.', ''];
  for (const name of [...wanted].toSorted()) {
    const schema = definitions[name]!;
    if (schema.description !== undefined) lines.push(`/** ${oneLine(schema.description)} */`);
    if (schema.properties === undefined) {
      lines.push(`export type ${typeName(name)} = ${typeName(name) === 'v1JSONSchemaProps' ? 'Record<string, unknown>' : scalar(name, schema)};`, '');
      continue;
    }
    lines.push(`export interface ${typeName(name)} {`);
    const gvks = (schema['x-kubernetes-group-version-kind'] ?? []) as GroupVersionKind[];
    for (const [property, value] of Object.entries(schema.properties)) {
      const key = /^[A-Za-z_$][\w$]*$/.test(property) ? property : JSON.stringify(property);
      const required = schema.required?.includes(property) === true;
      const fixed = gvks.length === 1 && property === 'kind' ? JSON.stringify(gvks[0]!.kind) : undefined;
      lines.push(`  readonly ${key}${required ? '' : '?'}: ${fixed ?? typeOf(value)};`);
    }
    lines.push('}', '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** A `Kind` value beside each type of the same name, so that one import serves both. */
function kinds(): string {
  const lines = [
    '// Written by tools/builtin.ts from the OpenAPI documents of Kubernetes; see NOTICE. Do not edit.',
    "import { kind } from '../kind.ts';",
    "import type { Kind } from '../kind.ts';",
    "import type * as types from './types.gen.ts';",
    '',
    "export type * from './types.gen.ts';",
    '',
  ];
  for (const resource of resources) {
    const [id, group, version, name] = ['resource', 'group', 'version', 'kind'].map((key) => String(resource[key]));
    if (id!.includes('/')) continue;
    const definition = Object.entries(definitions).find(([, schema]) =>
      ((schema['x-kubernetes-group-version-kind'] ?? []) as GroupVersionKind[]).some(
        (gvk) => gvk.group === group && gvk.version === version && gvk.kind === name,
      ),
    );
    const type = typeName(definition![0]);
    const scope = resource['namespaced'] === true ? 'Namespaced' : 'Cluster';
    lines.push(
      `export type ${type} = types.${type};`,
      `export const ${type}: Kind<types.${type}, '${scope}'> = kind({ group: '${group}', version: '${version}', kind: '${name}', plural: '${id}', scope: '${scope}' });`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function scalar(name: string, schema: Schema): string {
  if (name.endsWith('.IntOrString') || name.endsWith('.Quantity')) return 'string | number';
  if (schema.type === 'string') return 'string';
  return schema.type === 'object' ? 'Record<string, unknown>' : 'unknown';
}

function typeOf(schema: Schema): string {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref;
  if (reference !== undefined) return typeName(reference.replace('#/components/schemas/', ''));
  if (schema.type === 'array') return `readonly (${typeOf(schema.items ?? {})})[]`;
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') return `Readonly<Record<string, ${typeOf(schema.additionalProperties)}>>`;
  if (schema.type === 'object') return 'Readonly<Record<string, unknown>>';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'boolean') return 'boolean';
  return schema.type === 'string' ? 'string' : 'unknown';
}

/** `io.k8s.api.apps.v1.StatefulSet` → `StatefulSet`; what is not v1, or would clash, keeps its version as a prefix. */
function typeName(definition: string): string {
  const parts = definition.split('.');
  const name = parts.at(-1)!;
  const version = parts.at(-2)!;
  const others = Object.keys(definitions).filter((other) => other.endsWith(`.${name}`));
  if (others.length === 1) return name;
  const group = parts.at(-3)!;
  return others.filter((other) => other.split('.').at(-2) === version).length === 1
    ? `${version.toUpperCase()}${name}`
    : `${group[0]!.toUpperCase()}${group.slice(1)}${name}`;
}

function oneLine(description: string): string {
  const first = description
    .split(/\n|(?<=\.) /)[0]!
    .replaceAll('*/', '* /')
    .trim();
  return first.length > 160 ? `${first.slice(0, 157)}...` : first;
}
