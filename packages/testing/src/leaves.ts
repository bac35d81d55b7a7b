import type { Schema } from '@binnacle/schema';

/**
 * Paths of the fields of a schema that have no fields of their own, and of those that `isWhole` says are one thing: what a test that nothing is accepted and
 * ignored has to have a row for. Items of a list stand under the path of the list.
 */
export function* leaves(schema: Schema, isWhole: (path: string) => boolean, path = ''): Iterable<string> {
  const inner = schema.properties ?? schema.items?.properties;
  if (inner === undefined || (path !== '' && isWhole(path))) yield path;
  else for (const [name, field] of Object.entries(inner)) yield* leaves(field, isWhole, path === '' ? name : `${path}.${name}`);
}
