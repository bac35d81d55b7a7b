import { recent } from '../../recent.ts';

/**
 * A set of fields of an object, as server-side apply keeps it for each manager: a tree of path elements. An element is written as in FieldsV1,
 * `f:name` (a key), `k:{"name":"a"}` (the element of a list with these keys) or `v:"x"` (the element of a set with this value).
 * Sets are never changed once built, so that decoded ones can be shared.
 */
export interface FieldSet {
  /** Elements that are in the set themselves. */
  readonly members: ReadonlySet<string>;
  /** What is in the set below an element; never an empty set. */
  readonly children: ReadonlyMap<string, FieldSet>;
}

/** A set while it is being built. */
export interface FieldSetBuilder extends FieldSet {
  readonly members: Set<string>;
  readonly children: Map<string, FieldSetBuilder>;
}

/** Path elements from the root; a path of length 0 is the object itself, which no set holds. */
export type Path = readonly string[];

/** A new, empty set to insert into. */
export const builder = (): FieldSetBuilder => ({ members: new Set(), children: new Map() });

/** The empty set. */
export const EMPTY: FieldSet = builder();

/** Puts one path in; its parents do not come with it. */
export function insert(set: FieldSetBuilder, path: Path): void {
  const last = path.length - 1;
  if (last < 0) return;
  let node = set;
  for (let depth = 0; depth < last; depth++) {
    const element = path[depth] as string;
    let child = node.children.get(element);
    if (child === undefined) {
      child = builder();
      node.children.set(element, child);
    }
    node = child;
  }
  node.members.add(path[last] as string);
}

/** The set of the given paths. */
export function fieldSet(...paths: readonly Path[]): FieldSet {
  const set = builder();
  for (const path of paths) insert(set, path);
  return set;
}

/** Whether nothing is in the set. */
export function isEmpty(set: FieldSet | undefined): boolean {
  return set === undefined || (set.members.size === 0 && set.children.size === 0);
}

/** Whether two sets hold the same fields. */
export function sameFields(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  if (a.members.size !== b.members.size || a.children.size !== b.children.size) return false;
  for (const element of a.members) if (!b.members.has(element)) return false;
  for (const [element, set] of a.children) {
    const other = b.children.get(element);
    if (other === undefined || !sameFields(set, other)) return false;
  }
  return true;
}

/** Fields in either set. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(b)) return a;
  if (isEmpty(a)) return b;
  const children = new Map(a.children);
  for (const [element, set] of b.children) {
    const other = children.get(element);
    children.set(element, other === undefined ? set : union(other, set));
  }
  return { members: a.members.union(b.members), children };
}

/** Fields in both sets. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a) || isEmpty(b)) return EMPTY;
  const children = new Map<string, FieldSet>();
  for (const [element, set] of a.children) {
    const other = b.children.get(element);
    if (other === undefined) continue;
    const both = intersection(set, other);
    if (!isEmpty(both)) children.set(element, both);
  }
  return { members: a.members.intersection(b.members), children };
}

/** Fields of `a` that are not in `b`. A parent in `b` does not take its children along. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return EMPTY;
  if (isEmpty(a) || isEmpty(b)) return a;
  const children = new Map<string, FieldSet>();
  for (const [element, set] of a.children) {
    const other = b.children.get(element);
    const left = other === undefined ? set : difference(set, other);
    if (!isEmpty(left)) children.set(element, left);
  }
  return { members: a.members.difference(b.members), children };
}

/** Fields of `a` that are neither in `b` nor below one that is. */
export function withoutTrees(a: FieldSet, b: FieldSet): FieldSet {
  if (isEmpty(a) || isEmpty(b)) return a;
  const children = new Map<string, FieldSet>();
  for (const [element, set] of a.children) {
    if (b.members.has(element)) continue;
    const other = b.children.get(element);
    const left = other === undefined ? set : withoutTrees(set, other);
    if (!isEmpty(left)) children.set(element, left);
  }
  return { members: a.members.difference(b.members), children };
}

/** All paths, members of a node before what is below it, sorted. */
export function* paths(set: FieldSet, prefix: Path = []): Generator<Path> {
  for (const element of sorted(set.members)) yield [...prefix, element];
  for (const element of sorted(set.children.keys())) yield* paths(set.children.get(element) as FieldSet, [...prefix, element]);
}

function sorted(elements: Iterable<string>): readonly string[] {
  const list = [...elements];
  return list.length > 1 ? list.sort() : list;
}

type Encoded = { readonly [element: string]: unknown };

// Writes hand the store's own FieldsV1 objects back to us: unchanged sets are not written again, and those of objects that are written often not parsed.
const decoded = recent<Encoded, FieldSet>(2_000, () => 1);
const encoded = new WeakMap<FieldSet, Encoded>();
// Who makes many objects owns the same fields in each, but for a few that bear names: most of what FieldsV1 weigh is kept once for all objects.
const alike = recent<string, Encoded>(2_000, () => 1);
/** Depths at which parts are looked for that other objects have too: `f:spec`, `f:metadata` and what is in them. */
const ALIKE_DEPTH = 2;
const LEAF: Encoded = {};

/** FieldsV1 of a set: `{"f:spec":{".":{},"f:replicas":{}}}`. */
export function encode(set: FieldSet): Encoded {
  const known = encoded.get(set);
  if (known !== undefined) return known;
  const { fields } = encodeNode(set, false, 0);
  encoded.set(set, fields);
  decoded(fields, () => set);
  return fields;
}

/** FieldsV1 below an element, and a text that is theirs alone. */
interface EncodedNode {
  readonly fields: Encoded;
  readonly text: string;
}

/** All elements, in order: those that are in the set, and those that lead to such. */
function elementsOf({ members, children }: FieldSet): readonly string[] {
  if (children.size === 0) return sorted(members);
  if (members.size === 0) return sorted(children.keys());
  const all = [...members];
  for (const element of children.keys()) if (!members.has(element)) all.push(element);
  return all.sort();
}

const LEAF_NODE: EncodedNode = { fields: LEAF, text: '{}' };

function encodeNode(set: FieldSet, self: boolean, depth: number): EncodedNode {
  const out: Record<string, unknown> = {};
  let text = '{';
  if (self) {
    out['.'] = LEAF;
    text += '.';
  }
  for (const element of elementsOf(set)) {
    const below = set.children.get(element);
    const encodeBelow = depth === 0 && element !== 'f:metadata' ? encodeAlike : encodeNode;
    const node = below === undefined ? LEAF_NODE : encodeBelow(below, set.members.has(element), depth + 1);
    out[element] = node.fields;
    // With its length, or an element with a brace in its name would read like two.
    text += `${element.length}:${element}${node.text}`;
  }
  text += '}';
  return { fields: depth === 0 || depth > ALIKE_DEPTH ? out : alike(text, () => out), text };
}

/** Sets that `lately` keeps: a program makes few kinds of objects by turns, each of them in few ways. */
const LATELY = 32;
const lately: { readonly set: FieldSet; readonly self: boolean; readonly node: EncodedNode }[] = [];

/** As `encodeNode`, of what many objects own alike as a whole, as a spec or data: comparing sets costs a tenth of encoding one. Metadata name an owner's UID. */
function encodeAlike(set: FieldSet, self: boolean, depth: number): EncodedNode {
  const at = lately.findIndex((known) => known.self === self && sameFields(known.set, set));
  const found = at === -1 ? { set, self, node: encodeNode(set, self, depth) } : lately.splice(at, 1)[0]!;
  lately.unshift(found);
  if (lately.length > LATELY) lately.pop();
  return found.node;
}

/**
 * The set that FieldsV1 stand for.
 * @throws {Error} when `fields` is no such thing; the message says where.
 */
export function decode(fields: unknown): FieldSet {
  if (fields === undefined || fields === null) return EMPTY;
  if (!isEncoded(fields)) throw new Error(`expected a map of fields, got ${JSON.stringify(fields)}`);
  return decoded(fields, () => {
    const set = decodeNode(fields);
    encoded.set(set, fields);
    return set;
  });
}

function decodeNode(fields: Encoded): FieldSet {
  const set = builder();
  for (const [element, below] of Object.entries(fields)) {
    if (element === '.') continue;
    if (element[1] !== ':') throw new Error(`missing colon: ${element}`);
    // Kinds of element that a later version may add are dropped, as the API server does.
    if (!'fkvi'.includes(element[0] as string)) continue;
    if (!isEncoded(below)) throw new Error(`${element}: expected a map of fields`);
    const child = decodeNode(below) as FieldSetBuilder;
    const leaf = child.members.size === 0 && child.children.size === 0;
    if (leaf || '.' in below) set.members.add(element);
    if (!leaf) set.children.set(element, child);
  }
  return set;
}

function isEncoded(value: unknown): value is Encoded {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
