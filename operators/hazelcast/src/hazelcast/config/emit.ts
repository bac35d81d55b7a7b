import { stringify } from 'yaml';

/**
 * YAML as the existing operator's library writes it, byte for byte for what we emit: four spaces, long lines kept, words that YAML 1.1 would read as
 * something else quoted. The restart checksum is taken over this text, so a change here restarts every cluster in the world.
 */
export function emit(document: unknown): string {
  return stringify(document, { indent: 4, lineWidth: 0, version: '1.1', aliasDuplicateObjects: false });
}

/** The same with keys sorted at every level, as configurations with custom parts are written. */
export function emitSorted(document: unknown): string {
  return emit(sorted(document));
}

/** The same content, keys in order at every level. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, one]) => [key, sorted(one)]),
  );
}
