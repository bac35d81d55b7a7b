import { ApiError } from './error.ts';
import { groupResourceOf } from './kind.ts';
import type { AnyKind } from './kind.ts';

/** What a path is made for: one object, or a collection when `name` is left out. */
export interface Target {
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/**
 * The path of one object of a kind.
 * @throws {ApiError} `BadRequest`, before anything is sent, when the name is missing: without it the same path means the whole collection.
 */
export function objectPath(kind: AnyKind, target: Target): string {
  if (kind.scope === 'Namespaced' && target.namespace === undefined) throw refused(kind, `${target.name ?? ''}: a namespace is needed`);
  return `${collectionPath(kind, target)}/${segment(kind, 'name', target.name)}${target.subresource === undefined ? '' : `/${target.subresource}`}`;
}

/**
 * The path of all objects of a kind, in one namespace or in all.
 * @throws {ApiError} `BadRequest` for a namespace on a cluster-scoped kind: leaving it out would mean more objects than were asked for.
 */
export function collectionPath(kind: AnyKind, target: Target): string {
  const root = kind.group === '' ? `/api/${kind.version}` : `/apis/${kind.group}/${kind.version}`;
  if (target.namespace === undefined) return `${root}/${kind.plural}`;
  if (kind.scope === 'Cluster') throw refused(kind, `namespace ${JSON.stringify(target.namespace)} given, but the kind has none`);
  return `${root}/namespaces/${segment(kind, 'namespace', target.namespace)}/${kind.plural}`;
}

/** `?a=1&b=x`, or nothing when every value is `undefined`. */
export function query(parameters: Readonly<Record<string, string | number | boolean | undefined>>): string {
  const pairs = Object.entries(parameters)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

/** The API's own rule for a part of a path (not empty, not `.` or `..`, no `/`, no `%`): anything else would address something else. */
function segment(kind: AnyKind, what: string, value: string | undefined): string {
  if (value === undefined || value === '' || value === '.' || value === '..' || /[/%]/.test(value)) {
    throw refused(kind, `${JSON.stringify(value ?? '')} is no ${what}`);
  }
  return encodeURIComponent(value);
}

function refused(kind: AnyKind, message: string): ApiError {
  return new ApiError({ code: 400, reason: 'BadRequest', message: `${groupResourceOf(kind)} ${message}` });
}
