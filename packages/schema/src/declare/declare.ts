/** From a declaration to the kind: everything derived is derived once, here. */
import type { z } from 'zod';
import { costErrors } from '../cel/cost/limit.ts';
import { checkRules } from '../engine/rules.ts';
import { sentence } from '../engine/failure.ts';
import type { Column, Declaration, Resource } from '../resource.ts';
import type { Schema } from '../structural.ts';
import { structuralize, DeclarationError } from './structuralize.ts';

/**
 * Declares a custom kind: its TypeScript type, CRD, defaults, validation and reference page come from this one value.
 * @throws {DeclarationError} when a field has no structural schema, or a CEL rule does not compile or could cost more than the API server allows; the message says where.
 */
export function resource<S extends z.ZodType, T extends z.ZodType>(declaration: Declaration<S, T>): Resource<z.output<S>, z.output<T>> {
  const { group, version, kind, plural, check } = declaration;
  const schema = freeze(objectSchema(declaration));
  const broken = [...checkRules(schema), ...costErrors(schema, '')];
  if (broken.length > 0) throw new DeclarationError(kind, broken.map(sentence).join('; '));
  return Object.freeze({
    group,
    version,
    kind,
    plural,
    scope: declaration.scope ?? 'Namespaced',
    singular: kind.toLowerCase(),
    shortNames: declaration.shortNames ?? [],
    categories: declaration.categories ?? [],
    columns: Object.entries(declaration.columns ?? {}).map(([name, column]) => named(name, column, schema)),
    scale: declaration.scale,
    schema,
    check: (now, before) => (check === undefined ? [] : [...check(now, before)]),
  } satisfies Resource<z.output<S>, z.output<T>>);
}

function objectSchema({ kind, description, spec, status, rules = [] }: Declaration<z.ZodType, z.ZodType>): Schema {
  const plain = structuralize(spec, 'spec');
  if (plain.type !== 'object') throw new DeclarationError(`${kind}.spec`, 'must be an object');
  const all = [...(plain['x-kubernetes-validations'] ?? []), ...rules];
  const ruled: Schema = all.length === 0 ? plain : { ...plain, 'x-kubernetes-validations': all };
  // An object without a spec is one with all defaults, where that is enough: then no reader meets a missing spec.
  const optional = ruled.required === undefined;
  return {
    type: 'object',
    description,
    ...(optional ? {} : { required: ['spec'] }),
    properties: {
      apiVersion: { type: 'string', description: 'Version of the schema this object is written in.' },
      kind: { type: 'string', description: 'The kind of object this is.' },
      metadata: { type: 'object' },
      spec: { ...(optional ? { default: {} } : {}), ...ruled },
      status: structuralize(status, 'status'),
    },
  };
}

/** A column that is only a path takes its type from the field it points to. */
function named(name: string, column: string | Omit<Column, 'name'>, schema: Schema): Column {
  if (typeof column !== 'string') return { name, ...column };
  if (column === '.metadata.creationTimestamp') return { name, type: 'date', jsonPath: column };
  let node: Schema | undefined = schema;
  for (const step of column.split('.').slice(1)) node = node?.properties?.[step];
  const type = node?.format === 'date-time' ? 'date' : node?.type;
  const scalar = type === 'integer' || type === 'number' || type === 'boolean' || type === 'date';
  return { name, type: scalar ? type : 'string', jsonPath: column };
}

/** Kinds are shared by everybody in the process. */
function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const part of Object.values(value)) freeze(part);
  return Object.freeze(value);
}
