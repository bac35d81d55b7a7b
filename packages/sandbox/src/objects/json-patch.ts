import { Refusal } from '../refusal.ts';
import { equal, isObject } from './json.ts';
import type { JsonObject } from './json.ts';

/** The most operations a patch may have. Source: apiserver's maxJSONPatchOperations. */
const MAX_OPERATIONS = 10_000;

/**
 * `doc` after a JSON patch (RFC 6902), applied whole or not at all. Negative indices count from the end, as in the library the API server uses.
 * @throws {Refusal} 400 when `operations` is no list of operations; 413 when there are too many; 422 when a `test` fails, a path is missing or
 *   an operation is unknown: the text is the same for all of those. Source: spec/sandbox.md §2.1.
 */
export function applyJsonPatch(doc: JsonObject, operations: unknown): JsonObject {
  if (!Array.isArray(operations)) {
    const kind = isObject(operations) ? 'object' : typeof operations;
    throw new Refusal(400, 'BadRequest', `error decoding patch: json: cannot unmarshal ${kind} into Go value of type jsonpatch.Patch`);
  }
  if (operations.length > MAX_OPERATIONS) {
    const text = `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${operations.length}`;
    throw new Refusal(413, 'RequestEntityTooLarge', `Request entity too large: ${text}`);
  }
  let result: unknown = doc;
  for (const operation of operations) {
    if (!isObject(operation)) throw new Refusal(400, 'BadRequest', 'error decoding patch: json: cannot unmarshal into Go value of type jsonpatch.Operation');
    result = apply(result, operation);
  }
  if (!isObject(result)) throw refused();
  return result;
}

const refused = () => new Refusal(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

function apply(doc: unknown, operation: JsonObject): unknown {
  const path = pointer(operation['path']);
  switch (operation['op']) {
    case 'add':
      return edit(doc, path, (parent, key) => added(parent, key, valueOf(operation)), valueOf(operation));
    case 'remove':
      return edit(doc, path, removed, undefined);
    case 'replace':
      return replaced(doc, path, valueOf(operation));
    case 'test':
      // A missing key and null are the same to a test, as in the server's library.
      if (!equal(read(doc, path) ?? null, operation['value'] ?? null)) throw refused();
      return doc;
    case 'move': {
      const from = pointer(operation['from']);
      const value = present(doc, from);
      const taken = edit(doc, from, removed, undefined);
      return edit(taken, path, (parent, key) => added(parent, key, value), value);
    }
    case 'copy': {
      const value = present(doc, pointer(operation['from']));
      return edit(doc, path, (parent, key) => added(parent, key, value), value);
    }
    default:
      throw refused();
  }
}

/** A value that is missing is null, as in the server's library. */
function valueOf(operation: JsonObject): unknown {
  return operation['value'] ?? null;
}

/** The keys of a JSON pointer (RFC 6901). */
function pointer(path: unknown): readonly string[] {
  if (typeof path !== 'string') throw refused();
  if (path === '') return [];
  if (!path.startsWith('/')) throw refused();
  return path
    .slice(1)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Copies along `path` and lets `change` make the new parent; with an empty path the document becomes `whole`. */
function edit(doc: unknown, path: readonly string[], change: (parent: JsonObject | readonly unknown[], key: string) => unknown, whole: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) {
    if (whole === undefined) throw refused();
    return whole;
  }
  if (!isObject(doc) && !Array.isArray(doc)) throw refused();
  if (rest.length === 0) return change(doc, key);
  const child = edit(present(doc, [key]), rest, change, whole);
  if (Array.isArray(doc)) return doc.with(index(doc, key), child);
  return { ...doc, [key]: child };
}

function added(parent: JsonObject | readonly unknown[], key: string, value: unknown): unknown {
  if (!isList(parent)) return { ...parent, [key]: value };
  const list = parent;
  if (key === '-') return [...list, value];
  const at = position(key);
  // One past the end appends; from the end, -1 puts it last.
  const place = at < 0 ? list.length + 1 + at : at;
  if (place < 0 || place > list.length) throw refused();
  return list.toSpliced(place, 0, value);
}

function removed(parent: JsonObject | readonly unknown[], key: string): unknown {
  if (Array.isArray(parent)) return parent.toSpliced(index(parent, key), 1);
  if (!(key in parent)) throw refused();
  const { [key]: _, ...rest } = parent as JsonObject;
  return rest;
}

function replaced(doc: unknown, path: readonly string[], value: unknown): unknown {
  // A key that is not there is added, as the server's library does; only an index must be there.
  return edit(doc, path, (parent, key) => (isList(parent) ? parent.with(index(parent, key), value) : { ...parent, [key]: value }), value);
}

/** What is at `path`, undefined when its last key is missing. A missing parent is refused. */
function read(doc: unknown, path: readonly string[]): unknown {
  let value = doc;
  for (const [depth, key] of path.entries()) {
    const last = depth === path.length - 1;
    if (Array.isArray(value)) value = value[index(value, key)];
    else if (isObject(value)) value = Object.hasOwn(value, key) ? value[key] : undefined;
    else throw refused();
    if (value === undefined && !last) throw refused();
  }
  return value;
}

function present(doc: unknown, path: readonly string[]): unknown {
  const value = read(doc, path);
  if (value === undefined) throw refused();
  return value;
}

// Array.isArray does not tell a readonly list from an object.
const isList = (value: JsonObject | readonly unknown[]): value is readonly unknown[] => Array.isArray(value);

function position(key: string): number {
  if (!/^-?(0|[1-9]\d*)$/.test(key)) throw refused();
  return Number(key);
}

function index(list: readonly unknown[], key: string): number {
  const at = position(key);
  const place = at < 0 ? list.length + at : at;
  if (place < 0 || place >= list.length) throw refused();
  return place;
}
