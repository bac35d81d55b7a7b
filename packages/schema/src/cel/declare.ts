/** A schema as CEL types, so that a rule that cannot work is refused when the kind is declared and not when an object comes. */
import type { Environment } from '@marcbachmann/cel-js';
import type { Resolve } from '../builtin/table.ts';
import { OBJECT_META, deref } from '../engine/resolve.ts';
import type { Schema } from '../structural.ts';
import { escapeName } from './convert.ts';

/** Object types in one schema, at most: what has more is generated nonsense or refers to itself. */
const MAX_TYPES = 5_000;

/** Registers the types a schema needs and says what its own is called. The same definition met again is the same type, so references may circle. */
export function declareType(environment: Environment, reference: Schema, resolve: Resolve): string {
  return new Types(environment, resolve).of(reference);
}

class Types {
  readonly #environment: Environment;
  readonly #resolve: Resolve;
  readonly #names = new Map<Schema, string>();
  constructor(environment: Environment, resolve: Resolve) {
    this.#environment = environment;
    this.#resolve = resolve;
  }

  of(reference: Schema): string {
    const schema = deref(reference, this.#resolve);
    if (schema['x-kubernetes-int-or-string'] === true) return 'dyn';
    switch (schema.type) {
      case 'boolean':
        return 'bool';
      case 'integer':
        return 'int';
      case 'number':
        return 'double';
      case 'string':
        return textType(schema.format);
      case 'array':
        return `list<${schema.items === undefined ? 'dyn' : this.of(schema.items)}>`;
      case 'object':
        return this.#object(schema);
      default:
        return 'dyn';
    }
  }

  #object(schema: Schema): string {
    const rest = schema.additionalProperties;
    if (schema.properties === undefined && typeof rest === 'object') return `map<string, ${this.of(rest)}>`;
    const known = this.#names.get(schema);
    if (known !== undefined) return known;
    if (schema.properties === undefined && schema['x-kubernetes-embedded-resource'] !== true) return 'map<string, dyn>';
    if (this.#names.size >= MAX_TYPES) throw new Error(`the schema has more than ${MAX_TYPES} object types`);
    const name = `schema.Object${this.#names.size}`;
    this.#names.set(schema, name);
    const declared =
      schema['x-kubernetes-embedded-resource'] === true ? { apiVersion: TEXT, kind: TEXT, metadata: OBJECT_META, ...schema.properties } : schema.properties;
    const fields = Object.fromEntries(Object.entries(declared ?? {}).map(([key, property]) => [escapeName(key), this.of(property)]));
    this.#environment.registerType(name, { fields });
    this.#environment.registerOperator(`${name} == ${name}`, () => false); // only ever checked, never run
    return name;
  }
}

const TEXT: Schema = { type: 'string' };

function textType(format: string | undefined): string {
  if (format === 'date-time' || format === 'date') return 'google.protobuf.Timestamp';
  if (format === 'duration') return 'google.protobuf.Duration';
  return format === 'byte' ? 'bytes' : 'string';
}
