import { equal, isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { builder, insert } from './field-set.ts';
import type { FieldSet, FieldSetBuilder } from './field-set.ts';
import { fieldElement } from './path.ts';
import type { ListType, MapType, Type } from './type.ts';
import { formOf, itemElement, typeAt } from './typed.ts';

/** Fields that differ between two states of an object; no field is in two of the sets. */
export interface Comparison {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

interface Walk {
  readonly added: FieldSetBuilder;
  readonly modified: FieldSetBuilder;
  readonly removed: FieldSetBuilder;
  /** Where the walk is. */
  readonly path: string[];
}

/** What a write changed, field by field as the schema divides the object. Lists with doubled elements are allowed. */
export function compare(type: Type, before: unknown, after: unknown): Comparison {
  const walk: Walk = { added: builder(), modified: builder(), removed: builder(), path: [] };
  visit(walk, type, before, after);
  return walk;
}

/** `undefined` stands for absent; null is a value. */
function visit(walk: Walk, type: Type, before: unknown, after: unknown): void {
  if (before === after) return;
  const was = formOf(type, before);
  const is = formOf(type, after);
  let leaf: boolean;
  if (after === undefined) leaf = visitAs(walk, type, was, before, after);
  else if (before === undefined || was === is) leaf = visitAs(walk, type, is, before, after);
  else {
    visitAs(walk, type, was, before, after);
    leaf = visitAs(walk, type, is, before, after);
  }
  if (leaf) return;
  if (before === undefined) insert(walk.added, walk.path);
  else if (after === undefined) insert(walk.removed, walk.path);
}

/** Compares in one form; true when the whole was one field. */
function visitAs(walk: Walk, type: Type, form: 'map' | 'scalar' | 'list', before: unknown, after: unknown): boolean {
  if (form === 'list') {
    const left = Array.isArray(before) ? (before as readonly unknown[]) : [];
    const right = Array.isArray(after) ? (after as readonly unknown[]) : [];
    if (type.list?.atomic !== true && (left.length > 0 || right.length > 0)) {
      visitItems(walk, type.list as ListType, left, right);
      return false;
    }
  } else if (form === 'map') {
    const left = isObject(before) ? before : {};
    const right = isObject(after) ? after : {};
    if (type.map?.atomic !== true && visitKeys(walk, type.map as MapType, left, right)) return false;
  }
  if (before === undefined) insert(walk.added, walk.path);
  else if (after === undefined) insert(walk.removed, walk.path);
  else if (!equal(before, after)) insert(walk.modified, walk.path);
  return true;
}

function visitKeys(walk: Walk, map: MapType, before: JsonObject, after: JsonObject): boolean {
  let any = false;
  for (const key in before) {
    any = true;
    visitKey(walk, map, key, before[key], after[key]);
  }
  for (const key in after) {
    any = true;
    if (before[key] === undefined) visitKey(walk, map, key, undefined, after[key]);
  }
  return any;
}

function visitKey(walk: Walk, map: MapType, key: string, before: unknown, after: unknown): void {
  if (before === after) return;
  const type = typeAt(map, key);
  if (type === undefined) return;
  walk.path.push(fieldElement(key));
  visit(walk, type, before, after);
  walk.path.pop();
}

function visitItems(walk: Walk, list: ListType, before: readonly unknown[], after: readonly unknown[]): void {
  const left = grouped(list, before);
  const right = grouped(list, after);
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    const was = left.get(element) ?? [];
    const is = right.get(element) ?? [];
    walk.path.push(element);
    if (was.length <= 1 && is.length <= 1) visit(walk, list.element(), was[0], is[0]);
    // Doubled elements are one field; single ones are fields of their own.
    else if (was.length > 1 && is.length > 1) {
      if (!equal(was, is)) insert(walk.modified, walk.path);
    } else if (was.length > 1) {
      if (is.length > 0) visit(walk, list.element(), undefined, is[0]);
      insert(walk.removed, walk.path);
    } else {
      if (was.length > 0) visit(walk, list.element(), was[0], undefined);
      insert(walk.added, walk.path);
    }
    walk.path.pop();
  }
}

function grouped(list: ListType, items: readonly unknown[]): ReadonlyMap<string, readonly unknown[]> {
  return Map.groupBy(items, (item) => itemElement(list, item));
}
