/** The reference page of a kind, from its declaration: no field is described anywhere else. */
import { isBorrowed } from './declare/pod-part.ts';
import type { Column, Resource } from './resource.ts';
import type { Rule, Schema } from './structural.ts';

/** Markdown: what the kind is, its columns, then a table of fields for spec and status. Ends with a line break. */
export function referencePage(resource: Resource<any, any>): string {
  const { group, version, kind, plural, scope, shortNames, schema, columns } = resource;
  const names = [plural, resource.singular, ...shortNames].map(code).join(', ');
  const { spec, status } = schema.properties ?? {};
  const parts = [
    '<!-- Written by `make generate` from the declaration of the kind. Do not edit. -->',
    `# ${kind}`,
    schema.description ?? '',
    `\`apiVersion: ${group}/${version}\`, \`kind: ${kind}\`, ${scope === 'Namespaced' ? 'in a namespace' : 'cluster-wide'}. kubectl knows it as ${names}.`,
    ...(columns.length === 0 ? [] : ['## kubectl get', columnTable(columns)]),
    '## spec',
    ...section('spec', spec ?? {}),
    '## status',
    ...section('status', status ?? {}),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function columnTable(columns: readonly Column[]): string {
  const rows = columns.map(({ name, jsonPath, description, priority }) =>
    row([name, code(jsonPath), [description ?? '', priority === 1 ? 'Only with `-o wide`.' : ''].filter(Boolean).join(' ')]),
  );
  return [row(['column', 'field', '']), row(['---', '---', '---']), ...rows].join('\n');
}

function section(path: string, schema: Schema): string[] {
  const rows = [...documented(path, schema)];
  const rules = schema['x-kubernetes-validations'] ?? [];
  return [
    rows.length === 0
      ? 'No fields.'
      : [row(['field', 'type', 'default', 'limits', 'description']), row(['---', '---', '---', '---', '---']), ...rows].join('\n'),
    ...(rules.length === 0 ? [] : ['Rules:', rules.map((rule) => `- ${ruleText(rule)}`).join('\n')]),
  ];
}

function* documented(path: string, schema: Schema): Generator<string> {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const at = `${path}.${key}`;
    yield row([
      code(at),
      typeText(property),
      property.default === undefined ? '' : code(JSON.stringify(property.default)),
      limits(property, schema.required?.includes(key) === true),
      property.description ?? '',
    ]);
    const [inner, step] = inside(property);
    if (!isBorrowed(inner)) yield* documented(`${at}${step}`, inner);
  }
}

/** Down through lists and maps to what they hold: `spec.env[].name`. */
function inside(schema: Schema): [Schema, string] {
  const next = schema.items ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined);
  if (next === undefined) return [schema, ''];
  const [inner, step] = inside(next);
  return [inner, `${schema.items === undefined ? '.*' : '[]'}${step}`];
}

function typeText(schema: Schema): string {
  if (schema['x-kubernetes-int-or-string'] === true) return schema.pattern?.includes('[KMGTPE]i') === true ? 'quantity' : 'integer or string';
  if (schema.items !== undefined) return `list of ${typeText(schema.items)}`;
  if (typeof schema.additionalProperties === 'object') return `map of ${typeText(schema.additionalProperties)}`;
  if (schema.type === 'string' && schema.format !== undefined) return schema.format;
  return schema.type ?? 'anything';
}

function limits(schema: Schema, required: boolean): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, minLength, maxLength, minItems, maxItems, pattern } = schema;
  const keys = schema['x-kubernetes-list-map-keys'];
  const quantity = schema['x-kubernetes-int-or-string'] === true;
  const said = [
    required && 'required',
    minimum !== undefined && `${exclusiveMinimum === true ? '>' : '≥'} ${minimum}`,
    maximum !== undefined && `${exclusiveMaximum === true ? '<' : '≤'} ${maximum}`,
    minLength !== undefined && `at least ${minLength} characters`,
    maxLength !== undefined && `at most ${maxLength} characters`,
    minItems !== undefined && `at least ${minItems} items`,
    maxItems !== undefined && `at most ${maxItems} items`,
    schema.multipleOf !== undefined && `a multiple of ${schema.multipleOf}`,
    schema.enum !== undefined && schema.enum.map((word) => code(String(word))).join(', '),
    pattern !== undefined && !quantity && code(pattern),
    schema.nullable === true && 'may be null',
    keys !== undefined && `one of each ${keys.map(code).join(' and ')}`,
    schema['x-kubernetes-list-type'] === 'set' && 'no repeats',
    ...(schema.type === 'object' ? [] : (schema['x-kubernetes-validations'] ?? []).map(ruleText)),
  ];
  return said.filter((text) => typeof text === 'string').join('; ');
}

function ruleText({ rule, message }: Rule): string {
  return message === undefined ? code(rule.trim()) : `${message} (${code(rule.trim())})`;
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** A cell is one line, and its bars are its own. */
function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')).join(' | ')} |`;
}
