import type { Served } from '../catalog/served.ts';
import { isRecord, list, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';

const BUILTIN = { spec: '.spec.replicas', status: '.status.replicas', selector: undefined };

/** How many replicas an object wants and has. A kind that does not say counts as none. */
export function replicasAt(served: Served, object: ApiObject): { readonly wanted: number; readonly present: number } {
  const paths = served.custom?.scale ?? BUILTIN;
  return { wanted: Number(valueAt(object, paths.spec) ?? 0), present: Number(valueAt(object, paths.status) ?? 0) };
}

/** Where an object says how many replicas it wants. */
export function replicasPath(served: Served): readonly string[] {
  return keys((served.custom?.scale ?? BUILTIN).spec);
}

/** The object, wanting another number of replicas. */
export function withReplicas(served: Served, object: ApiObject, replicas: number): ApiObject {
  const paths = served.custom?.scale ?? BUILTIN;
  // Sound: the path leads below `spec`, so the object keeps its shape.
  return set(object, keys(paths.spec), replicas) as ApiObject;
}

/** Which pods are counted, as text: custom kinds keep it in a field, built-in ones as a selector. */
export function selectorText(served: Served, object: ApiObject): string | undefined {
  if (served.custom !== undefined) {
    const path = served.custom.scale?.selector;
    return path === undefined ? undefined : text(valueAt(object, path));
  }
  const selector = record(record(object['spec'])['selector']);
  const labels = Object.entries(record(selector['matchLabels'])).map(([key, value]) => `${key}=${String(value)}`);
  const expressions = list(selector['matchExpressions']).map((expression) => {
    const { key, operator, values } = record(expression);
    const among = `(${list(values).join(',')})`;
    return { In: `${key} in ${among}`, NotIn: `${key} notin ${among}`, Exists: `${key}`, DoesNotExist: `!${key}` }[String(operator)] ?? '';
  });
  return [...labels.toSorted(), ...expressions].join(',');
}

function keys(path: string): readonly string[] {
  return path.split('.').filter((key) => key !== '');
}

/** What stands at a path such as `.spec.replicas`. */
export function valueAt(object: ApiObject, path: string): unknown {
  return keys(path).reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), object);
}

/**
 * Why there is no value of a type at a path, in the words of the real server; `undefined` when there is one, or nothing at all.
 * Source: apimachinery, pkg/apis/meta/v1/unstructured/helpers.go, `NestedInt64` and `NestedString`.
 */
export function accessError(object: ApiObject, path: string, wanted: 'int64' | 'string'): string | undefined {
  const all = keys(path);
  let value: unknown = object;
  for (const [at, key] of all.entries()) {
    if (value === null || value === undefined) return undefined;
    if (!isRecord(value)) return accessText(all.slice(0, at + 1), value, 'map[string]interface {}');
    if (!Object.hasOwn(value, key)) return undefined;
    value = value[key];
  }
  const fits = value === undefined || (wanted === 'int64' ? Number.isInteger(value) : typeof value === 'string');
  return fits ? undefined : accessText(all, value, wanted);
}

function accessText(path: readonly string[], value: unknown, wanted: string): string {
  const shown = value === null ? '<nil>' : typeof value === 'string' ? value : JSON.stringify(value);
  return `.${path.join('.')} accessor error: ${shown} is of the type ${goType(value)}, expected ${wanted}`;
}

function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  return { object: 'map[string]interface {}', boolean: 'bool', number: Number.isInteger(value) ? 'int64' : 'float64' }[typeof value as string] ?? typeof value;
}

function set(value: unknown, [key, ...rest]: readonly string[], leaf: unknown): unknown {
  if (key === undefined) return leaf;
  return { ...record(value), [key]: set(record(value)[key], rest, leaf) };
}
