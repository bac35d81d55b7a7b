/**
 * A zod schema as a structural schema, the only kind a CRD takes. zod writes OpenAPI; this puts it into the shape Kubernetes asks for, and refuses,
 * with the path, what has no such shape: a transform or a refinement would run in our process and nowhere else. Source: spec/runtime.md §3.3.
 */
import { z } from 'zod';
import { jsonEqual } from '../engine/json.ts';
import type { Schema } from '../structural.ts';
import { STRUCTURAL, structuralForm } from './k.ts';
import { INT_OR_STRING } from './pod-part.ts';
import { hoist } from './union.ts';

type Node = Readonly<Record<string, unknown>>;

/** Where and why a zod schema has no structural form. */
export class DeclarationError extends Error {
  override readonly name = 'DeclarationError';
  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`);
  }
}

/** The schema of what users write: a field with a default is optional. @throws {DeclarationError} @param path where it goes: `spec`. */
export function structuralize(schema: z.ZodType, path: string): Schema {
  const root = z.toJSONSchema(schema, {
    target: 'openapi-3.0',
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
    override: ({ zodSchema, path: at, jsonSchema }) => {
      refuse(zodSchema, fieldPath(path, at));
      // Not refused yet: the one that carries our schema is a clone of one that does not, and zod visits both.
      if (zodSchema._zod.def.type === 'custom') jsonSchema[CUSTOM] = true;
      const format = numberFormat(zodSchema);
      if (format !== undefined) jsonSchema.format = format;
    },
  }) as Node;
  const definitions = (root['definitions'] ?? {}) as Readonly<Record<string, Node>>;
  return convert(root, path, definitions);
}

/** Marks what zod knows nothing about. */
const CUSTOM = 'custom';

/** What only our process could run. */
const REFUSED: Readonly<Record<string, string>> = {
  pipe: 'a transform or pipe has no CRD schema: parse after reading',
  transform: 'a transform has no CRD schema: parse after reading',
  lazy: 'a lazy schema may contain itself: write it out',
  promise: 'a promise is no JSON',
  function: 'a function is no JSON',
  date: 'JSON has no dates: use z.iso.datetime()',
  bigint: 'JSON has no bigints: use k.int64()',
  map: 'JSON has no maps: use z.record()',
  set: 'JSON has no sets: use k.set()',
  symbol: 'a symbol is no JSON',
  tuple: 'a structural schema has no tuples: use an object',
  catch: 'the API server refuses what is invalid, it does not replace it: use .default()',
};

function refuse(zodSchema: z.core.$ZodTypes, path: string): void {
  const def = zodSchema._zod.def;
  const problem = REFUSED[def.type];
  if (problem !== undefined) throw new DeclarationError(path, problem);
  if ('coerce' in def && def.coerce === true) throw new DeclarationError(path, 'the API server does not coerce: take the type as it comes');
  for (const check of def.checks ?? []) {
    const kind = check._zod.def.check;
    if (kind === 'custom') throw new DeclarationError(path, 'a refinement runs nowhere but here: use a CEL rule, or the declaration’s check');
    if (kind === 'overwrite') throw new DeclarationError(path, 'the API server does not change text: no trim, no case');
  }
}

/** `['properties', 'a', 'items']` under `spec` → `spec.a[]`. */
function fieldPath(root: string, at: readonly (string | number)[]): string {
  let path = root;
  for (const [index, part] of at.entries()) {
    if (part === 'items') path += '[]';
    else if (part === 'additionalProperties') path += '[*]';
    else if (at[index - 1] === 'properties' && part !== 'properties') path += `.${part}`;
  }
  return path;
}

/** Kept as they are. */
const PLAIN = [
  'type', 'description', 'default', 'nullable', 'enum', 'minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties', 'multipleOf', 'required',
] as const; // prettier-ignore

function convert(node: Node, path: string, definitions: Readonly<Record<string, Node>>): Schema {
  if (typeof node['$ref'] === 'string') {
    const name = node['$ref'].replace('#/definitions/', '');
    const found = definitions[name];
    if (found === undefined || name.startsWith('__')) throw new DeclarationError(path, 'a schema that contains itself has no CRD schema');
    // Without itself: what refers back then finds nothing, instead of going round for ever.
    return convert({ ...found, ...node, $ref: undefined }, path, Object.fromEntries(Object.entries(definitions).filter(([key]) => key !== name)));
  }
  const extensions = Object.fromEntries(Object.entries(node).filter(([key]) => key.startsWith('x-kubernetes-')));
  const form = node[STRUCTURAL];
  if (typeof form === 'string') return { ...structuralForm(form), ...pick(node, ['description', 'default', 'nullable']), ...extensions };
  if (node[CUSTOM] === true) throw new DeclarationError(path, 'z.custom has no CRD schema: use a helper of k');
  const branches = (node['oneOf'] ?? node['anyOf']) as readonly Node[] | undefined;
  if (branches !== undefined) {
    const own = { ...pick(node, ['description', 'default', 'nullable']), ...extensions };
    return { ...union(branches, node['oneOf'] === undefined ? 'anyOf' : 'oneOf', path, definitions), ...own };
  }
  const children = descend(node, path, definitions);
  const empty = node['type'] === undefined && node['enum'] === undefined;
  return {
    ...pick(node, PLAIN),
    // `z.literal` and `z.enum` of text come with their type; mixed ones do not, and a structural node needs one.
    ...(node['type'] === undefined && node['enum'] !== undefined ? refuseMixed(path) : {}),
    ...(node['type'] === 'string' ? text(node, path) : {}),
    ...(node['type'] === 'integer' || node['type'] === 'number' ? numeric(node) : {}),
    ...children,
    ...(empty ? { 'x-kubernetes-preserve-unknown-fields': true } : {}),
    ...extensions,
  };
}

function refuseMixed(path: string): never {
  throw new DeclarationError(path, 'values of different types: give it one');
}

function descend(node: Node, path: string, definitions: Readonly<Record<string, Node>>): Schema {
  const properties = node['properties'] as Readonly<Record<string, Node>> | undefined;
  const items = node['items'] as Node | undefined;
  const rest = node['additionalProperties'] as Node | boolean | undefined;
  const schema: Schema = {
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, convert(value, `${path}.${key}`, definitions)])) }),
    ...(items === undefined ? {} : { items: convert(items, `${path}[]`, definitions) }),
  };
  if (items !== undefined) checkKeys(node, schema.items!, path);
  if (rest === undefined || rest === false) return schema;
  if (rest === true || Object.keys(rest).length === 0) return { ...schema, 'x-kubernetes-preserve-unknown-fields': true };
  if (properties !== undefined) throw new DeclarationError(path, 'declared properties and further typed ones cannot be in one object');
  return { ...schema, additionalProperties: convert(rest, `${path}[*]`, definitions) };
}

/** What the API server demands of a map list: each key is a scalar of the item that is required or has a default. */
function checkKeys(node: Node, items: Schema, path: string): void {
  for (const key of (node['x-kubernetes-list-map-keys'] ?? []) as readonly string[]) {
    const property = items.properties?.[key];
    if (property === undefined) throw new DeclarationError(path, `the list's key ${key} is no field of its items`);
    if (items.required?.includes(key) !== true && property.default === undefined)
      throw new DeclarationError(path, `the list's key ${key} must be required or have a default`);
  }
}

/** Formats whose check the API server has; zod's own pattern for them is huge and says the same. */
const FORMATS = new Set(['date-time', 'date', 'email', 'uri', 'uuid', 'ipv4', 'ipv6', 'byte', 'hostname']);

function text(node: Node, path: string): Schema {
  const format = node['format'] as string | undefined;
  if (format === 'duration') throw new DeclarationError(path, 'Kubernetes’ durations are Go’s: use k.duration()');
  const known = format !== undefined && FORMATS.has(format);
  const patterns = node['allOf'] as readonly Node[] | undefined;
  return {
    ...(known ? { format } : {}),
    ...(!known && node['pattern'] !== undefined ? pick(node, ['pattern']) : {}),
    ...(patterns === undefined ? {} : { allOf: patterns.map((one) => pick(one, ['pattern'])) }),
  };
}

/** zod's number types in OpenAPI's words; zod itself tells them apart by bounds alone. */
const NUMBERS: Readonly<Record<string, 'int32' | 'int64' | 'float' | 'double'>> = {
  int32: 'int32',
  safeint: 'int64',
  uint32: 'int64',
  float32: 'float',
  float64: 'double',
};

/** The format is the type's own (`z.int32()`), or a check's (`z.number().int()`). */
function numberFormat(zodSchema: z.core.$ZodTypes): string | undefined {
  const def = zodSchema._zod.def;
  if (def.type !== 'number') return undefined;
  const formats = [def, ...(def.checks ?? []).map((check) => check._zod.def)].map((one) => ('format' in one ? NUMBERS[String(one.format)] : undefined));
  return formats.find((format) => format !== undefined);
}

/** Bounds that zod adds for the type: the format says it. */
const NATURAL = new Set([Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER, 2 ** 31 - 1, -(2 ** 31)]);

function numeric(node: Node): Schema {
  const kept = (bound: 'minimum' | 'maximum') => typeof node[bound] === 'number' && Math.abs(node[bound]) < FLOAT_LIMIT && !NATURAL.has(node[bound]);
  return {
    ...pick(node, ['format']),
    ...(kept('minimum') ? pick(node, ['minimum', 'exclusiveMinimum']) : {}),
    ...(kept('maximum') ? pick(node, ['maximum', 'exclusiveMaximum']) : {}),
  };
}

/** The bounds of float32 are beyond it, and of float64 too. */
const FLOAT_LIMIT = 1e38;

/** Text or number is int-or-string; several sets of words are one; objects are hoisted. Anything else has no structural form. */
function union(branches: readonly Node[], word: 'oneOf' | 'anyOf', path: string, definitions: Readonly<Record<string, Node>>): Schema {
  const schemas = branches.map((branch) => convert(branch, path, definitions));
  const types = new Set(schemas.map(({ type }) => type));
  if (types.size === 2 && types.has('integer') && types.has('string')) {
    if (schemas.some((one) => one.enum !== undefined))
      throw new DeclarationError(path, 'a number or one of some words has no structural schema: use k.intOrString() with a CEL rule');
    return { ...INT_OR_STRING, ...limits(schemas) };
  }
  if (types.size === 1 && types.has('object')) return hoist(schemas, word, (problem) => new DeclarationError(path, problem));
  if (types.size === 1 && schemas.every((one) => one.enum !== undefined)) return { type: schemas[0]!.type!, enum: schemas.flatMap((one) => one.enum!) };
  if (schemas.every((one) => jsonEqual(one, schemas[0]))) return schemas[0]!;
  throw new DeclarationError(path, `a union of ${[...types].join(' and ')} has no structural schema`);
}

/** Bounds of either half go on the node: to a number a pattern says nothing, and to text a minimum. */
function limits(schemas: readonly Schema[]): Schema {
  return Object.assign({}, ...schemas.map(({ type: _type, format: _format, ...rest }) => rest)) as Schema;
}

function pick(node: Node, keys: readonly (keyof Schema)[]): Schema {
  // The node is what zod wrote for these keys, or what the author gave as metadata; both are JSON Schema's.
  return Object.fromEntries(keys.filter((key) => node[key] !== undefined).map((key) => [key, node[key]])) as Schema;
}
