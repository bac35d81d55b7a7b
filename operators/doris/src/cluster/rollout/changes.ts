import { jsonEqual } from '@binnacle/schema';

/**
 * What a template will have that the one there is has not, or has otherwise: `containers[fe].startupProbe`, `initContainers[born-once]`. Entries of lists are known by
 * their names. What is only there stays: an apply takes away nothing that somebody else has written.
 */
export function changes(wanted: unknown, live: unknown, at = ''): readonly string[] {
  if (Array.isArray(wanted) && Array.isArray(live) && wanted.every(isNamed)) {
    return wanted.flatMap((one) => {
      const path = `${at}[${one.name}]`;
      const before: unknown = live.find((other) => isNamed(other) && other.name === one.name);
      return before === undefined ? [path] : changes(one, before, path);
    });
  }
  if (isRecord(wanted) && isRecord(live)) {
    return Object.entries(wanted).flatMap(([key, value]) => changes(value, live[key], at === '' ? key : `${at}.${key}`));
  }
  // A list that is new as a whole: its entries say more than its name.
  if (Array.isArray(wanted) && live === undefined && wanted.every(isNamed)) return wanted.map(({ name }) => `${at}[${name}]`);
  return jsonEqual(wanted, live) ? [] : [at];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isNamed = (value: unknown): value is { readonly name: string } => isRecord(value) && typeof value['name'] === 'string';
