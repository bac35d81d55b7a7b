import type { Clock, DeepReadonly } from '@binnacle/client';
import type { Container as PodContainer, Probe } from '@binnacle/client/kinds';
import type { ActionWorld } from './action.ts';
import { perform } from './action.ts';

/** What probing has found, told when it changes. */
export interface Verdicts {
  started(): void;
  ready(is: boolean): void;
  /** Startup or liveness failed for good: the container has to be restarted. `graceSeconds` of the probe, if it has its own. */
  dead(which: 'startup' | 'liveness', graceSeconds: number | undefined): void;
  /** A failure that is the first of its kind: not for each of a long row. */
  unhealthy(message: string): void;
}

/**
 * Probes a running container until `signal`: startup first, then readiness and liveness side by side. Without a startup probe it has started, without
 * a readiness probe it is ready once started.
 */
export async function probe(container: DeepReadonly<PodContainer>, world: ActionWorld, verdicts: Verdicts, signal: AbortSignal): Promise<void> {
  const { startupProbe, readinessProbe, livenessProbe } = container;
  if (startupProbe !== undefined) {
    const passed = await series(startupProbe, 'Startup', world, verdicts, signal, () => false);
    if (signal.aborted) return;
    if (!passed) return verdicts.dead('startup', startupProbe.terminationGracePeriodSeconds);
  }
  verdicts.started();
  if (readinessProbe === undefined) verdicts.ready(true);
  await Promise.all([
    readinessProbe === undefined ? undefined : watchReadiness(readinessProbe, world, verdicts, signal),
    livenessProbe === undefined ? undefined : watchLiveness(livenessProbe, world, verdicts, signal),
  ]);
}

async function watchReadiness(spec: DeepReadonly<Probe>, world: ActionWorld, verdicts: Verdicts, signal: AbortSignal): Promise<void> {
  await series(spec, 'Readiness', world, verdicts, signal, (ok) => {
    verdicts.ready(ok);
    return true;
  });
}

async function watchLiveness(spec: DeepReadonly<Probe>, world: ActionWorld, verdicts: Verdicts, signal: AbortSignal): Promise<void> {
  await series(spec, 'Liveness', world, verdicts, signal, (ok) => ok);
  if (!signal.aborted) verdicts.dead('liveness', spec.terminationGracePeriodSeconds);
}

/**
 * Probes each period. When enough in a row went well or badly, `goOn` hears the verdict (again with each further one) and says whether to go on.
 * Resolves to the last verdict.
 */
async function series(
  spec: DeepReadonly<Probe>,
  name: string,
  world: ActionWorld,
  verdicts: Verdicts,
  signal: AbortSignal,
  goOn: (ok: boolean) => boolean,
): Promise<boolean> {
  const { periodSeconds = 10, timeoutSeconds = 1, successThreshold = 1, failureThreshold = 3 } = spec;
  let row = 0;
  let lastOk: boolean | undefined;
  let said: string | undefined;
  if (!(await pause(world.clock, (spec.initialDelaySeconds ?? 0) * 1000, signal))) return false;
  while (!signal.aborted) {
    const failure = await perform(spec, world, timeoutSeconds * 1000, signal);
    if (signal.aborted) break;
    const ok = failure === undefined;
    row = ok === lastOk ? row + 1 : 1;
    lastOk = ok;
    if (failure !== undefined && failure !== said) verdicts.unhealthy(`${name} probe failed: ${failure}`);
    said = failure;
    if (row >= (ok ? successThreshold : failureThreshold) && !goOn(ok)) return ok;
    if (!(await pause(world.clock, periodSeconds * 1000, signal))) break;
  }
  return false;
}

/** False: aborted meanwhile. */
async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  if (ms > 0) await clock.sleep(ms, signal).catch(() => undefined);
  return !signal.aborted;
}
