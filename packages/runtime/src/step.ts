import type { AnyKind, Live } from '@binnacle/client';
import type { PolicyRule } from '@binnacle/client/kinds';
import type { AnyResource, Context } from './context.ts';
import type { Outcome } from './outcome.ts';

/** What a step touches. From it come the watches, the ClusterRole, and what its context accepts. */
export interface Needs {
  /** Kinds it applies, and whose changes wake the primary object through the owner reference. */
  readonly owns?: readonly AnyKind[];
  /** Kinds it only reads. Their changes wake nothing by themselves: see `Controller.watches`. */
  readonly reads?: readonly AnyKind[];
  /** Rights that no kind above implies, e.g. those that it hands on in a Role it creates. */
  readonly grants?: readonly PolicyRule[];
}

/** What a step may apply. */
export type Owned<N extends Needs> = N extends { readonly owns: readonly (infer K extends AnyKind)[] } ? K : never;
/** What a step may read and not apply. */
export type Readable<N extends Needs> = N extends { readonly reads: readonly (infer K extends AnyKind)[] } ? K : never;

/** One named part of a reconcile. */
export interface Step<P extends AnyResource = AnyResource> {
  readonly name: string;
  readonly kind: P;
  readonly needs: Needs;
  readonly run: (object: Live<P>, cx: Context<P, any, any>) => Promise<Outcome>;
  /** Runs while the object is being deleted; only the finalizer step does. */
  readonly whileDeleting: boolean;
  /** Runs also while the object's spec breaks its schema, when all other steps are skipped: see `Context.faults`. */
  readonly whileInvalid?: boolean;
  /** The step is a finalizer of this name: the runtime puts it on live objects, and `run` cleans up after deleted ones. */
  readonly finalizer?: string;
  /** Live objects of which this does not hold do not have the finalizer. Absent: all have it. */
  readonly finalizes?: (object: Live<P>) => boolean;
}

/**
 * A step: its name shows up in conditions, spans and metrics. One that is to run `whileInvalid` may be given a spec that its type does not describe; what it
 * throws then is logged and changes nothing.
 */
export function step<P extends AnyResource, const N extends Needs>(
  name: string,
  kind: P,
  needs: N,
  run: (object: Live<P>, cx: Context<P, Owned<N>, Readable<N>>) => Promise<Outcome>,
  options?: { readonly whileInvalid: boolean },
): Step<P> {
  return { name, kind, needs, run: run as Step<P>['run'], whileDeleting: false, ...options };
}
