/** A union of objects in structural form: all fields on the node itself, and of each branch only what tells it from the others. */
import { jsonEqual } from '../engine/json.ts';
import type { Schema } from '../structural.ts';

/** Fields of several branches must be the same but for the words they take: the node can hold only one schema of each. */
export function hoist(branches: readonly Schema[], word: 'oneOf' | 'anyOf', fail: (problem: string) => Error): Schema {
  const properties: Record<string, Schema> = {};
  for (const branch of branches) {
    if (branch.additionalProperties !== undefined) throw fail('a union of maps has no structural schema');
    for (const [key, schema] of Object.entries(branch.properties ?? {})) {
      const known = properties[key];
      properties[key] = known === undefined ? schema : merge(known, schema, () => fail(`${key} is of different types in branches of the union`));
    }
  }
  const everywhere = (branches[0]?.required ?? []).filter((key) => branches.every((branch) => branch.required?.includes(key) === true));
  return {
    type: 'object',
    properties,
    ...(everywhere.length === 0 ? {} : { required: everywhere }),
    [word]: branches.map((branch) => distinction(branch, properties)),
  };
}

function merge(a: Schema, b: Schema, fail: () => Error): Schema {
  if (jsonEqual(a, b)) return a;
  const { enum: left, ...restA } = a;
  const { enum: right, ...restB } = b;
  if (left === undefined || right === undefined || !jsonEqual({ ...restA, description: '' }, { ...restB, description: '' })) throw fail();
  return { ...restA, enum: [...left, ...right.filter((word) => !left.includes(word))] };
}

function distinction(branch: Schema, hoisted: Readonly<Record<string, Schema>>): Schema {
  const words = Object.entries(branch.properties ?? {}).filter(([key, schema]) => schema.enum !== undefined && !jsonEqual(schema.enum, hoisted[key]!.enum));
  return {
    ...(words.length === 0 ? {} : { properties: Object.fromEntries(words.map(([key, schema]) => [key, { enum: schema.enum! }])) }),
    ...(branch.required === undefined ? {} : { required: branch.required }),
  };
}
