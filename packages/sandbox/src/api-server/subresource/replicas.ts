import type { Served } from '../catalog/served.ts';
import { isRecord, list, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';

const BUILTIN = { spec: '.spec.replicas', status: '.status.replicas', selector: undefined };

/** How many replicas an object wants and has. A kind that does not say counts as none. */
export function replicasAt(served: Served, object: ApiObject): { readonly wanted: number; readonly present: number } {
  const paths = served.custom?.scale ?? BUILTIN;
  return { wanted: Number(valueAt(object, paths.spec) ?? 0), present: Number(valueAt(object, paths.status) ?? 0) };
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

function set(value: unknown, [key, ...rest]: readonly string[], leaf: unknown): unknown {
  if (key === undefined) return leaf;
  return { ...record(value), [key]: set(record(value)[key], rest, leaf) };
}
