import { ApiError } from '@binnacle/client';
import type { Api, Clock } from '@binnacle/client';
import { aroundApi } from '../api-around.ts';
import { eventRecorder } from '../events/recorder.ts';
import type { Logger } from '../log.ts';
import { manager } from '../manager/manager.ts';
import type { Manager } from '../manager/manager.ts';
import { noMetrics } from '../metrics/metrics.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { reconcilerOf } from '../reconcile/reconcile.ts';
import { noTrace } from '../trace.ts';
import type { Trace } from '../trace.ts';
import { serveWebhooks } from '../webhook/serve.ts';
import type { WebhookOptions } from '../webhook/serve.ts';
import { fenced, mustLead } from './fence.ts';
import { lead } from './leader.ts';
import type { Leadership } from './leader.ts';
import { leaseName } from './operator.ts';
import type { Operator } from './operator.ts';

/** What an operator runs on. */
export interface RunOptions {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Logger;
  readonly namespaces: 'all' | readonly string[];
  /** `identity` must differ for each process. */
  readonly leaderElection: false | { readonly namespace: string; readonly identity: string };
  /** Stops it: passes under way end, the Lease is given back. */
  readonly signal: AbortSignal;
  readonly metrics?: Metrics;
  /** Spans of passes, their steps and their requests. Default: none. */
  readonly trace?: Trace;
  /** All objects get a pass so often although nothing changed; ms. Default: ten hours. */
  readonly resyncMs?: number;
  /** Judges writes of the controllers' kinds when they are made, on every replica; needs `webhookManifests()`. Absent: no webhook. */
  readonly webhook?: WebhookOptions;
  /** Told of the manager before it starts: for health checks and tests. */
  readonly started?: (manager: Manager) => void;
}

/** After which Events that are still to be written are given up at a stop; ms. */
const FLUSH_MS = 2_000;

/**
 * Runs an operator until `signal`. With leader election the caches are filled at once, and the first pass waits for the Lease.
 * @throws {Error} when leadership was lost before it was to stop: everything it knew may be old, so the process must start anew.
 */
export async function runOperator(operator: Operator, options: RunOptions): Promise<void> {
  const { clock, log, namespaces, leaderElection, signal, metrics = noMetrics, trace = noTrace } = options;
  const counted = countingApi(options.api, clock, metrics, trace);
  let leadership: Leadership | undefined;
  const api = leaderElection === false ? counted : fenced(counted, () => leadership);
  const lost = new AbortController();
  const instance = leaderElection === false ? operator.name : leaderElection.identity;
  const recorders = operator.controllers.map((controller) =>
    eventRecorder({ api, clock, log, metrics, controller: `${operator.name}-${controller.name}`, instance }),
  );
  const reconcilers = [
    ...operator.controllers.map((controller, index) =>
      reconcilerOf(controller, `${operator.name}-${controller.name}`, recorders[index]!, { formerly: operator.formerly, metrics }),
    ),
    ...operator.reconcilers,
  ];
  const mayStart = async (stop: AbortSignal): Promise<void> => {
    if (leaderElection === false) return;
    // Told by who waits as well: where nobody leads, an alert finds a 0 and not nothing.
    metrics.leading(leaseName(operator), false);
    leadership = await lead({ api: counted, clock, log, name: leaseName(operator), ...leaderElection }, stop);
    metrics.leading(leaseName(operator), true);
    leadership.lost.addEventListener('abort', () => lost.abort(leadership?.lost.reason), { once: true });
  };
  const reads = operator.hooks.flatMap((hook) => hook.reads ?? []);
  const running = manager({
    api,
    clock,
    log,
    reconcilers,
    namespaces,
    metrics,
    mayStart,
    reads,
    trace,
    ...(leaderElection === false ? {} : { mustLead: () => void mustLead(leadership) }),
    written: () => recorders.every(({ waiting }) => waiting === 0),
    ...(options.resyncMs === undefined ? {} : { resyncMs: options.resyncMs }),
  });
  options.started?.(running);
  const stopped = AbortSignal.any([signal, lost.signal]);
  const unhooked = new AbortController();
  const { webhook } = options;
  // Not fenced: whoever leads, each replica answers, and they share their certificates.
  const serving =
    webhook === undefined
      ? undefined
      : serveWebhooks({ operator, api: counted, clock, log, webhook, knowledge: running }, AbortSignal.any([stopped, unhooked.signal]));
  try {
    await running.run(stopped, lost.signal);
    await within(clock, FLUSH_MS, Promise.all(recorders.map((recorder) => recorder.flush())));
  } finally {
    unhooked.abort();
    await serving;
    await leadership?.release();
    metrics.leading(leaseName(operator), false);
    await operator.close();
  }
  // Who was told to stop has ended as it should, whatever became of the Lease meanwhile.
  if (lost.signal.aborted && !signal.aborted)
    throw new Error(`operator ${operator.name} stopped: ${(lost.signal.reason as Error).message}`, { cause: lost.signal.reason });
}

async function within(clock: Clock, ms: number, done: Promise<unknown>): Promise<void> {
  const over = Promise.withResolvers<void>();
  using _ = clock.timer(ms, () => over.resolve());
  await Promise.race([done, over.promise]);
}

function countingApi(api: Api, clock: Clock, metrics: Metrics, trace: Trace): Api {
  return aroundApi(api, async ({ method, resource, signal }, send) => {
    const started = clock.monotonic();
    const count = (code: number): void => metrics.request(method, code, (clock.monotonic() - started) / 1000);
    try {
      const answer = await trace('request', { method, resource }, () => send(signal));
      count(200); // the typed api does not tell 200 from 201
      return answer;
    } catch (error) {
      if (error instanceof ApiError) count(error.code);
      throw error;
    }
  });
}
