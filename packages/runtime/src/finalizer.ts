import type { Live } from '@binnacle/client';
import type { AnyResource, Context } from './context.ts';
import type { Outcome } from './outcome.ts';
import type { Needs, Owned, Readable, Step } from './step.ts';

/**
 * A step that keeps an object from vanishing before its outside is cleaned up. Put it first. On a live object it sees to it that the finalizer is
 * there; on one that is being deleted it runs `cleanup`, and when that is `done` it takes its own finalizer off and ends the pass. A cleanup that
 * waits, stops or throws leaves the finalizer where it is. `cleanup` may run again after it was done: a crash in between repeats it.
 * `when`: only objects of which it holds have the finalizer; it is taken off a live one of which it holds no more.
 * `name` is `domain/word`, e.g. `hazelcast.com/finalizer`.
 */
export function finalizer<P extends AnyResource, const N extends Needs>(
  name: string,
  kind: P,
  needs: N,
  cleanup: (object: Live<P>, cx: Context<P, Owned<N>, Readable<N>>) => Promise<Outcome>,
  { when }: { readonly when?: (object: Live<P>) => boolean } = {},
): Step<P> {
  return {
    name: 'finalizer',
    kind,
    needs,
    run: cleanup as Step<P>['run'],
    whileDeleting: true,
    finalizer: name,
    ...(when === undefined ? {} : { finalizes: when }),
  };
}
