import type { AnyKind, Live, Ref } from '@binnacle/client';
import type { OwnerReference } from '@binnacle/client/kinds';

/** What garbage collection has to know of an object. */
export interface Item {
  readonly kind: AnyKind;
  readonly ref: Ref;
  readonly uid: string;
  readonly owners: readonly OwnerReference[];
  /** Which of the collector's own finalizers it carries. */
  readonly finalizers: readonly string[];
  readonly deleting: boolean;
}

/** All objects of the cluster and who owns whom. */
export interface Graph {
  get(uid: string): Item | undefined;
  dependents(uid: string): readonly Item[];
  /** UIDs that have to be looked at again since this changed; none when nothing that counts did. */
  put(item: Item): readonly string[];
  remove(uid: string): readonly string[];
  /** Objects that refer to an owner of this kind. */
  referringTo(group: string, kind: string): readonly string[];
}

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

/** Reduces an object to what counts here. */
export function itemOf(kind: AnyKind, object: Live<AnyKind>): Item {
  const {
    namespace,
    name,
    uid,
    ownerReferences = [],
    finalizers = [],
    deletionTimestamp,
  } = object.metadata as Live<AnyKind>['metadata'] & { namespace?: string };
  return {
    kind,
    ref: namespace === undefined ? { name } : { namespace, name },
    uid,
    owners: ownerReferences,
    finalizers: finalizers.filter((finalizer: string) => finalizer === FOREGROUND || finalizer === ORPHAN),
    deleting: deletionTimestamp !== undefined,
  };
}

/** An empty graph. */
export function graph(): Graph {
  const items = new Map<string, Item>();
  const byOwner = new Map<string, Set<string>>();
  const unlink = (item: Item) => {
    for (const { uid } of item.owners) {
      const dependents = byOwner.get(uid);
      dependents?.delete(item.uid);
      if (dependents?.size === 0) byOwner.delete(uid);
    }
  };
  const owners = (item: Item) => item.owners.map(({ uid }) => uid);
  return {
    get: (uid) => items.get(uid),
    dependents: (uid) => [...(byOwner.get(uid) ?? [])].flatMap((dependent) => items.get(dependent) ?? []),
    put(item) {
      const before = items.get(item.uid);
      if (before !== undefined && key(before) === key(item)) return [];
      if (before !== undefined) unlink(before);
      items.set(item.uid, item);
      for (const { uid } of item.owners) byOwner.set(uid, (byOwner.get(uid) ?? new Set()).add(item.uid));
      // Its dependents too: an owner that begins to wait for them changes what they are to do.
      return [item.uid, ...owners(item), ...(before === undefined ? [] : owners(before)), ...(item.deleting ? (byOwner.get(item.uid) ?? []) : [])];
    },
    remove(uid) {
      const item = items.get(uid);
      if (item === undefined) return [];
      unlink(item);
      items.delete(uid);
      return [...(byOwner.get(uid) ?? []), ...owners(item)];
    },
    referringTo: (group, kind) =>
      [...items.values()].filter(({ owners: all }) => all.some((owner) => owner.kind === kind && groupOf(owner.apiVersion) === group)).map(({ uid }) => uid),
  };
}

/** `apps` of `apps/v1`, `''` of `v1`. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
}

function key({ owners, finalizers, deleting }: Item): string {
  return JSON.stringify([owners, finalizers, deleting]);
}
