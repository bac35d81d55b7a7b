import type { AnyKind, Api, Clock, Live, Ref } from '@binnacle/client';
import type { Index, IndexKey } from './cache/object-index.ts';
import type { Watch } from './controller.ts';
import type { Logger } from './log.ts';
import type { Trace } from './trace.ts';

/** What reflectors have seen: reads cost no request. The objects are shared and never changed in place. */
export interface Cache {
  get<K extends AnyKind>(kind: K, ref: Ref): Live<K> | undefined;
  /** Sorted by namespace and name. `labels`: all of them must match. */
  list<K extends AnyKind>(kind: K, options?: { readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> }): readonly Live<K>[];
  /** Objects whose ownerReferences name this UID. */
  ownedBy<K extends AnyKind>(kind: K, uid: string): readonly Live<K>[];
  /** Objects that an index has under a key, sorted by namespace and name. */
  find<K extends AnyKind, T extends IndexKey>(index: Index<K, T>, key: NoInfer<T>, options?: { readonly namespace?: string }): readonly Live<K>[];
}

/** What a reconcile is given. Before each pass the cache has seen every earlier write made through `api`. */
export interface World {
  readonly api: Api;
  readonly cache: Cache;
  /** Within a pass: waits until the cache has seen what was written through `api` so far, at most 5 s. @throws {ApiError} */
  readonly seen: (...kinds: readonly AnyKind[]) => Promise<void>;
  /** Whether no pass comes after this one, since the process stops. */
  readonly isLast: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly trace: Trace;
  /** As `Mandate.mustLead()`. */
  readonly mustLead: () => void;
}

/**
 * The layer below `controller()`: one function from a name to the next request, level-triggered. A throw is retried with back-off; `afterMs` asks for another pass.
 * For kinds without steps and conditions, such as the built-in controllers of the sandbox.
 */
export interface Reconciler {
  readonly name: string;
  readonly kind: AnyKind;
  /** Changes of other kinds, and whom they wake. `kind` itself is always watched. */
  readonly watches?: readonly Watch[];
  /** Which changes of an object of `kind` start a pass, additions and deletions aside. Default: all. */
  readonly changed?: (before: Live<AnyKind>, now: Live<AnyKind>) => boolean;
  /**
   * `ignored`: other kinds wake only objects that are there, for a reconciler that does nothing about one that is not. One that comes later, or has just gone,
   * gets its pass all the same. Default: they wake whatever they name.
   */
  readonly absent?: 'ignored';
  /** Kinds that are cached for reading; their changes wake nobody. */
  readonly reads?: readonly AnyKind[];
  /** Default 1. */
  readonly concurrency?: number;
  readonly reconcile: (ref: Ref, world: World) => Promise<void | { readonly afterMs: number }>;
}
