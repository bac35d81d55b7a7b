import { ApiError } from '@binnacle/client';
import type { AnyKind, Api, Clock } from '@binnacle/client';
import { refOf } from '../cache/id.ts';
import type { SharedCache } from '../cache/cache.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { Queue } from '../queue/queue.ts';
import type { Reconciler, World } from '../reconciler.ts';
import type { Trace } from '../trace.ts';

/** The longest a pass may take; ms. Then its signal is aborted. */
export const PASS_MS = 120_000;

/** What the passes of one reconciler work with. */
export interface PassesParts {
  readonly reconciler: Reconciler;
  readonly queue: Queue;
  readonly shared: SharedCache;
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly trace: Trace;
  readonly mustLead: () => void;
  /** What its passes read from the cache. */
  readonly kinds: readonly AnyKind[];
}

/**
 * Works on the queue's keys until it is closed, as many at a time as the reconciler says. Aborting `signal` cuts passes short. Never rejects.
 * One pass begins in each turn of the event loop: a pass that finds nothing to do waits for no socket, and a thousand of them in a row would keep the
 * next edit, the renewal of the Lease and the webhook's answers waiting until the last is done.
 */
export async function passes(parts: PassesParts, signal: AbortSignal): Promise<void> {
  const { reconciler, queue, metrics, clock } = parts;
  const most = reconciler.concurrency ?? 1;
  let active = 0;
  let last = Promise.resolve();
  const turn = (): Promise<void> => (last = last.then(() => clock.turn()));
  const worker = async (): Promise<void> => {
    for (;;) {
      await turn();
      const key = await queue.take();
      if (key === undefined) return;
      metrics.workers(reconciler.name, ++active, most);
      await pass(parts, key, signal);
      queue.finish(key);
      metrics.workers(reconciler.name, --active, most);
    }
  };
  await Promise.all(Array.from({ length: most }, worker));
}

/** One pass over one object. Whatever is thrown in it is that object's error, and tried again. */
async function pass(parts: PassesParts, key: string, stop: AbortSignal): Promise<void> {
  const { reconciler, queue, shared, api, clock, metrics, trace } = parts;
  const ref = refOf(key);
  const log = parts.log.child({ controller: reconciler.name, object: ref });
  const started = clock.monotonic();
  const seconds = (): number => (clock.monotonic() - started) / 1000;
  const late = new AbortController();
  using _ = clock.timer(PASS_MS, () => late.abort(new DOMException(`the pass took longer than ${PASS_MS / 1000} s`, 'TimeoutError')));
  const signal = AbortSignal.any([stop, late.signal]);
  try {
    await shared.seen(parts.kinds, signal);
    queue.reads(key);
    const world: World = {
      api,
      cache: shared.cache,
      seen: (...kinds) => shared.seen(kinds, signal),
      get isLast() {
        return queue.closed;
      },
      clock,
      signal,
      log,
      trace,
      mustLead: parts.mustLead,
    };
    const { namespace = '', name } = ref;
    const wish = await trace('reconcile', { controller: reconciler.name, namespace, name }, () => reconciler.reconcile(ref, world));
    queue.forget(key);
    if (wish?.afterMs === undefined) return metrics.reconciled(reconciler.name, 'success', seconds());
    queue.addAfter(key, wish.afterMs);
    metrics.reconciled(reconciler.name, 'requeue_after', seconds());
  } catch (error) {
    if (stop.aborted) return; // stopping is not failing
    if (late.signal.aborted) metrics.timedOut(reconciler.name);
    metrics.reconciled(reconciler.name, 'error', seconds());
    queue.retry(key, error instanceof ApiError ? error.retryAfterMs : undefined);
    log.warn({ error: error instanceof Error ? error.message : String(error), ...(isBug(error) ? { err: error } : {}) }, 'pass failed, will be tried again');
  }
}

/** Worth a stack: a mistake of ours, not an answer of the world. */
function isBug(error: unknown): boolean {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError || !(error instanceof Error);
}
