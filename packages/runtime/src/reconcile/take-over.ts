import { ApiError, isInvalid } from '@binnacle/client';
import type { AnyKind, JsonPatchOperation, Live, Ref } from '@binnacle/client';
import type { ManagedFieldsEntry } from '@binnacle/client/kinds';
import { jsonEqual } from '@binnacle/schema';
import { keyOf, kindId, refTo } from '../cache/id.ts';
import type { AnyLive } from '../cache/id.ts';
import type { World } from '../reconciler.ts';
import { retryOnConflict } from '../retry-on-conflict.ts';
import { below, difference, inDoubledLists, isNothing, union } from './fields.ts';
import type { Fields } from './fields.ts';

/** Who owns what an object without any owner had when it was first applied. Source: the API server's BeforeFirstApply manager. */
const NOBODY = 'before-first-apply';
const TEMPLATE = ['f:spec', 'f:template'] as const;

/** Who applies, and whose place it takes. */
export interface TakingOver {
  readonly fieldManager: string;
  /** Field managers of the operator that was here before. */
  readonly formerly: readonly string[];
  /** UID of the object that owns what is applied. */
  readonly owner: string;
  /** Whether pods of it restart anyway: what the former operator left in their template goes with that, and not before. */
  readonly restarts: boolean;
}

/**
 * `metadata.managedFields` of an object just applied, with what the former operator owned made the applier's: so that it goes when it is no longer applied.
 * Only where that operator made the object for `owner`. It keeps what could not be taken out without a restart of pods that nobody asked for, and lists that
 * server-side apply cannot write. `undefined`: there is nothing to take.
 */
export function takenOver(object: AnyLive, taking: TakingOver): readonly ManagedFieldsEntry[] | undefined {
  const entries: readonly ManagedFieldsEntry[] = object.metadata.managedFields ?? [];
  const ours = entries.find((one) => one.manager === taking.fieldManager && one.operation === 'Apply' && one.subresource === undefined);
  if (ours === undefined) return undefined;
  let fields = fieldsOf(ours);
  const others: ManagedFieldsEntry[] = [];
  let changed = false;
  for (const entry of entries) {
    if (entry === ours) continue;
    if (!madeIt(entry, ours.apiVersion, taking)) {
      others.push(entry);
      continue;
    }
    const rest = difference(fieldsOf(entry), fieldsOf(ours));
    const left = entry.manager === NOBODY ? rest : staying(rest, object, taking.restarts);
    fields = union(fields, difference(rest, left));
    // It has to be known as the maker's for as long as it owns anything.
    const kept = isNothing(left) ? left : union(left, markOf(entry, taking.owner) ?? {});
    if (!isNothing(kept)) others.push({ ...entry, fieldsV1: kept });
    changed ||= !jsonEqual(kept, fieldsOf(entry));
  }
  return changed ? [{ ...ours, fieldsV1: fields }, ...others] : undefined;
}

/** Whether the former operator owns anything of an object that it made. */
export function isTheirs(object: AnyLive, taking: Omit<TakingOver, 'restarts'>): boolean {
  const entries: readonly ManagedFieldsEntry[] = object.metadata.managedFields ?? [];
  return entries.some((entry) => madeIt(entry, object.apiVersion, taking));
}

/** The status of a workload that was just applied is written often in its first seconds. */
const MAX_TRIES = 5;

/**
 * Before an apply that changes the template of pods: makes what the former operator owns of the object ours, so that the one write which changes the template takes out
 * of it what is not wanted any more. Once it has changed nobody knows that pods restart anyway, if the operator dies just then. `tried`: what the apply would make of
 * the version that it is given.
 * @throws {ApiError} `Conflict` when somebody wrote each time.
 */
export async function takeTemplate<K extends AnyKind>(
  kind: K,
  ref: Ref,
  tried: (resourceVersion: string) => Promise<Live<K>>,
  taking: Omit<TakingOver, 'restarts'>,
  world: World,
): Promise<void> {
  await retryOnConflict(MAX_TRIES, async () => {
    const now = await world.api.get(kind, ref, { signal: world.signal });
    if (!isTheirs(now as AnyLive, taking)) return;
    const next = await tried(now.metadata.resourceVersion);
    if (!changesTemplate(now as AnyLive, next as AnyLive)) return;
    const entries = takenOver(next as AnyLive, { ...taking, restarts: true });
    if (entries !== undefined) await writeOwners(kind, now, entries, taking, world);
  });
}

/**
 * Makes the former operator's fields of an object just applied ours, in one write; what is not wanted any more goes with the next apply. Whether there was
 * anything to take. Tried again here where somebody writes meanwhile.
 * @throws {ApiError} `Conflict` when somebody wrote each time.
 */
export async function takeFields<K extends AnyKind>(kind: K, object: Live<K>, taking: TakingOver, world: World): Promise<boolean> {
  let applied: Live<K> | undefined = object;
  return await retryOnConflict(MAX_TRIES, async () => {
    const now = applied ?? (await world.api.get(kind, refTo(object), { signal: world.signal }));
    applied = undefined;
    const entries = takenOver(now as AnyLive, taking);
    if (entries === undefined) return false;
    await writeOwners(kind, now, entries, taking, world);
    return true;
  });
}

/** @throws {ApiError} `Conflict` when the object is not the one any more of which they were made. */
async function writeOwners<K extends AnyKind>(
  kind: K,
  object: Live<K>,
  entries: readonly ManagedFieldsEntry[],
  { fieldManager }: Pick<TakingOver, 'fieldManager'>,
  { api, signal, log }: World,
): Promise<void> {
  const ref = refTo(object);
  const operations: readonly JsonPatchOperation[] = [
    { op: 'test', path: '/metadata/resourceVersion', value: object.metadata.resourceVersion },
    { op: 'replace', path: '/metadata/managedFields', value: entries },
  ];
  try {
    await api.patch(kind, ref, { type: 'json', operations }, { fieldManager, signal });
  } catch (error) {
    // A failed test is 422 like a bad object; it only means that somebody was faster.
    if (isInvalid(error)) throw new ApiError({ code: 409, reason: 'Conflict', message: `the object changed meanwhile: ${error.message}` }, { cause: error });
    throw error;
  }
  log.info({ kind: kindId(kind), name: keyOf(ref) }, 'took over what the operator before owned');
}

/** Whether a write changed the template of pods. */
export function changesTemplate(before: AnyLive | undefined, after: AnyLive): boolean {
  return before === undefined || !jsonEqual(templateOf(before), templateOf(after));
}

/** An object's template of pods; `undefined`: it has none. */
export const templateOf = (object: object): unknown => (object as { readonly spec?: { readonly template?: unknown } }).spec?.template;

/** What stays the former operator's. */
function staying(fields: Fields, object: AnyLive, restarts: boolean): Fields {
  const doubled = inDoubledLists(fields, object);
  const template = below(fields, ...TEMPLATE);
  return restarts || template === undefined ? doubled : union(doubled, { [TEMPLATE[0]]: { [TEMPLATE[1]]: template } });
}

/** Whoever wrote the reference to the owner made the object. Others of the same name, which is a common one, write labels on it at most. */
function madeIt(entry: ManagedFieldsEntry, ours: string | undefined, { formerly, owner }: Pick<TakingOver, 'formerly' | 'owner'>): boolean {
  const { manager = '', operation, subresource, apiVersion } = entry;
  if (operation !== 'Update' || subresource !== undefined || apiVersion !== ours) return false;
  return (manager === NOBODY || formerly.includes(manager)) && markOf(entry, owner) !== undefined;
}

function markOf(entry: ManagedFieldsEntry, owner: string): Fields | undefined {
  const key = `k:${JSON.stringify({ uid: owner })}`;
  const reference = below(fieldsOf(entry), 'f:metadata', 'f:ownerReferences', key);
  return reference === undefined ? undefined : { 'f:metadata': { 'f:ownerReferences': { [key]: reference } } };
}

/** Sound: it is what the API server writes. */
const fieldsOf = ({ fieldsV1 }: ManagedFieldsEntry): Fields => (fieldsV1 ?? {}) as Fields;
