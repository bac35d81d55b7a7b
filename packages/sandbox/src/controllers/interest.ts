import type { AnyKind, Live, Ref } from '@binnacle/client';
import type { Watch } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';

/**
 * Who wants to know of which objects, when only the wanting side knows: a Service selects pods by label, a pod does not name its Services.
 * Filled by each reconcile, before it reads; read by the watch.
 */
export interface Interest<K extends AnyKind> {
  readonly watch: Watch;
  /** `wants` says whether an object concerns `who`; the objects it concerned last are remembered, so that one which stops to concern it still wakes it. */
  set(who: Ref & { readonly namespace: string }, wants: (object: Live<K>) => boolean, uids: readonly string[]): void;
  drop(who: Ref & { readonly namespace: string }): void;
}

/** An empty table of interests in namespaced objects of `kind`. */
export function interest<K extends AnyKind>(kind: K): Interest<K> {
  const byNamespace = new Map<string, Map<string, { readonly wants: (object: Live<K>) => boolean; readonly uids: ReadonlySet<string> }>>();
  return {
    watch: watch(kind, (object) => {
      const { namespace, uid } = object.metadata as { readonly namespace: string; readonly uid: string };
      const all = [...(byNamespace.get(namespace) ?? [])];
      return all.filter(([, one]) => one.uids.has(uid) || one.wants(object)).map(([name]) => ({ namespace, name }));
    }),
    set({ namespace, name }, wants, uids) {
      const all = byNamespace.get(namespace) ?? new Map<string, { wants: (object: Live<K>) => boolean; uids: ReadonlySet<string> }>();
      all.set(name, { wants, uids: new Set(uids) });
      byNamespace.set(namespace, all);
    },
    drop({ namespace, name }) {
      const all = byNamespace.get(namespace);
      all?.delete(name);
      if (all?.size === 0) byNamespace.delete(namespace);
    },
  };
}
