/** What a work queue tells about itself. `name` is the controller's; times in seconds. */
export interface QueueMetrics {
  depth(name: string, waiting: number): void;
  added(name: string): void;
  retried(name: string): void;
  waited(name: string, seconds: number): void;
  worked(name: string, seconds: number): void;
}

/** controller-runtime's words for how a pass ended. */
export type PassResult = 'success' | 'error' | 'requeue_after';

/** What happens to a reflector: it read everything again, its watch broke, or a handler of it threw. */
export type WatchIncident = 'relist' | 'error' | 'handler';

/** Where the runtime counts. `prometheus()` is the one that serves it; `noMetrics` the one that does not. */
export interface Metrics extends QueueMetrics {
  reconciled(controller: string, result: PassResult, seconds: number): void;
  timedOut(controller: string): void;
  /** Objects whose last pass did not end with all steps done. */
  notReady(controller: string, objects: number): void;
  /** Passes under way now, of at most `most`. */
  workers(controller: string, active: number, most: number): void;
  /** One answer of the API server; code 0: none came. */
  request(method: string, code: number, seconds: number): void;
  watch(kind: string, incident: WatchIncident): void;
  /** A read went on although the cache had not seen our own write within 5 s. */
  staleRead(kind: string): void;
  cached(kind: string, objects: number): void;
  leading(name: string, leads: boolean): void;
  /** An Event was dropped: too many of one object, or the server refused it. */
  eventDropped(): void;
}

const nothing = (): void => undefined;

/** Counts nothing. */
export const noMetrics: Metrics = Object.freeze({
  depth: nothing,
  added: nothing,
  retried: nothing,
  waited: nothing,
  worked: nothing,
  reconciled: nothing,
  timedOut: nothing,
  notReady: nothing,
  workers: nothing,
  request: nothing,
  watch: nothing,
  staleRead: nothing,
  cached: nothing,
  leading: nothing,
  eventDropped: nothing,
});
