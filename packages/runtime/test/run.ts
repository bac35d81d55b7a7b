import type { Controller } from '../src/controller.ts';
import { silentLogger } from '../src/logger.ts';
import type { Manager } from '../src/manager/manager.ts';
import { operator } from '../src/operator/operator.ts';
import { runOperator } from '../src/operator/run.ts';
import type { RunOptions } from '../src/operator/run.ts';
import type { Reconciler } from '../src/reconciler.ts';
import { virtualClock } from './clock.ts';
import type { VirtualClock } from './clock.ts';
import type { FakeApi } from './fake-api.ts';
import { PLACE, Widget } from './widget.ts';
import type { WidgetObject, WidgetSpec } from './widget.ts';

/** An operator that runs on a fake API and virtual time. Disposing stops it. */
export interface Running extends AsyncDisposable {
  readonly api: FakeApi;
  readonly clock: VirtualClock;
  /** Until nothing is to do now. */
  quiet(): Promise<void>;
  /** Until then, however much later: plans for later come true as well. */
  until(condition: () => boolean): Promise<void>;
  readonly stopped: Promise<void>;
  stop(): void;
}

export function running(
  api: FakeApi,
  controllers: readonly Controller<any>[],
  options: Partial<RunOptions> & { readonly reconcilers?: readonly Reconciler[]; readonly clock?: VirtualClock } = {},
): Running {
  const clock = options.clock ?? virtualClock();
  const stop = new AbortController();
  let manager: Manager | undefined;
  const stopped = runOperator(operator({ name: 'test', controllers, reconcilers: options.reconcilers ?? [] }), {
    api,
    clock,
    log: silentLogger,
    namespaces: 'all',
    leaderElection: false,
    signal: stop.signal,
    started: (started) => (manager = started),
    ...options,
  });
  return {
    api,
    clock,
    stopped,
    quiet: async () => {
      await clock.until(() => manager?.idle === true);
      await clock.settle();
    },
    until: (condition) => clock.until(condition),
    stop: () => stop.abort(),
    async [Symbol.asyncDispose]() {
      stop.abort();
      let over = false;
      const ended = stopped.finally(() => (over = true));
      await clock.until(() => over);
      await ended;
    },
  };
}

export function putWidget(api: FakeApi, spec: WidgetSpec, name: string = PLACE.name): void {
  api.meddle(Widget, { ...PLACE, name }, (object) => ({ ...object, spec }));
}

export function widget(api: FakeApi, name: string = PLACE.name): WidgetObject | undefined {
  return api.peek(Widget, { ...PLACE, name }) as WidgetObject | undefined;
}

export function condition(api: FakeApi, type: string, name: string = PLACE.name) {
  return widget(api, name)?.status?.conditions?.find((one) => one.type === type);
}
