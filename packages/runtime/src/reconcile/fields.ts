/**
 * The fields that a manager owns, as `FieldsV1` has them: a tree of path elements, `f:name` (a field), `k:{"name":"a"}` (the entry of a list with these keys) or
 * `v:"x"` (an entry of a set). An element with nothing below it is owned; one with something below it is, too, if `.` is among that.
 */
export interface Fields {
  readonly [element: string]: Fields;
}

const SELF = '.';

/** Whether nothing is owned. */
export const isNothing = (fields: Fields): boolean => Object.keys(fields).length === 0;

/** What is below an element; `undefined`: nothing of it is owned. */
export function below(fields: Fields, ...path: readonly string[]): Fields | undefined {
  return path.reduce<Fields | undefined>((at, element) => at?.[element], fields);
}

/** What either owns. */
export function union(a: Fields, b: Fields): Fields {
  const out: Record<string, Fields> = { ...a };
  for (const [element, fields] of Object.entries(b)) {
    const other = a[element];
    if (element === SELF || other === undefined) out[element] = fields;
    else out[element] = node(isOwned(other) || isOwned(fields), union(other, fields));
  }
  return out;
}

/**
 * What `a` owns, but for what `b` owns or owns something of: who updates owns objects and lists besides what is in them, who applies does not, and they stay
 * for as long as there is something in them.
 */
export function difference(a: Fields, b: Fields): Fields {
  const out: Record<string, Fields> = {};
  for (const [element, fields] of Object.entries(a)) {
    if (element === SELF) continue;
    const other = b[element];
    const left = other === undefined ? fields : difference(fields, other);
    const owned = isOwned(fields) && other === undefined;
    if (owned || Object.keys(left).some((one) => one !== SELF)) out[element] = node(owned, left);
  }
  return out;
}

/**
 * What `fields` owns in lists of which `value` has an entry twice: two of the same keys. Server-side apply takes each entry once, so such a list cannot be
 * applied as it is.
 */
export function inDoubledLists(fields: Fields, value: unknown): Fields {
  const out: Record<string, Fields> = {};
  for (const [element, under] of Object.entries(fields)) {
    if (element === SELF) continue;
    const at = valueAt(value, element);
    if (isDoubled(under, at)) out[element] = under;
    else {
      const inner = inDoubledLists(under, at);
      if (!isNothing(inner)) out[element] = inner;
    }
  }
  return out;
}

function node(owned: boolean, fields: Fields): Fields {
  const { [SELF]: _, ...children } = fields;
  return owned && !isNothing(children) ? { [SELF]: {}, ...children } : children;
}

const isOwned = (fields: Fields): boolean => isNothing(fields) || SELF in fields;

function isDoubled(fields: Fields, value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  return Object.keys(fields).some((element) => element.startsWith('k:') && value.filter((entry) => hasKeys(entry, element)).length > 1);
}

function valueAt(value: unknown, element: string): unknown {
  if (element.startsWith('f:')) return isRecord(value) ? value[element.slice(2)] : undefined;
  return element.startsWith('k:') && Array.isArray(value) ? value.find((entry) => hasKeys(entry, element)) : undefined;
}

function hasKeys(entry: unknown, element: string): boolean {
  const keys: unknown = JSON.parse(element.slice(2));
  return isRecord(entry) && isRecord(keys) && Object.entries(keys).every(([name, value]) => entry[name] === value);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
