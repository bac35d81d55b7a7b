import type { Schema } from '@binnacle/schema';
import { Refusal } from '../refusal.ts';
import { equal, goValue, isObject } from './json.ts';
import type { JsonObject } from './json.ts';

/** Finds the definition a `$ref` names. */
export type Resolve = (name: string) => Schema;

const DIRECTIVE = '$patch';
const RETAIN = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList';
const ORDER = '$setElementOrder';

/**
 * `doc` after a strategic merge patch: lists merge by the key that the schema names, `null` removes, and the directives `$patch`, `$retainKeys`,
 * `$setElementOrder/<list>` and `$deleteFromPrimitiveList/<list>` do what kubectl means by them. What the patch brings or touches goes before what
 * only the server has, unless the order is set. Source: spec/sandbox.md §2.7.
 * @throws {Refusal} 400 for a malformed directive; 500 for an element without its merge key or an unknown `$patch`, as the API server does.
 */
export function strategicMerge(doc: JsonObject, patch: unknown, schema: Schema, resolve: Resolve): JsonObject {
  if (!isObject(patch)) throw new Refusal(400, 'BadRequest', 'invalid JSON document');
  return mergeObject(doc, patch, schema, resolve);
}

/** Of no reason: an error that nobody made an answer of. Source: apiserver, pkg/endpoints/handlers/patch.go, `interpretStrategicMergePatchError`. */
const internal = (message: string) => new Refusal(500, '', message);
const malformed = (what: string) => new Refusal(400, 'BadRequest', `invalid patch format of ${what}`);
const noMergeKey = (element: unknown, key: string) => internal(`map: ${goValue(element)} does not contain declared merge key: ${key}`);

/** How a field merges, from its schema. */
interface Field {
  readonly schema: Schema;
  readonly strategy: 'merge' | 'replace' | undefined;
  readonly mergeKey: string;
}

function fieldOf(schema: Schema, key: string, resolve: Resolve): Field {
  const parent = schema.$ref === undefined ? schema : resolve(schema.$ref);
  const extra = typeof parent.additionalProperties === 'object' ? parent.additionalProperties : {};
  const property = parent.properties?.[key] ?? extra;
  const target = property.$ref === undefined ? property : resolve(property.$ref);
  const strategies = (property['x-kubernetes-patch-strategy'] ?? '').split(',');
  const strategy = strategies.includes('replace') ? 'replace' : strategies.includes('merge') ? 'merge' : undefined;
  return { schema: target, strategy, mergeKey: property['x-kubernetes-patch-merge-key'] ?? '' };
}

function mergeObject(original: JsonObject, patch: JsonObject, schema: Schema, resolve: Resolve): JsonObject {
  if (DIRECTIVE in patch) {
    const { [DIRECTIVE]: directive, ...rest } = patch;
    if (directive === 'replace') return rest;
    if (directive === 'delete') return {};
    throw internal(`unknown patch type: ${goValue(directive)} in map: ${goValue(patch)}`);
  }
  const out: Record<string, unknown> = retained(original, patch);
  const done = mergeOrderedLists(out, patch, schema, resolve);
  for (const [key, value] of Object.entries(patch)) {
    if (key === RETAIN || done.has(key)) continue;
    if (key.startsWith(DELETE_FROM)) deleteFromList(out, key, value);
    else if (value === null) delete out[key];
    else {
      const merged = mergeValue(out[key], value, fieldOf(schema, key, resolve), resolve);
      if (merged === undefined) delete out[key];
      else out[key] = merged;
    }
  }
  return out;
}

function mergeValue(original: unknown, patch: unknown, field: Field, resolve: Resolve): unknown {
  if (isObject(original) && isObject(patch)) {
    return field.strategy === 'replace' ? patch : mergeObject(original, patch, field.schema, resolve);
  }
  if (Array.isArray(original) && Array.isArray(patch)) return mergeList(original, patch, field, resolve);
  return withoutDirectives(patch, true);
}

function mergeList(original: readonly unknown[], patch: readonly unknown[], field: Field, resolve: Resolve): readonly unknown[] {
  if (field.strategy !== 'merge') return patch;
  if (original.length === 0 && patch.length === 0) return original;
  if (!isObject(original[0] ?? patch[0])) {
    const types = new Set([...original, ...patch].map((element) => (element === null ? 'null' : typeof element)));
    // Source: apimachinery, pkg/util/strategicpatch/patch.go, `sliceElementType`.
    if (types.size > 1 || types.has('null')) throw internal(`list element types are not identical: ${goValue([...original, ...patch])}`);
    return ordered([...new Set([...original, ...patch])], patch, original, '');
  }
  const { mergeKey } = field;
  if (mergeKey === '') throw internal('cannot merge lists without merge key');
  const { kept, plain } = directElements(original, patch, mergeKey);
  const items = field.schema.items ?? {};
  const merged: unknown[] = [...kept];
  for (const element of plain) {
    if (!(mergeKey in element)) throw noMergeKey(element, mergeKey);
    const at = find(merged, mergeKey, element[mergeKey]);
    if (at < 0) merged.push(withoutDirectives(element, true));
    else merged[at] = mergeObject(merged[at] as JsonObject, element, items, resolve);
  }
  return ordered(merged, plain, kept, mergeKey);
}

/** Obeys `$patch` in the elements of a list: what stays of the original, and the elements that are no orders. */
function directElements(original: readonly unknown[], patch: readonly unknown[], mergeKey: string): { kept: readonly unknown[]; plain: readonly JsonObject[] } {
  let kept = original;
  let replace = false;
  const plain: JsonObject[] = [];
  for (const element of patch) {
    if (!isObject(element)) throw internal(`value for key ${goValue(element)} is not a map`);
    const directive = element[DIRECTIVE];
    if (directive === undefined) plain.push(element);
    else if (directive === 'replace') replace = true;
    else if (directive === 'delete') {
      if (!(mergeKey in element)) throw noMergeKey(element, mergeKey);
      kept = kept.filter((item) => !(isObject(item) && equal(item[mergeKey], element[mergeKey])));
    } else if (directive === 'merge') throw internal('merging lists cannot yet be specified in the patch');
    else throw internal(`unknown patch type: ${goValue(directive)} in map: ${goValue(element)}`);
  }
  return replace ? { kept: plain, plain: [] } : { kept, plain };
}

function find(list: readonly unknown[], mergeKey: string, value: unknown): number {
  return list.findIndex((item) => {
    if (!isObject(item)) throw internal(`value for key ${goValue(item)} is not a map`);
    return equal(item[mergeKey], value);
  });
}

/** Merges each list whose order the patch sets, into `out`; returns the keys of the patch that are thereby dealt with. */
function mergeOrderedLists(out: Record<string, unknown>, patch: JsonObject, schema: Schema, resolve: Resolve): ReadonlySet<string> {
  const done = new Set<string>();
  for (const [key, order] of Object.entries(patch)) {
    if (!key.startsWith(ORDER)) continue;
    done.add(key);
    const name = listName(key, ORDER, 'setElementOrder list');
    const [original, brought] = [out[name], patch[name]];
    for (const list of [order, original ?? [], brought ?? []]) {
      if (!Array.isArray(list)) throw internal(`expected a []interface {}, but received a ${isObject(list) ? 'map[string]interface {}' : typeof list}`);
    }
    const field = fieldOf(schema, name, resolve);
    const patchList = (brought ?? []) as readonly unknown[];
    checkOrder(patchList, order as readonly unknown[], field.mergeKey);
    if (original === undefined && brought === undefined) continue;
    done.add(name);
    const before = (original ?? []) as readonly unknown[];
    const merged =
      brought === undefined
        ? before
        : original === undefined
          ? (withoutDirectives(patchList, false) as readonly unknown[])
          : mergeList(before, patchList, field, resolve);
    out[name] = ordered(merged, order as readonly unknown[], before, field.mergeKey);
  }
  return done;
}

/** The patch may only bring elements that the order lists, in that order. */
function checkOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string): void {
  if (patch.length === 0 || order.length === 0) return;
  let at = 0;
  for (const element of patch) {
    if (isObject(element) && DIRECTIVE in element) continue;
    while (at < order.length && !same(element, order[at], mergeKey)) at++;
    if (at === order.length) throw internal(`The order in patch list:\n${goValue(patch)}\n doesn't match ${ORDER} list:\n${goValue(order)}\n`);
    at++;
  }
}

function same(a: unknown, b: unknown, mergeKey: string): boolean {
  if (mergeKey === '') return equal(a, b);
  if (!isObject(a) || !isObject(b)) throw internal(`expected a map[string]interface {}, but received a ${typeof a}`);
  if (!(mergeKey in a)) throw noMergeKey(a, mergeKey);
  if (!(mergeKey in b)) throw noMergeKey(b, mergeKey);
  return equal(a[mergeKey], b[mergeKey]);
}

/**
 * `list` with the elements that `order` names in that order, and the others in the order of `server` among themselves. Between the two kinds the
 * server's order counts where both are known to it, else those of the patch come first.
 */
function ordered(list: readonly unknown[], order: readonly unknown[], server: readonly unknown[], mergeKey: string): readonly unknown[] {
  const place = (element: unknown, among: readonly unknown[]) => among.findIndex((other) => same(element, other, mergeKey));
  const by = (among: readonly unknown[]) => (a: unknown, b: unknown) => place(a, among) - place(b, among);
  const ours = list.filter((element) => place(element, order) >= 0).toSorted(by(order));
  const theirs = list.filter((element) => place(element, order) < 0).toSorted(by(server));
  const out: unknown[] = [];
  while (ours.length > 0 && theirs.length > 0) {
    const mine = place(ours[0], server);
    const other = place(theirs[0], server);
    out.push(mine >= 0 && other >= 0 && other < mine ? theirs.shift() : ours.shift());
  }
  return [...out, ...ours, ...theirs];
}

/** `original` with only the keys that `$retainKeys` lists; the patch may set no other. */
function retained(original: JsonObject, patch: JsonObject): Record<string, unknown> {
  if (!(RETAIN in patch)) return { ...original };
  const keys = patch[RETAIN];
  if (!Array.isArray(keys)) throw malformed('retainKeys');
  const stray = Object.keys(patch).find((key) => !key.startsWith('$') && patch[key] !== null && !keys.includes(key));
  if (stray !== undefined) throw malformed('retainKeys');
  return Object.fromEntries(Object.entries(original).filter(([key]) => keys.includes(key)));
}

function deleteFromList(out: Record<string, unknown>, key: string, values: unknown): void {
  const name = listName(key, DELETE_FROM, 'primitive list');
  const list = out[name];
  if (!Array.isArray(list) || !Array.isArray(values)) return;
  out[name] = list.filter((item) => !values.includes(item));
}

function listName(key: string, prefix: string, what: string): string {
  if (key[prefix.length] !== '/') throw malformed(what);
  return key.slice(prefix.length + 1);
}

/** What a patch brings where nothing was: without elements and maps that only give orders, and (`nulls`) without keys it would remove. */
function withoutDirectives(value: unknown, nulls: boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutDirectives(item, nulls)).filter((item) => item !== undefined);
  if (!isObject(value)) return value;
  if (DIRECTIVE in value) return undefined;
  const out: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    // Orders for a list that was not there: nothing to order, and no field of the object either.
    if ((nulls && item === null) || key === RETAIN || key.startsWith(`${ORDER}/`) || key.startsWith(`${DELETE_FROM}/`)) continue;
    const clean = withoutDirectives(item, nulls);
    if (clean !== undefined) out[key] = clean;
  }
  return out;
}
