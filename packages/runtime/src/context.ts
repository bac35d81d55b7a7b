import type { AnyKind, Clock, DeepReadonly, Live, Of } from '@binnacle/client';
import type { Resource } from '@binnacle/schema';
import type { Index, IndexKey } from './cache/object-index.ts';
import type { Logger } from './log.ts';
import type { Mandate } from './mandate.ts';
import type { Outcome } from './outcome.ts';
import type { PartKind } from './part.ts';

/** The kinds whose objects a controller reconciles. */
export type AnyResource = Resource<any, any>;

export type SpecOf<P extends AnyResource> = P extends Resource<infer S, any> ? S : never;
export type StatusOf<P extends AnyResource> = P extends Resource<any, infer S> ? S : never;

/**
 * An object as a step wants it: everything it wants to own of it and nothing else. Name, and what is filled in for it: the namespace of the
 * primary object, `apiVersion`, `kind`, the owner reference. `labels` and `annotations` stand beside `name`.
 */
export type Desired<K extends AnyKind> = DeepReadonly<Omit<Of<K>, 'apiVersion' | 'kind' | 'metadata' | 'status'>> & {
  readonly name: string;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
};

/**
 * How the primary object owns what is applied. `controller` (default): controller reference with blockOwnerDeletion; deleted with it, pruned when no longer wanted.
 * `plain`: a reference without the controller flag; pruned as well. `none`: outlives the primary object and is never pruned. Cluster-scoped objects take `none`.
 */
export type Owner = 'controller' | 'plain' | 'none';

/** How an object is applied. */
export interface ApplyOptions<K extends AnyKind> {
  readonly owner?: Owner;
  readonly since?: Live<K>;
}

/** Kinds that a step may touch decide what its context accepts; a missing declaration does not compile. `O` it owns, `R` it may read. */
export interface Context<P extends AnyResource, O extends AnyKind, R extends AnyKind> extends Mandate {
  readonly clock: Clock;
  readonly log: Logger;
  /** What the object's spec breaks of its schema, with paths; empty but in steps that run `whileInvalid`. Such a pass ends as `InvalidSpec` whatever is done. */
  readonly faults: readonly string[];
  /** From the cache, never older than our own last write of that kind. The primary object's namespace unless told. */
  get<K extends O | R>(kind: K, name: string, options?: { readonly namespace?: string }): Promise<Live<K> | undefined>;
  /** From the cache. `labels`: all of them must match. Sorted by name. */
  list<K extends O | R>(kind: K, options?: { readonly labels?: Readonly<Record<string, string>> }): Promise<readonly Live<K>[]>;
  /** As `list`, of those that an index of the kind has under a key. */
  find<K extends O | R, T extends IndexKey>(index: Index<K, T>, key: NoInfer<T>): Promise<readonly Live<K>[]>;
  /**
   * Server-side apply with force. Sends nothing when the cached object already is what an earlier apply of the same content made of it. `since`: the object from
   * which the content was made, and over which alone it is written.
   * @throws {ApiError} `Conflict` when that one has changed since, whoever changed it: the next pass makes the content anew.
   */
  apply<K extends Exclude<O, PartKind<any, any>>>(kind: K, desired: Desired<K>, options?: ApplyOptions<K>): Promise<Live<K>>;
  /**
   * Creates it if no such object exists, and never writes it again: for what is born once, such as a password. `create` is called only then. With the owner
   * `none`, one that is there and belongs to the primary object is let go of.
   */
  ensure<K extends Exclude<O, PartKind<any, any>>>(kind: K, name: string, create: () => Desired<K>, options?: { readonly owner?: Owner }): Promise<Live<K>>;
  /** Deletes by name, with the UID last seen; nothing when there is none. */
  delete<K extends O>(kind: K, name: string): Promise<void>;
  /**
   * Not applied in this pass and wanted all the same: is not pruned. Without a name: all of that kind. Pruning happens only at the end of a pass in
   * which every step was done: owned objects of the declared kinds that were neither applied nor kept go.
   */
  keep<K extends O>(kind: K, name?: string): Outcome;
  /**
   * What all steps of a pass use together, such as a connection: opened when a step first asks for `key`, closed when the pass ends. An `open` that fails is
   * forgotten: the next step that asks opens anew.
   */
  shared<T extends AsyncDisposable>(key: object, open: () => Promise<T>): Promise<T>;
  /** Adds fields to the status that is written, only if it differs, at the end of the pass. Fields not set in a pass keep their value; `undefined` removes one. */
  status(fields: { readonly [F in keyof StatusOf<P>]?: DeepReadonly<StatusOf<P>[F]> | undefined }): void;
  /** Sets a condition besides `Ready` and `Progressing`, which the runtime sets itself. */
  condition(type: string, status: boolean | 'Unknown', reason: string, message: string): void;
  /** An Event on the primary object. Repetitions are aggregated. `action`: what was being done, one CamelCase word. */
  event(type: 'Normal' | 'Warning', reason: string, message: string, action?: string): void;
}
