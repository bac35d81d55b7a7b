import type { AnyKind, DeepReadonly, Of, Ref } from '@binnacle/client';
import type { Cache } from '../reconciler.ts';

/** Label of a namespace with the value `off`: its objects are judged and filled in by no hook. The way out when a rule stands in somebody's way at night. */
export const HOOKS_LABEL = 'binnacle.dev/hooks';

/** A write that somebody asks for, as a hook sees it. */
export interface Write<K extends AnyKind> {
  readonly operation: Operation;
  /** The object; for a subresource the one that it belongs to: of an eviction, the pod. */
  readonly ref: Ref;
  /** As it would be. Absent when it would be deleted. Of a subresource: that one's own object, such as an Eviction, which says less than its type here. */
  readonly object: DeepReadonly<Of<K>> | undefined;
  /** As it is. Absent when it would be created. */
  readonly before: DeepReadonly<Of<K>> | undefined;
  /** Name of who asks, such as `system:serviceaccount:kube-system:node-controller`. */
  readonly user: string;
  readonly dryRun: boolean;
  /** Of a deletion `Orphan`, `Background` or `Foreground`, when it was said. */
  readonly propagationPolicy?: string;
  /** Who writes, as managed fields have it; deletions have none. */
  readonly fieldManager?: string;
}

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** What a guard says. Its message: what, and what to do instead; it is all that the user sees. */
export type Verdict =
  | { readonly type: 'allow'; readonly warnings?: readonly string[] }
  | { readonly type: 'refuse'; readonly message: string }
  | { readonly type: 'later'; readonly message: string };

export const allow: Verdict = { type: 'allow' };
/** Not this way: 403. */
export const refuse = (message: string): Verdict => ({ type: 'refuse', message });
/** Not now, and nothing needs to be changed to be let through later: 429, after which `kubectl drain` tries again by itself. */
export const later = (message: string): Verdict => ({ type: 'later', message });

/** Where a hook looks, and which writes it is asked about. */
interface Scope<K extends AnyKind> {
  /** Lower-case words and dashes; unique within the operator. */
  readonly name: string;
  readonly kind: K;
  /** `eviction`, `scale`, `status`. Absent: the objects themselves. */
  readonly subresource?: string;
  readonly on: readonly Operation[];
  /** Only objects with these labels, before or after. Never with `eviction`: evictions have none of their own. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Kinds that it looks up in the cache. */
  readonly reads?: readonly AnyKind[];
  /** Left out where the webhook runs alone: what it reads, a webhook should have no right to see. Only for what gives advice. */
  readonly besideControllers?: boolean;
}

/** What a hook may look at: the operator's cache, on every replica. May be some milliseconds behind. */
export type View = Pick<Cache, 'get' | 'list' | 'ownedBy' | 'find'>;

export interface Guard<K extends AnyKind = AnyKind> extends Scope<K> {
  readonly type: 'guard';
  readonly review: (write: Write<K>, view: View) => Verdict;
}

export interface Filler<K extends AnyKind = AnyKind> extends Scope<K> {
  readonly type: 'filler';
  readonly fill: (write: Write<K>, view: View) => DeepReadonly<Of<K>>;
}

/** What an operator has to say about writes besides the rules in its kinds' declarations. */
export type Hook = Guard | Filler;

/**
 * Refuses writes of kinds that others own, from what the cache knows: a pod evicted while its data has one copy, a StatefulSet scaled by hand. Never in the
 * way when it cannot tell: what it throws, a cache that is not filled yet and an operator that is down all let the write through, with a warning where that can
 * be said. Not asked in `kube-system`, in the operator's own namespace, and where `HOOKS_LABEL` says `off`.
 */
export function guard<K extends AnyKind>(parts: Scope<K> & Pick<Guard<K>, 'review'>): Hook {
  return { type: 'guard', ...parts } as unknown as Guard; // sound: it is only ever given writes of its own kind
}

/**
 * Fills in what a schema's defaults cannot: what depends on other fields, or on other objects. `fill` returns the object as it should be: the same one when
 * there is nothing to do. Leaves the write as it is wherever a guard would let it through. Must give back what it once gave: it may be asked twice.
 */
export function filler<K extends AnyKind>(parts: Scope<K> & Pick<Filler<K>, 'fill'>): Hook {
  return { type: 'filler', ...parts } as unknown as Filler; // sound: it is only ever given writes of its own kind
}

/** Where the API server asks a hook. */
export const pathOf = ({ type, name }: Hook): string => `/${type}s/${name}`;
