import { jsonEqual } from '@binnacle/schema';
import type { Part } from './monitor-fields.ts';

const isObject = (value: unknown): value is Part => typeof value === 'object' && value !== null && !Array.isArray(value);

/** One spec laid over another; `undefined` takes a field out. */
export function over(spec: Part, more: Part): Part {
  const merged = { ...spec };
  for (const [name, value] of Object.entries(more)) {
    const before = merged[name];
    if (value === undefined) delete merged[name];
    else merged[name] = isObject(value) ? over(isObject(before) ? before : {}, value) : value;
  }
  return merged;
}

/** Whether one of the faults is of that field, and says that. */
export const isWrong = (found: readonly string[], field: string, what: RegExp): boolean =>
  found.some((one) => one.startsWith(`spec.${field}: `) && what.test(one));

/** Of the fields in a table of faults, without the places in lists and maps. */
export const fieldsOf = (list: readonly (readonly [string, ...unknown[]])[]): readonly string[] => list.map(([field]) => field.replaceAll(/\[[^\]]*\]/g, ''));

/** Names under which two say something else. */
export const changed = (one: Part, other: Part): readonly string[] =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])].filter((name) => !jsonEqual(one[name], other[name])).toSorted();
