import { isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { builder, isEmpty } from './field-set.ts';
import type { FieldSet, FieldSetBuilder } from './field-set.ts';
import { fieldElement, keyElement, valueElement } from './path.ts';
import type { ListType, MapType, Type } from './type.ts';

/** An item of a keyed list or set that cannot be told apart from others: the message says why, in the API server's words. */
export class Indistinct extends Error {
  override readonly name = 'Indistinct';
}

/** Which of a type's forms a value takes; null and absent values take the first there is. */
export function formOf(type: Type, value: unknown): 'map' | 'scalar' | 'list' {
  if (value !== null && value !== undefined) {
    if (Array.isArray(value)) {
      if (type.list !== undefined) return 'list';
    } else if (typeof value === 'object') {
      if (type.map !== undefined) return 'map';
    } else if (type.scalar !== undefined) return 'scalar';
  }
  return type.map !== undefined ? 'map' : type.scalar !== undefined ? 'scalar' : 'list';
}

/** The type of a key of a map; undefined when the schema knows no such key. */
export function typeAt(map: MapType, key: string): Type | undefined {
  return map.field(key) ?? map.element?.();
}

/**
 * The path element of an item of a list that is not atomic.
 * @throws {Indistinct} when the item lacks what tells it apart.
 */
export function itemElement(list: ListType, item: unknown): string {
  if (list.keys.length === 0) {
    if (isObject(item)) throw new Indistinct("associative list without keys has an element that's a map type");
    if (Array.isArray(item)) throw new Indistinct('not supported: associative list with lists as elements');
    if (item === null || item === undefined) throw new Indistinct("associative list without keys has an element that's an explicit null");
    return valueElement(item);
  }
  if (item === null || item === undefined) throw new Indistinct('associative list with keys may not have a null element');
  if (!isObject(item)) throw new Indistinct('associative list with keys may not have non-map elements');
  const element = keyElement(item, list.keys, list.keyDefaults());
  if (element !== undefined) return element;
  const keys = `[${list.declaredKeys.map((key) => JSON.stringify(key)).join(' ')}]`;
  throw new Indistinct(`associative list with keys has an element that omits all key fields ${keys} (and doesn't have default values for any key fields)`);
}

/** The fields that a configuration speaks of: leaves, list elements and keys of maps, not the declared fields that lead there. */
export function fieldsOf(type: Type, value: unknown): FieldSet {
  const set = builder();
  const root = isObject(value) ? value : {};
  if (type.map !== undefined) collectMap(type.map, root, set);
  return set;
}

/** Adds what `value` at `element` of `parent` speaks of. */
function collect(type: Type, value: unknown, parent: FieldSetBuilder, element: string): void {
  switch (formOf(type, value)) {
    case 'scalar':
      parent.members.add(element);
      return;
    case 'list':
      if (type.list?.atomic === true) parent.members.add(element);
      else if (Array.isArray(value)) below(parent, element, (set) => collectList(type.list as ListType, value, set));
      return;
    case 'map':
      if (type.map?.atomic === true) parent.members.add(element);
      else if (isObject(value)) below(parent, element, (set) => collectMap(type.map as MapType, value, set));
  }
}

function below(parent: FieldSetBuilder, element: string, fill: (set: FieldSetBuilder) => void): void {
  const set = builder();
  fill(set);
  if (!isEmpty(set)) parent.children.set(element, set);
}

function collectMap(map: MapType, value: JsonObject, set: FieldSetBuilder): void {
  for (const key in value) {
    const item = value[key];
    if (item === undefined) continue;
    const declared = map.field(key);
    const type = declared ?? map.element?.();
    const element = fieldElement(key);
    if (type !== undefined) collect(type, item, set, element);
    if (declared === undefined || item === null || (isObject(item) && isBare(item))) set.members.add(element);
  }
}

function collectList(list: ListType, value: readonly unknown[], set: FieldSetBuilder): void {
  const elements = value.map((item) => itemElement(list, item));
  const twice = new Set(elements.filter((element, at) => elements.indexOf(element) !== at));
  for (const [at, item] of value.entries()) {
    const element = elements[at] as string;
    set.members.add(element);
    // Elements that cannot be told apart are owned as one.
    if (!twice.has(element)) collect(list.element(), item, set, element);
  }
}

function isBare(object: JsonObject): boolean {
  for (const _ in object) return false;
  return true;
}

/** `set` and the declared fields that lead to its members: the set as pruning needs it. */
export function withParents(type: Type | undefined, set: FieldSet): FieldSet {
  if (type === undefined || set.children.size === 0) return set;
  const members = new Set(set.members);
  const children = new Map<string, FieldSet>();
  for (const [element, node] of set.children) {
    let child: Type | undefined;
    if (element.startsWith('f:')) {
      const name = element.slice(2);
      child = type.map?.field(name);
      if (child !== undefined) members.add(element);
      else child = type.map?.element?.();
    } else child = type.list?.element();
    children.set(element, withParents(child, node));
  }
  return { members, children };
}

/** `value` without the fields of `set`; undefined when nothing stays. */
export function remove(type: Type | undefined, value: unknown, set: FieldSet): unknown {
  if (type === undefined) return value;
  switch (formOf(type, value)) {
    case 'scalar':
      return value;
    case 'list':
      return Array.isArray(value) ? removeFromList(type.list as ListType, value, set) : undefined;
    case 'map':
      return isObject(value) ? removeFromMap(type.map as MapType, value, set) : undefined;
  }
}

function removeFromList(list: ListType, value: readonly unknown[], set: FieldSet): unknown {
  if (list.atomic) return undefined;
  const out: unknown[] = [];
  for (const item of value) {
    const element = itemElement(list, item);
    if (set.members.has(element)) continue;
    const sub = set.children.get(element);
    out.push(sub === undefined ? item : (remove(list.element(), item, sub) ?? {}));
  }
  return out.length > 0 ? out : undefined;
}

function removeFromMap(map: MapType, value: JsonObject, set: FieldSet): unknown {
  if (map.atomic) return undefined;
  const out: Record<string, unknown> = {};
  let left = 0;
  for (const key in value) {
    const element = fieldElement(key);
    if (set.members.has(element)) continue;
    const sub = set.children.get(element);
    const item = sub === undefined ? value[key] : remove(typeAt(map, key), value[key], sub);
    if (item === undefined) continue;
    out[key] = item;
    left++;
  }
  return left > 0 ? out : undefined;
}
