import { apiVersionOf, isInvalid, isNotFound } from '@binnacle/client';
import { refTo } from '../cache/id.ts';
import type { Controller, Pass } from '../controller.ts';
import type { EventRecorder } from '../events/recorder.ts';
import type { World } from '../reconciler.ts';
import type { PassState } from './context.ts';
import { lastReason, readyOf, sameButDetails, statusAfter } from './status.ts';

/** Between two writes of a status of which nothing but details differs; ms. */
const DETAILS_MS = 5_000;
/**
 * How long a new object is without a status while it waits for what its first pass has made; ms. By then whoever runs a StatefulSet has made its pods: told at
 * once, that there are none would have to be taken back by a second write of every new object. What is refused or fails is told at once.
 */
const FIRST_MS = 1_000;

/** Says how passes ended: in the status of their object, and by Events. */
export interface Teller {
  /** Writes the status if it differs, and an Event if the reason does. When there is something that is only told later: in how many ms, else Infinity. */
  tell(key: string, state: PassState, pass: Pass, world: World): Promise<number>;
  forget(key: string): void;
}

/** Has told nothing yet. */
export function tellerOf({ kind, details }: Controller, fieldManager: string, events: EventRecorder): Teller {
  const toldAtMs = new Map<string, number>();
  const madeAtMs = new Map<string, number>();

  /** In how many ms the first status of an object is due. */
  function firstMs(key: string, { primary, made }: PassState, pass: Pass, nowMs: number): number {
    if (pass.outcome.type !== 'wait' || lastReason(primary) !== undefined) return 0;
    if (made && !madeAtMs.has(key)) madeAtMs.set(key, nowMs);
    return (madeAtMs.get(key) ?? -Infinity) + FIRST_MS - nowMs;
  }

  return {
    async tell(key, state, pass, world) {
      const { primary, draft } = state;
      const status = statusAfter(kind, primary, pass, draft, world.clock);
      if (status === undefined) return Infinity;
      const first = world.isLast ? 0 : firstMs(key, state, pass, world.clock.monotonic());
      if (first > 0) return first;
      madeAtMs.delete(key);
      const waitMs = (toldAtMs.get(key) ?? -Infinity) + DETAILS_MS - world.clock.monotonic();
      if (waitMs > 0 && sameButDetails(primary.status, status, details)) return waitMs;
      const { reason, message, status: ready } = readyOf(pass);
      const bad = pass.outcome.type === 'error' || pass.outcome.type === 'stop';
      const announce = (): void => events.record(primary, { type: bad ? 'Warning' : 'Normal', reason, message, action: pass.step ?? 'reconcile' });
      const object = { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: { ...refTo(primary), uid: primary.metadata.uid }, status };
      // A pass that took too long still says so: hence without its signal then.
      const signal = world.signal.aborted ? {} : { signal: world.signal };
      try {
        await world.api.apply(kind, object, { fieldManager, force: true, subresource: 'status', ...signal });
      } catch (error) {
        if (isNotFound(error)) return Infinity; // it went meanwhile: nobody is left to tell
        // A server before 1.30 takes no status for a spec that breaks its schema: an Event is all that can be said.
        if (isInvalid(error)) announce();
        throw error;
      }
      toldAtMs.set(key, world.clock.monotonic());
      const before = lastReason(primary);
      if (reason === before) return Infinity;
      world.log.info({ ready, reason, step: pass.step }, message);
      // Every object begins by waiting for something: that is no news, and the condition has it.
      if (before !== undefined || pass.outcome.type !== 'wait') announce();
      return Infinity;
    },
    forget(key) {
      toldAtMs.delete(key);
      madeAtMs.delete(key);
    },
  };
}
