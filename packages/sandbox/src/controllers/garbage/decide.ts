import type { OwnerReference } from '@binnacle/client/kinds';
import type { Item } from './graph.ts';
import { FOREGROUND, ORPHAN } from './graph.ts';

/** How an owner of an object stands: there; not there (looked up by name and UID, not only in the cache); waiting for its dependents; of a kind nobody serves. */
export type Standing = 'solid' | 'absent' | 'waiting' | 'unknown';

export type Move =
  | { readonly do: 'nothing' }
  /** Deletes the object; with dependents of its own in the foreground when its owner waits. */
  | { readonly do: 'delete'; readonly propagation: 'Background' | 'Foreground' | 'Orphan' }
  /** Owners that are gone are struck out; others stay, and so does the object. */
  | { readonly do: 'strike'; readonly owners: readonly OwnerReference[] };

/**
 * What becomes of an object whose owners stand like this. One that is alive keeps it; one of an unknown kind keeps it too, since it may be there.
 * Source: spec/sandbox.md §2.6.
 */
export function fate(item: Item, standings: readonly (readonly [OwnerReference, Standing])[], hasDependents: boolean): Move {
  if (item.deleting || standings.length === 0) return { do: 'nothing' };
  const are = (standing: Standing) => standings.filter(([, one]) => one === standing).map(([owner]) => owner);
  if (are('unknown').length > 0) return { do: 'nothing' };
  if (are('solid').length > 0) {
    const gone = [...are('absent'), ...are('waiting')];
    return gone.length === 0 ? { do: 'nothing' } : { do: 'strike', owners: gone };
  }
  if (are('waiting').length > 0 && hasDependents) return { do: 'delete', propagation: 'Foreground' };
  if (item.finalizers.includes(ORPHAN)) return { do: 'delete', propagation: 'Orphan' };
  return { do: 'delete', propagation: item.finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background' };
}

/** Whether an owner that is deleted in the foreground has to wait for this dependent. */
export function holdsUp(owner: string, dependent: Item): boolean {
  return dependent.owners.some(({ uid, blockOwnerDeletion }) => uid === owner && blockOwnerDeletion === true);
}
