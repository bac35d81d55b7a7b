import type { AnyKind, Live } from '@binnacle/client';
import type { LabelSelector } from '@binnacle/client/kinds';
import type { World } from '@binnacle/runtime';

/** What an owner may have to do with, by name: what it owns, and what its selector may select. */
export function around<K extends AnyKind>(kind: K, owner: Owner, cache: World['cache']): readonly Live<K>[] {
  const { uid, namespace = '' } = owner.metadata;
  const labels = owner.spec?.selector?.matchLabels;
  const selected = cache.list(kind, { namespace, ...(labels === undefined ? {} : { labels }) });
  // One namespace: a name is one object.
  const byName = new Map([...cache.ownedBy(kind, uid), ...selected].map((one) => [(one.metadata as { readonly name: string }).name, one]));
  return [...byName].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** Whoever selects by labels. */
interface Owner {
  readonly metadata: { readonly uid: string; readonly namespace?: string | undefined };
  readonly spec?: { readonly selector?: LabelSelector | undefined } | undefined;
}
