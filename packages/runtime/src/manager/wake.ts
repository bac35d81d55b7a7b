import type { AnyKind, Ref } from '@binnacle/client';
import { jsonEqual } from '@binnacle/schema';
import { keyOf, kindId, refTo } from '../cache/id.ts';
import type { AnyLive } from '../cache/id.ts';
import type { SharedCache } from '../cache/cache.ts';
import type { Change } from '../cache/store.ts';
import type { Watch } from '../controller.ts';
import type { Queue } from '../queue/queue.ts';
import type { Reconciler } from '../reconciler.ts';

/** Lets changes of a reconciler's own kind and of those it watches wake its objects. */
export function wake(reconciler: Reconciler, shared: SharedCache, queue: Queue): void {
  const { kind, changed } = reconciler;
  const concerns = (ref: Ref): boolean => reconciler.absent !== 'ignored' || shared.cache.get(kind, ref) !== undefined;
  shared.follow(kind, (change, initial) => {
    if (change.type === 'modified' && changed !== undefined && !changed(change.before, change.now)) return;
    queue.add(keyOf(refTo(change.now)), initial ? 'resync' : isAsked(change) ? 'user' : 'child');
  });
  for (const watch of reconciler.watches ?? []) {
    shared.follow(watch.kind, (change, initial) => {
      const lane = initial ? 'resync' : 'child';
      // An object that moved from one owner to another wakes both: hence before and now; each once, or whoever waits for work would take it up twice.
      const woken = [...(change.type === 'modified' ? watch.map(change.before) : []), ...watch.map(change.now)];
      for (const key of new Set(woken.filter(concerns).map(keyOf))) queue.add(key, lane);
    });
  }
  for (const read of reconciler.reads ?? []) shared.follow(read);
}

/** Whether somebody asks for something, and does not only tell how it stands: finalizers and status are written by controllers. */
function isAsked(change: Change): boolean {
  if (change.type !== 'modified') return true;
  const [a, b] = [change.before.metadata, change.now.metadata];
  if (a.generation === undefined || b.generation === undefined) return true; // the kind does not count its edits
  return a.generation !== b.generation || a.deletionTimestamp !== b.deletionTimestamp || !jsonEqual([a.labels, a.annotations], [b.labels, b.annotations]);
}

/** Everything a reconciler reads from the cache, each kind once. */
export function kindsOf(reconciler: Reconciler): readonly AnyKind[] {
  const all = [reconciler.kind, ...(reconciler.watches ?? []).map((watch) => watch.kind), ...(reconciler.reads ?? [])];
  return [...new Map(all.map((kind) => [kindId(kind), kind])).values()];
}

/** A watch of a kind whose objects name their owner, of kind `owner`, in their owner references; with the controller flag or without. */
export function ownedBy(owner: AnyKind, kind: AnyKind): Watch {
  return { kind, map: (object) => ownersAmong(object as AnyLive, owner) };
}

function ownersAmong(object: AnyLive, owner: AnyKind): readonly Ref[] {
  const { namespace } = object.metadata as { readonly namespace?: string };
  const owners = object.metadata.ownerReferences?.filter((ref) => ref.kind === owner.kind && groupOf(ref.apiVersion) === owner.group) ?? [];
  return owners.map(({ name }) => (owner.scope === 'Cluster' || namespace === undefined ? { name } : { namespace, name }));
}

/** The version is left out: an owner reference keeps the version it was written with when the kind's moves on. */
function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash === -1 ? '' : apiVersion.slice(0, slash);
}
