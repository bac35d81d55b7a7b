import { isObject } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { compare } from './compare.ts';
import type { Comparison } from './compare.ts';
import { conflictRefusal } from './conflicts.ts';
import type { Conflict } from './conflicts.ts';
import { difference, EMPTY, fieldSet, intersection, isEmpty, union, withoutTrees } from './field-set.ts';
import type { FieldSet } from './field-set.ts';
import type { Owner, Owners } from './managed-fields.ts';
import { fieldsOf, remove, withParents } from './typed.ts';
import type { Type } from './type.ts';

/** Who, by identity, and what they did not own before. */
export interface Writer {
  readonly identity: string;
  readonly owner: Omit<Owner, 'fields' | 'time'>;
  /** Fields that writes through this endpoint never set, with what is below them: nobody owns them by such a write. */
  readonly reset: FieldSet;
}

/** What no manager ever owns. Source: apimachinery's stripMetaManager. */
const UNOWNED = fieldSet(
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion'].map((name) => [
    'f:metadata',
    `f:${name}`,
  ]),
);

const SAID = fieldSet(['f:apiVersion'], ['f:kind'], ['f:metadata']);

/** `fields` without what no manager owns and what the endpoint does not write. */
export function ownable(fields: FieldSet, reset: FieldSet): FieldSet {
  return difference(withoutTrees(fields, reset), UNOWNED);
}

/**
 * Owners after a write by somebody who does not apply: the writer takes what it changed, everybody loses what it took or removed.
 * `changed` is false when the writer changed nothing it could own.
 */
export function ownersAfterUpdate(
  type: Type,
  before: JsonObject,
  after: JsonObject,
  owners: Owners,
  writer: Writer,
): { readonly owners: Owners; readonly changed: boolean } {
  const change = filtered(compare(type, before, after), writer.reset);
  const taken = union(change.modified, change.added);
  const out = new Map(yielded(owners, undefined, taken, change.removed));
  const mine = ownable(taken, writer.reset);
  if (isEmpty(mine)) return { owners: out, changed: false };
  const previous = out.get(writer.identity);
  out.set(writer.identity, { ...previous, ...writer.owner, fields: union(mine, previous?.fields ?? EMPTY) });
  return { owners: out, changed: true };
}

/**
 * Owners after an apply that turned `live` into `next`.
 * @throws {Refusal} 409 when `next` changes what others own and `force` is not given.
 */
export function ownersAfterApply(type: Type, live: JsonObject, next: JsonObject, owners: Owners, writer: Writer, force: boolean): Owners {
  const change = filtered(compare(type, live, next), writer.reset);
  const taken = union(change.modified, change.added);
  if (!force) refuseConflicts(owners, writer.identity, taken);
  const out = new Map(yielded(owners, writer.identity, taken, change.removed));
  // An applier that says nothing any more is no owner.
  if (isEmpty(out.get(writer.identity)?.fields)) out.delete(writer.identity);
  return out;
}

function filtered(change: Comparison, reset: FieldSet): Comparison {
  if (isEmpty(reset)) return change;
  return { added: withoutTrees(change.added, reset), modified: withoutTrees(change.modified, reset), removed: withoutTrees(change.removed, reset) };
}

function refuseConflicts(owners: Owners, applier: string, taken: FieldSet): void {
  if (isEmpty(taken)) return;
  const conflicts: Conflict[] = [];
  for (const [identity, owner] of owners) {
    if (identity === applier) continue;
    const fields = intersection(owner.fields, taken);
    if (!isEmpty(fields)) conflicts.push({ owner, fields });
  }
  if (conflicts.length > 0) throw conflictRefusal(conflicts);
}

/** Owners but for the writer without what was taken from them or removed; those left with nothing are gone. */
function yielded(owners: Owners, writer: string | undefined, taken: FieldSet, removed: FieldSet): Owners {
  if (isEmpty(taken) && isEmpty(removed)) return owners;
  const out = new Map<string, Owner>();
  for (const [identity, owner] of owners) {
    const fields = identity === writer ? owner.fields : difference(difference(owner.fields, taken), removed);
    if (!isEmpty(fields)) out.set(identity, fields === owner.fields ? owner : { ...owner, fields });
  }
  return out;
}

/**
 * `merged` without what the applier applied last time (`last`), did not apply this time and nobody else owns.
 * What somebody else put below it stays, and what leads there.
 */
export function prune(type: Type, merged: JsonObject, owners: Owners, applier: string, last: FieldSet | undefined): JsonObject {
  const now = owners.get(applier)?.fields ?? EMPTY;
  if (last === undefined || isEmpty(difference(last, now))) return merged;
  // Every apply says these, though nobody is written down to own them. Without them a last label that goes would take along all else of the metadata.
  let owned: FieldSet = SAID;
  for (const owner of owners.values()) owned = union(owned, owner.fields);
  const lastAll = withParents(type, last);
  const mergedAll = withParents(type, fieldsOf(type, merged));
  const without = (value: unknown, set: FieldSet) => remove(type, value, set) ?? {};
  const bare = without(merged, lastAll);
  const kept = union(withParents(type, fieldsOf(type, bare)), withParents(type, owned));
  const pruned = without(merged, difference(mergedAll, kept));
  // Only what the applier itself had may go: fields that nobody owns were put there by defaults or webhooks.
  const prunedAll = withParents(type, fieldsOf(type, pruned));
  const gone = difference(difference(mergedAll, prunedAll), kept);
  const result = without(merged, intersection(gone, lastAll));
  return isObject(result) ? result : {};
}
