import { isNamespaceTerminating } from '@binnacle/client';
import type { Live } from '@binnacle/client';
import type { AnyResource } from '../context.ts';
import type { Controller, Pass } from '../controller.ts';
import { done, doneFor, stop } from '../outcome.ts';
import type { Outcome } from '../outcome.ts';
import type { Step } from '../step.ts';
import { contextOf } from './context.ts';
import type { ContextParts, PassState } from './context.ts';
import { told } from './failure.ts';
import { addFinalizer, removeFinalizer } from './finalizers.ts';

/** How a pass ended; `error` is what was thrown, for the retry. */
export interface Ended {
  readonly pass: Pass;
  readonly error: unknown;
}

/**
 * Between tries to make something in a namespace that goes; ms. A live object in it is deleted soon, and that starts a pass; one that makes things in another
 * namespace hears of nothing when that is there anew.
 */
const MAKING_AGAIN_MS = 60_000;
/** The same of what a cleanup wanted to make. The namespace waits for it, so it has to see soon that it can go on without. */
const CLEANUP_AGAIN_MS = 5_000;

/** Runs the steps in order until one is not done. What a step throws is the pass's outcome; only a stop of the process is thrown on. */
export async function runSteps(controller: Controller, parts: ContextParts, state: PassState, object: Live<AnyResource>): Promise<Ended> {
  // What is being deleted is cleaned up, however wrong it was.
  if (state.faults.length > 0 && state.primary.metadata.deletionTimestamp === undefined) return await refuse(controller, parts, state, object);
  let next: number | undefined;
  for (const step of controller.steps) {
    try {
      const outcome = await runStep(controller, step, parts, state, object);
      if (outcome.type !== 'done') return { pass: { outcome, step: step.name }, error: undefined };
      if (outcome.afterMs !== undefined) next = Math.min(next ?? outcome.afterMs, outcome.afterMs);
    } catch (error) {
      if (isNamespaceTerminating(error)) {
        const going = state.primary.metadata.deletionTimestamp !== undefined;
        if (going && step.finalizer === undefined) continue; // it keeps nothing: later steps may have finalizers to take off
        const afterMs = going ? CLEANUP_AGAIN_MS : MAKING_AGAIN_MS;
        return { pass: { outcome: stop('NamespaceTerminating', told(error).message, { afterMs }), step: step.name }, error: undefined };
      }
      return { pass: { outcome: { type: 'error', ...told(error) }, step: step.name }, error };
    }
  }
  return { pass: { outcome: next === undefined ? done : doneFor(next) }, error: undefined };
}

/** Nothing is made, changed or deleted for a spec that breaks its schema: steps are written for one that does not. */
async function refuse(controller: Controller, parts: ContextParts, state: PassState, object: Live<AnyResource>): Promise<Ended> {
  const refusal: Outcome = stop('InvalidSpec', state.faults.join('; '));
  for (const step of controller.steps.filter(({ whileInvalid }) => whileInvalid === true)) {
    try {
      const outcome = await runStep(controller, step, parts, state, object);
      if (outcome.type === 'stop' && outcome.reason === 'InvalidSpec') return { pass: { outcome, step: step.name }, error: undefined };
    } catch (error) {
      parts.world.log.warn({ step: step.name, error: told(error).message }, 'a look at what is there failed, its spec being wrong');
    }
  }
  return { pass: { outcome: refusal }, error: undefined };
}

async function runStep(controller: Controller, step: Step, parts: ContextParts, state: PassState, object: Live<AnyResource>): Promise<Outcome> {
  const { primary } = state;
  const going = primary.metadata.deletionTimestamp !== undefined;
  const { finalizer } = step;
  const run = (): Promise<Outcome> => parts.world.trace('step', { step: step.name }, () => step.run(object, contextOf(parts, step, state)));
  if (finalizer === undefined) return going && !step.whileDeleting ? done : await run();
  if (!going) {
    const put = step.finalizes?.(object) === false ? removeFinalizer : addFinalizer;
    await put(controller.kind, primary, finalizer, parts.world, parts.fieldManager);
    return done;
  }
  if (primary.metadata.finalizers?.includes(finalizer) !== true) return done;
  const outcome = await run();
  if (outcome.type !== 'done') return outcome;
  await removeFinalizer(controller.kind, primary, finalizer, parts.world, parts.fieldManager);
  return { type: 'gone' };
}
