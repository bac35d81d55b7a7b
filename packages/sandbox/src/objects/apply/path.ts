import { isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { Path } from './field-set.ts';

/** A path as messages show it: `.spec.template.spec.containers[name="c"].image`. */
export function printPath(path: Path): string {
  return path.map(printElement).join('');
}

/** One element as messages show it: `.name`, `[containerPort=80,protocol="TCP"]`, `[="x"]`. */
export function printElement(element: string): string {
  const text = element.slice(2);
  if (element.startsWith('f:')) return `.${text}`;
  if (element.startsWith('i:')) return `[${text}]`;
  const value: unknown = JSON.parse(text);
  if (element.startsWith('v:')) return `[=${JSON.stringify(value)}]`;
  if (!isObject(value)) return `[${text}]`;
  return `[${Object.entries(value)
    .map(([key, item]) => `${key}=${JSON.stringify(item)}`)
    .join(',')}]`;
}

/** Names of fields that are surely kept: those of kinds, labels and files come again and again. */
const KEPT_NAMES = 4_000;
const elements = new Map<string, string>();

/** The element for a field's name: the same text each time, of which sets and maps know the hash already. */
export function fieldElement(name: string): string {
  let element = elements.get(name);
  if (element === undefined) {
    if (elements.size >= KEPT_NAMES) elements.clear();
    elements.set(name, (element = `f:${name}`));
  }
  return element;
}

/** The element for a place in a list that counts as a whole: only for messages. */
export const indexElement = (at: number): string => `i:${at}`;

/** The element for a value of a set. */
export const valueElement = (value: unknown): string => `v:${quoted(value)}`;

/**
 * The element for an item of a list that is keyed by `keys` (sorted); a key that the item leaves out counts with its default.
 * Undefined when it has none of its keys.
 */
export function keyElement(item: JsonObject, keys: readonly string[], defaults: JsonObject): string | undefined {
  let text = '';
  for (const key of keys) {
    const value = item[key] === undefined ? defaults[key] : item[key];
    if (value !== undefined) text += `${text === '' ? '' : ','}"${key}":${quoted(value)}`;
  }
  return text === '' ? undefined : `k:{${text}}`;
}

/** JSON of a value. Keys of lists are plain words nearly always, and quoting those by hand is several times as fast as `JSON.stringify`. */
function quoted(value: unknown): string {
  return typeof value === 'string' && /^[\w./-]*$/.test(value) ? `"${value}"` : JSON.stringify(value);
}
