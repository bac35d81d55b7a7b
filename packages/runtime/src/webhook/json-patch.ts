import { jsonEqual } from '@binnacle/schema';

/** One operation of a JSON patch, RFC 6902. */
export interface PatchOperation {
  readonly op: 'add' | 'replace' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

/** The patch that makes `after` of `before`; empty when they are equal. Lists are replaced whole. */
export function jsonPatch(before: unknown, after: unknown, path = ''): readonly PatchOperation[] {
  if (jsonEqual(before, after)) return [];
  if (!isRecord(before) || !isRecord(after)) return [{ op: 'replace', path, value: after }];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return keys.flatMap((key): readonly PatchOperation[] => {
    const at = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (after[key] === undefined) return before[key] === undefined ? [] : [{ op: 'remove', path: at }];
    return before[key] === undefined ? [{ op: 'add', path: at, value: after[key] }] : jsonPatch(before[key], after[key], at);
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
