import { sentence } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { annotationErrors, labelErrors } from '../../objects/metadata.ts';
import { isRecord, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';

type Fields = Readonly<Record<string, unknown>>;

/**
 * What a webhook made of an object, with the metadata that was there: labels and annotations alone are the webhook's to change.
 * @throws {Error} when it is another object, or of another version: the text is the real server's.
 */
export function kept(original: ApiObject, answer: unknown, apiVersion: string, index: number): ApiObject {
  const converted = record(answer);
  const wrong = (what: string, wanted: string, found: string) =>
    new Error(`invalid object at index ${index}: invalid ${what} (expected ${wanted}, received ${found})`);
  const [version, kind] = [text(converted['apiVersion']) ?? '', text(converted['kind']) ?? ''];
  if (version !== apiVersion) throw wrong('groupVersion', apiVersion, version);
  if (kind !== original.kind) throw wrong('kind', original.kind, kind);
  const metadata = record(converted['metadata']);
  for (const [field, what] of IDENTITY) {
    const [wanted, found] = [original.metadata[field] ?? '', text(metadata[field]) ?? ''];
    if (wanted !== found) throw new Error(`invalid object: must have the same ${what}: ${wanted} != ${found}`);
  }
  if (!isRecord(converted['metadata'])) throw new Error('invalid metadata: missing metadata in converted object');
  const { labels: _labels, annotations: _annotations, ...rest } = original.metadata;
  const [labels, annotations] = [texts(original, metadata, 'labels'), texts(original, metadata, 'annotations')];
  return { ...converted, apiVersion, kind, metadata: { ...rest, ...labels, ...annotations } };
}

const IDENTITY = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
] as const;

/** Labels or annotations of the answer, when they are such. */
function texts(original: ApiObject, metadata: Fields, field: 'labels' | 'annotations'): Fields {
  const answered = metadata[field];
  if (answered === undefined || answered === null) return {};
  if (!isRecord(answered)) throw new Error(`invalid metadata: invalid metadata.${field} of type ${goType(answered)} in converted object`);
  for (const [key, value] of Object.entries(answered)) {
    if (typeof value !== 'string') throw new Error(`invalid metadata: metadata.${field}[${key}] must be a string, but is ${goType(value)} in converted object`);
  }
  const before: Fields = original.metadata[field] ?? {};
  const changed = Object.keys(before).length !== Object.keys(answered).length || Object.entries(answered).some(([key, value]) => before[key] !== value);
  const errors = !changed ? [] : field === 'labels' ? labelErrors(answered, 'metadata.labels') : annotationErrors(answered, 'metadata.annotation');
  if (errors.length > 0) throw new Error(`invalid metadata: ${told(errors)}`);
  return { [field]: answered };
}

function told(errors: readonly FieldError[]): string {
  const lines = errors.map(sentence);
  return lines.length === 1 ? lines[0]! : `[${lines.join(', ')}]`;
}

/** A JSON value's type as Go prints it. */
function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  return typeof value === 'boolean' ? 'bool' : typeof value === 'string' ? 'string' : 'map[string]interface {}';
}
