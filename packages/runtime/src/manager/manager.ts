import type { AnyKind, Api, Clock } from '@binnacle/client';
import { sharedCache } from '../cache/cache.ts';
import type { SharedCache } from '../cache/cache.ts';
import { keyOf, refTo } from '../cache/id.ts';
import type { Logger } from '../log.ts';
import { noMetrics } from '../metrics/metrics.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { queue } from '../queue/queue.ts';
import type { Queue } from '../queue/queue.ts';
import type { Cache, Reconciler } from '../reconciler.ts';
import { noTrace } from '../trace.ts';
import type { Trace } from '../trace.ts';
import { passes } from './passes.ts';
import { kindsOf, wake } from './wake.ts';

/** After which passes that are under way at a stop get their signal aborted; ms. Most end by themselves before. */
const DRAIN_MS = 8_000;
/** After which a stop no longer waits for passes that ignore their signal; ms (spec/runtime.md §2, graceful shutdown). */
const ABANDON_MS = 30_000;
const RESYNC_MS = 36_000_000;

/** What a manager runs, and on what. */
export interface ManagerOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Logger;
  readonly reconcilers: readonly Reconciler[];
  /** Default: all. */
  readonly namespaces?: 'all' | readonly string[];
  readonly metrics?: Metrics;
  /** Default: no spans. */
  readonly trace?: Trace;
  /** All objects get a pass so often although nothing changed, give or take a tenth; ms. Default: ten hours, as controller-runtime. */
  readonly resyncMs?: number;
  /** Whether what passes left to others, such as Events, is written: the manager is not idle before. */
  readonly written?: () => boolean;
  /** Kinds that are cached besides, for whoever reads `cache`. Default: none. */
  readonly reads?: readonly AnyKind[];
  /** Throws when another process may lead by now: what steps call before they change anything outside of Kubernetes. Default: this one always leads. */
  readonly mustLead?: () => void;
  /** Waited for before the first pass and after caches are warm: leadership. Default: nothing. */
  readonly mayStart?: (signal: AbortSignal) => Promise<void>;
}

/** Reconcilers with their caches and queues. Runs once. */
export interface Manager {
  /**
   * Fills the caches, then works until `stop`: takes in nothing new, lets passes end, returns. Passes still under way 8 s later, or as soon as `cut`
   * is aborted, get their signal aborted; after 30 s it returns without them. Rejects only with what `mayStart` threw.
   */
  run(stop: AbortSignal, cut?: AbortSignal): Promise<void>;
  /** Resolves when every kind was read once. Rejects when the manager stops before. */
  synced(): Promise<void>;
  /** Every kind was read once: what `/readyz` says. */
  readonly ready: boolean;
  /** What is known of the kinds that it follows; a leader or not. */
  readonly cache: Cache;
  /** Whether these kinds, all of them followed, were read once. */
  has(kinds: readonly AnyKind[]): boolean;
  /** Every kind was read once, no pass is under way and none is due now; later ones may be planned. All Events are written. */
  readonly idle: boolean;
}

/** Runs reconcilers over one shared cache: one watch a kind, a queue each. */
export function manager(options: ManagerOptions): Manager {
  const { api, clock, log, reconcilers, namespaces = 'all', metrics = noMetrics } = options;
  const shared = sharedCache({ api, clock, log, metrics, namespaces });
  const queues = new Map<Reconciler, Queue>();
  for (const reconciler of reconcilers) {
    const own = queue(clock, reconciler.name, metrics);
    queues.set(reconciler, own);
    wake(reconciler, shared, own);
  }
  for (const kind of options.reads ?? []) shared.follow(kind);
  const stopped = new AbortController();

  /** Starts as soon as its own kinds are there: a kind whose CRD is missing holds up nobody else. */
  async function work(reconciler: Reconciler, stop: AbortSignal, cut: AbortSignal): Promise<void> {
    const own = queues.get(reconciler)!;
    const log = options.log.child({ controller: reconciler.name });
    try {
      await shared.synced(kindsOf(reconciler), stop);
    } catch {
      return; // rejects only when stopped
    }
    log.debug({}, 'caches are filled');
    using _ = resync(reconciler, shared, own, clock, options.resyncMs ?? RESYNC_MS);
    const { trace = noTrace, mustLead = () => undefined } = options;
    await passes({ ...options, reconciler, kinds: kindsOf(reconciler), queue: own, shared, api: shared.api, metrics, trace, mustLead }, cut);
  }

  return {
    async run(stop, cut = new AbortController().signal) {
      const watching = new AbortController();
      const abandon = new AbortController();
      const cutShort = AbortSignal.any([cut, abandon.signal]);
      const close = (): void => {
        stopped.abort(stop.reason);
        for (const own of queues.values()) own.close();
      };
      if (stop.aborted) close();
      else stop.addEventListener('abort', close, { once: true });
      const reflecting = shared.run(watching.signal);
      try {
        await options.mayStart?.(stop).catch((error: unknown) => {
          if (!stop.aborted) throw error;
        });
        if (stop.aborted) return;
        const working = Promise.all(reconcilers.map((reconciler) => work(reconciler, stop, cutShort)));
        await aborted(stop);
        await drained(clock, working, abandon, log);
      } finally {
        close();
        stop.removeEventListener('abort', close);
        watching.abort();
        await reflecting;
      }
    },
    synced: () => shared.synced(reconcilers.flatMap(kindsOf), stopped.signal),
    cache: shared.cache,
    has: (kinds) => shared.has(kinds),
    get ready() {
      return shared.complete;
    },
    get idle() {
      return shared.complete && (options.written?.() ?? true) && [...queues.values()].every((own) => own.depth === 0 && own.working === 0);
    },
  };
}

/** Waits for passes to end. They read their own writes meanwhile, so the watches still run. */
async function drained(clock: Clock, working: Promise<unknown>, abandon: AbortController, log: Logger): Promise<void> {
  using _ = clock.timer(DRAIN_MS, () => abandon.abort(new DOMException('the process stops', 'AbortError')));
  const over = Promise.withResolvers<void>();
  using _end = clock.timer(ABANDON_MS, () => {
    log.error({ afterMs: ABANDON_MS }, 'passes ignore their signal: stopped without them');
    over.resolve();
  });
  await Promise.race([working, over.promise]);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** A pass for every object from time to time, in the least urgent lane. */
function resync(reconciler: Reconciler, shared: SharedCache, own: Queue, clock: Clock, everyMs: number): Disposable {
  let timer: Disposable;
  const arm = (): void => {
    timer = clock.timer(everyMs * (0.9 + clock.random() * 0.2), () => {
      for (const object of shared.cache.list(reconciler.kind)) own.add(keyOf(refTo(object)), 'resync');
      arm();
    });
  };
  arm();
  return { [Symbol.dispose]: () => timer[Symbol.dispose]() };
}
