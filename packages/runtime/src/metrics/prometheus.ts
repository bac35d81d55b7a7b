import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Metrics } from './metrics.ts';

/** Metrics that are served, and where from. */
export interface Prometheus extends Metrics {
  readonly registry: Registry;
}

/** Seconds; controller-runtime's for reconciles and queues, widened for API calls that take milliseconds. */
const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120];

/**
 * Counts under controller-runtime's names, so that existing dashboards and alerts work (spec/runtime.md §2); what it has no name for begins with
 * `runtime_`. A registry of its own: two operators in one process do not mix. `process`: also the process's memory, event loop and so on.
 */
export function prometheus(options: { readonly process?: boolean } = {}): Prometheus {
  const registry = new Registry();
  const registers = [registry];
  if (options.process === true) collectDefaultMetrics({ register: registry });
  const counter = (name: string, help: string, labelNames: readonly string[]) => new Counter({ name, help, labelNames, registers });
  const gauge = (name: string, help: string, labelNames: readonly string[]) => new Gauge({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, labelNames: readonly string[]) => new Histogram({ name, help, labelNames, registers, buckets: SECONDS });

  const reconciles = counter('controller_runtime_reconcile_total', 'Passes by how they ended', ['controller', 'result']);
  const errors = counter('controller_runtime_reconcile_errors_total', 'Passes that failed', ['controller']);
  const timeouts = counter('controller_runtime_reconcile_timeouts_total', 'Passes that took too long', ['controller']);
  const seconds = histogram('controller_runtime_reconcile_time_seconds', 'How long a pass took', ['controller']);
  const most = gauge('controller_runtime_max_concurrent_reconciles', 'Passes at a time, at most', ['controller']);
  const active = gauge('controller_runtime_active_workers', 'Passes under way', ['controller']);
  const queue = ['name', 'controller'];
  const depth = gauge('workqueue_depth', 'Objects that wait for a pass', queue);
  const adds = counter('workqueue_adds_total', 'Objects that were added', queue);
  const retries = counter('workqueue_retries_total', 'Retries that were planned', queue);
  const waited = histogram('workqueue_queue_duration_seconds', 'How long an object waited', queue);
  const worked = histogram('workqueue_work_duration_seconds', 'How long an object was worked on', queue);
  const requests = counter('rest_client_requests_total', 'Answers of the API server; code 0: none came', ['code', 'method']);
  const latency = histogram('rest_client_request_duration_seconds', 'How long an answer took', ['verb']);
  const leading = gauge('leader_election_master_status', '1 while this process leads', ['name']);
  const watches = counter('runtime_watch_incidents_total', 'Watches that broke, relists, maps that threw', ['kind', 'incident']);
  const cached = gauge('runtime_cache_objects', 'Objects in the cache', ['kind']);
  const notReady = gauge('runtime_objects_not_ready', 'Objects of which not all is as their spec wants it', ['controller']);
  const stale = counter('runtime_stale_reads_total', 'Reads that went on without having seen our own write', ['kind']);
  const dropped = counter('runtime_events_dropped_total', 'Events that were not written', []);

  return {
    registry,
    depth: (name, waiting) => depth.set({ name, controller: name }, waiting),
    added: (name) => adds.inc({ name, controller: name }),
    retried: (name) => retries.inc({ name, controller: name }),
    waited: (name, time) => waited.observe({ name, controller: name }, time),
    worked: (name, time) => worked.observe({ name, controller: name }, time),
    reconciled(controller, result, time) {
      reconciles.inc({ controller, result });
      if (result === 'error') errors.inc({ controller });
      seconds.observe({ controller }, time);
    },
    notReady: (controller, objects) => notReady.set({ controller }, objects),
    timedOut: (controller) => timeouts.inc({ controller }),
    workers(controller, now, limit) {
      active.set({ controller }, now);
      most.set({ controller }, limit);
    },
    request(method, code, time) {
      requests.inc({ code: String(code), method });
      latency.observe({ verb: method }, time);
    },
    watch: (kind, incident) => watches.inc({ kind, incident }),
    staleRead: (kind) => stale.inc({ kind }),
    cached: (kind, objects) => cached.set({ kind }, objects),
    leading: (name, leads) => leading.set({ name }, leads ? 1 : 0),
    eventDropped: () => dropped.inc(),
  };
}
