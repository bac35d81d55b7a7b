import type { Archive } from './archives.ts';

/** What is known when a HotBackup with a finished backup in a bucket is being deleted. */
export interface Observed {
  /** `spec.deletionPolicy` is `Delete`. */
  readonly wanted: boolean;
  /** The bucket, for people. */
  readonly bucket: string;
  /** All objects of the backup. */
  readonly own: readonly Archive[];
  /** Entries of its status that no agent would have written. */
  readonly strange: readonly string[];
  /** Whoever is to be restored from it. */
  readonly neededBy: string | undefined;
  /** Why it is left where it is although it is to go. */
  readonly keptBecause: string | undefined;
  /** Why its objects cannot be deleted from here; until that is mended. */
  readonly problem: string | undefined;
  /** Entries whose objects may still be there; undefined: nothing has been deleted yet. */
  readonly left: readonly string[] | undefined;
}

export type Action =
  /** Write down that it begins: from then on it is not whole any more. */
  | { readonly do: 'begin'; readonly left: readonly string[] }
  | { readonly do: 'delete'; readonly archives: readonly Archive[] }
  | { readonly do: 'wait'; readonly reason: 'Referenced' | 'RemovalFails'; readonly message: string }
  /** The HotBackup may go. `removed`: so many objects are gone; `kept`: what is still there, and why. */
  | { readonly do: 'finish'; readonly removed: number; readonly kept?: string };

/** The way out, whatever is wrong. */
export const WAY_OUT = 'or set spec.deletionPolicy to Retain, and the HotBackup goes without it';

/**
 * What is next until a HotBackup that is being deleted may go. Nothing is deleted unless it was asked for, nothing that this backup's status does not name, and
 * nothing while somebody is to be restored from it; what cannot be deleted is said, and holds the HotBackup until the user decides. Pure.
 */
export function bucketPlan(o: Observed): Action {
  const all = o.own.length;
  const remaining = o.left === undefined ? o.own : o.own.filter(({ entry }) => o.left?.includes(entry));
  if (!o.wanted) {
    if (o.left === undefined || remaining.length === 0) return { do: 'finish', removed: 0 };
    return { do: 'finish', removed: 0, kept: `${remaining.length} of its ${all} objects may still be in ${o.bucket}: without the others they are no backup` };
  }
  if (all + o.strange.length === 0 || (o.left !== undefined && remaining.length === 0 && o.strange.length === 0)) return { do: 'finish', removed: all };
  // Once it is no longer whole nobody can be restored from it, and nothing of it is worth keeping.
  if (o.left === undefined) {
    if (o.neededBy !== undefined) return { do: 'wait', reason: 'Referenced', message: `Hazelcast '${o.neededBy}' is to be restored from it` };
    if (o.keptBecause !== undefined) return { do: 'finish', removed: 0, kept: `it stays in ${o.bucket}: ${o.keptBecause}` };
  }
  const strange = o.strange.length === 0 ? undefined : `the status names what is not of this backup: ${o.strange.join(', ')}`;
  const problem = o.problem ?? strange;
  if (problem !== undefined)
    return { do: 'wait', reason: 'RemovalFails', message: `cannot be deleted from ${o.bucket}: ${problem}. Delete it there, ${WAY_OUT}` };
  return o.left === undefined ? { do: 'begin', left: o.own.map(({ entry }) => entry) } : { do: 'delete', archives: remaining };
}
