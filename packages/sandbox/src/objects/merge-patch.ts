import { Refusal } from '../refusal.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';

/**
 * `doc` after a JSON merge patch (RFC 7386, and what the server makes of it): null removes a key, objects merge, anything else replaces.
 * @throws {Refusal} 400 when the patch is no object.
 */
export function mergePatch(doc: JsonObject, patch: unknown): JsonObject {
  if (!isObject(patch)) {
    const kind = Array.isArray(patch) ? 'array' : typeof patch;
    throw new Refusal(400, 'BadRequest', `error decoding patch: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`);
  }
  return merge(doc, patch);
}

function merge(doc: unknown, patch: JsonObject): JsonObject {
  const out: Record<string, unknown> = isObject(doc) ? { ...doc } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete out[key];
    else setKey(out, key, isObject(value) ? merge(out[key], value) : isObject(out[key]) ? value : withoutNulls(value));
  }
  return out;
}

/** In objects within a list the server takes null for a removal as well, unless the list replaces an object. Source: evanphx/json-patch, merge.go, `pruneNulls`. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  return isObject(value) ? merge({}, value) : value;
}

// A plain assignment to `__proto__` would change what the object is instead of what it holds.
function setKey(out: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') Object.defineProperty(out, key, { value, enumerable: true, configurable: true, writable: true });
  else out[key] = value;
}
