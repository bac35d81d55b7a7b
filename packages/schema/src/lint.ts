/** What the API server accepts in a kind and its users regret. Advice, never an error. Source: spec/runtime.md §3.3. */
import { isBorrowed } from './declare/pod-part.ts';
import type { Resource } from './resource.ts';
import type { Schema } from './structural.ts';
import { fields } from './walk.ts';

/** One piece of advice. */
export interface Problem {
  readonly rule: 'description' | 'defaultOnRequired' | 'unboundedInRule' | 'innerDefaults' | 'size';
  /** The field, as `spec.env[].name`; the kind's name for what concerns all of it. */
  readonly path: string;
  readonly message: string;
}

/** `kubectl apply` keeps the whole manifest in one annotation, and annotations together end here. */
const MAX_APPLY_BYTES = 262_144;

/** All advice on a kind, in the order of its fields. */
export function lint(resource: Resource<any, any>): readonly Problem[] {
  const problems: Problem[] = [];
  const bytes = JSON.stringify(resource.schema).length;
  if (bytes > MAX_APPLY_BYTES)
    problems.push({
      rule: 'size',
      path: resource.kind,
      message: `the schema has ${bytes} bytes: kubectl apply without --server-side takes ${MAX_APPLY_BYTES}`,
    });
  let inside: string | undefined; // a borrowed type, whose fields Kubernetes documents
  for (const { path, schema, required } of fields(resource.schema)) {
    if (inside !== undefined && isUnder(path, inside)) continue;
    inside = undefined;
    if (!path.startsWith('spec') && !path.startsWith('status')) continue;
    const ownName = !path.endsWith(']') && path.includes('.');
    if (ownName && (schema.description ?? '') === '') problems.push({ rule: 'description', path, message: 'has no description' });
    if (schema.default !== undefined && required) problems.push({ rule: 'defaultOnRequired', path, message: 'is required: its default never comes into it' });
    if (schema.default === undefined && hasInnerDefaults(schema))
      problems.push({ rule: 'innerDefaults', path, message: 'has defaults inside that do not show while it is absent: give it {} as a default' });
    if (schema['x-kubernetes-validations'] !== undefined) problems.push(...unbounded(path, schema));
    if (isBorrowed(schema)) inside = path;
  }
  return problems;
}

function isUnder(path: string, parent: string): boolean {
  return path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`);
}

function hasInnerDefaults(schema: Schema): boolean {
  // A missing parent that needs input cannot be defaulted for the user.
  return schema.required === undefined && Object.values(schema.properties ?? {}).some((property) => property.default !== undefined);
}

/** What a rule could meet without limit: the API server estimates the worst case, and refuses a kind whose rules could cost too much. */
function unbounded(path: string, schema: Schema): Problem[] {
  const rules = schema['x-kubernetes-validations'] ?? [];
  return [...fields(schema, path)].flatMap((field) => {
    const missing = missingBound(field.schema);
    // At the node itself `self` names the value; below it, its last name must be in a rule.
    const name = /([^.[\]]+)(?:\[.?\])*$/.exec(field.path)?.[1];
    const touched = field.path === path || rules.some(({ rule }) => name !== undefined && new RegExp(`\\b${name}\\b`).test(rule));
    return missing === undefined || !touched
      ? []
      : [{ rule: 'unboundedInRule' as const, path: field.path, message: `a CEL rule looks at it, and it has no ${missing}` }];
  });
}

function missingBound(schema: Schema): string | undefined {
  if (schema.type === 'array') return schema.maxItems === undefined ? 'maxItems' : undefined;
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object') return schema.maxProperties === undefined ? 'maxProperties' : undefined;
  const free = schema.type === 'string' && schema.enum === undefined && schema.format === undefined;
  return free && schema.maxLength === undefined ? 'maxLength' : undefined;
}
