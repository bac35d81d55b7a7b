import { isObject } from '../json.ts';
import { fieldElement, indexElement, printElement, printPath } from './path.ts';
import type { ListType, MapType, Type } from './type.ts';
import { formOf, Indistinct, itemElement, typeAt } from './typed.ts';

interface Walk {
  readonly found: string[];
  /** Where the walk is; printed only for what is wrong, since most objects have nothing wrong. */
  readonly path: string[];
  readonly doubled: 'wrong' | 'allowed';
}

/** What is wrong with `value` by its schema, each as `.path: what`, in the words of structured-merge-diff. Doubled elements of lists are wrong unless allowed. */
export function mistakes(type: Type, value: unknown, { doubled = 'wrong' }: { readonly doubled?: 'wrong' | 'allowed' } = {}): readonly string[] {
  const walk: Walk = { found: [], path: [], doubled };
  check(walk, type, value);
  return walk.found;
}

function wrong({ found, path }: Walk, what: string): void {
  found.push(path.length === 0 ? what : `${printPath(path)}: ${what}`);
}

function check(walk: Walk, type: Type, value: unknown): void {
  if (value === null || value === undefined) return;
  switch (formOf(type, value)) {
    case 'scalar': {
      const problem = scalarProblem(type.scalar ?? 'untyped', value);
      if (problem !== undefined) wrong(walk, problem);
      return;
    }
    case 'list':
      if (Array.isArray(value)) checkList(walk, type.list as ListType, value);
      else wrong(walk, `expected list, got &{${goText(value)}}`);
      return;
    case 'map':
      if (!isObject(value)) return wrong(walk, `expected map, got &{${goText(value)}}`);
      for (const key in value) {
        const child = typeAt(type.map as MapType, key);
        walk.path.push(fieldElement(key));
        if (child === undefined) wrong(walk, 'field not declared in schema');
        else check(walk, child, value[key]);
        walk.path.pop();
      }
  }
}

function checkList(walk: Walk, list: ListType, value: readonly unknown[]): void {
  const seen = new Set<string>();
  for (const [at, item] of value.entries()) {
    const element = list.atomic ? indexElement(at) : distinct(walk, list, item, at);
    // What cannot be told apart cannot be named in a path either.
    if (element === undefined) return;
    if (walk.doubled === 'wrong' && seen.has(element)) wrong(walk, `duplicate entries for key ${printElement(element)}`);
    seen.add(element);
    walk.path.push(element);
    check(walk, list.element(), item);
    walk.path.pop();
  }
}

function distinct(walk: Walk, list: ListType, item: unknown, at: number): string | undefined {
  try {
    return itemElement(list, item);
  } catch (error) {
    if (!(error instanceof Indistinct)) throw error;
    wrong(walk, `element ${at}: ${error.message}`);
    return undefined;
  }
}

function scalarProblem(kind: NonNullable<Type['scalar']>, value: unknown): string | undefined {
  switch (kind) {
    case 'numeric':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goType(value)}`;
    case 'string':
      return typeof value === 'string' ? undefined : `expected string, got &value.valueUnstructured{Value:${goText(value)}}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goText(value)}}`;
    case 'untyped':
      return typeof value === 'object' ? `expected any scalar, got &{${goText(value)}}` : undefined;
  }
}

const goText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (isObject(value)) return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}
