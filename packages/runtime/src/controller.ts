import type { AnyKind, Live, Ref } from '@binnacle/client';
import type { AnyResource, StatusOf } from './context.ts';
import type { Outcome } from './outcome.ts';
import type { Step } from './step.ts';

/** How a pass ended, and at which step (absent when all were done). */
export interface Pass {
  readonly outcome: Outcome | { readonly type: 'error'; readonly reason: string; readonly message: string };
  readonly step?: string;
}

/** A watch of another kind: which primary objects a change of it wakes. */
export interface Watch<K extends AnyKind = AnyKind> {
  readonly kind: K;
  readonly map: (object: Live<K>) => readonly Ref[];
}

/** A kind and the named steps that bring each of its objects to where its spec wants it. Plain data; `operator()` runs it. */
export interface Controller<P extends AnyResource = AnyResource> {
  readonly kind: P;
  /** In metrics, logs, the field manager. Default: the kind in lower case. */
  readonly name: string;
  readonly steps: readonly Step<P>[];
  readonly watches: readonly Watch[];
  /** Objects reconciled at the same time, each by one pass at most. Default 8. */
  readonly concurrency: number;
  /** Status fields that follow from how a pass ended, e.g. a phase. Pure. */
  readonly report: ((object: Live<P>, pass: Pass) => Partial<StatusOf<P>>) | undefined;
  /**
   * Status fields that only tell in detail how things stand. While nothing but these, and messages, differs, the status is written every five seconds at most:
   * members that come one by one are one write. Never name a field that a later pass goes on from.
   */
  readonly details: readonly string[];
}

/** Builds a controller from its steps, in the order in which they run. */
export function controller<P extends AnyResource>(
  kind: P,
  parts: {
    readonly steps: readonly Step<P>[];
    readonly watches?: readonly Watch[];
    readonly concurrency?: number;
    readonly name?: string;
    readonly report?: (object: Live<P>, pass: Pass) => Partial<StatusOf<P>>;
    readonly details?: readonly (keyof StatusOf<P> & string)[];
  },
): Controller<P> {
  return {
    kind,
    name: parts.name ?? kind.kind.toLowerCase(),
    steps: parts.steps,
    watches: parts.watches ?? [],
    concurrency: parts.concurrency ?? 8,
    report: parts.report,
    details: parts.details ?? [],
  };
}

/** A watch whose map knows the type of what it is given. */
export function watch<K extends AnyKind>(kind: K, map: (object: Live<K>) => readonly Ref[]): Watch {
  return { kind, map: map as Watch['map'] };
}
