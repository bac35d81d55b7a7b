import { ApiError } from './error.ts';
import { apiVersionOf } from './kind.ts';
import type { AnyKind, KubernetesObject, Live } from './kind.ts';

/**
 * An object as the server sent it, with `apiVersion` and `kind`: items of built-in lists come without (spec/sandbox.md §2.5), and a
 * reader must not see whether an object came by LIST or by WATCH. The one place where JSON becomes `Live`: the API server has validated it.
 * @throws {ApiError} `Unreadable` for what is no object with metadata.
 */
export function live<K extends AnyKind>(kind: K, value: unknown): Live<K> {
  if (!isObject(value))
    throw new ApiError({ code: 200, reason: 'Unreadable', message: `expected a ${kind.kind}, got ${JSON.stringify(value)?.slice(0, 200)}` });
  if (value.apiVersion !== undefined && value.kind !== undefined) return value as unknown as Live<K>;
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, ...value } as unknown as Live<K>;
}

/** Whether a value is JSON with metadata, as all objects, lists and bookmarks are. */
export function isObject(value: unknown): value is KubernetesObject {
  if (typeof value !== 'object' || value === null) return false;
  const { metadata } = value as { metadata?: unknown };
  return typeof metadata === 'object' && metadata !== null;
}
