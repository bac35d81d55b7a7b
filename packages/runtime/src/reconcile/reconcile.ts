import type { AnyKind, Live, Ref } from '@binnacle/client';
import { jsonEqual, rootSchema, setDefaults } from '@binnacle/schema';
import { keyOf, kindId, refTo } from '../cache/id.ts';
import type { AnyLive } from '../cache/id.ts';
import type { AnyResource } from '../context.ts';
import type { Controller } from '../controller.ts';
import type { EventRecorder } from '../events/recorder.ts';
import { ownedBy } from '../manager/wake.ts';
import type { Reconciler, World } from '../reconciler.ts';
import { noMetrics } from '../metrics/metrics.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { applied } from './applied.ts';
import { childId, remove } from './context.ts';
import type { ContextParts, PassState } from './context.ts';
import { isPassing, told } from './failure.ts';
import { faultsOf } from './faults.ts';
import { runSteps } from './pass.ts';
import type { Ended } from './pass.ts';
import { sharedThings } from './shared.ts';
import { statusDraft } from './status.ts';
import { tellerOf } from './teller.ts';

/** Turns a controller's steps into a reconciler. `fieldManager` signs all that it writes; `formerly`: see `Operator`. */
export function reconcilerOf(
  controller: Controller,
  fieldManager: string,
  events: EventRecorder,
  { formerly = [], metrics = noMetrics }: { readonly formerly?: readonly string[]; readonly metrics?: Metrics } = {},
): Reconciler {
  const { kind, steps } = controller;
  const owns = unique(steps.flatMap((step) => step.needs.owns ?? []));
  const memory = applied((primary) => keyOf(refTo(primary)));
  const failures = new Map<string, number>();
  const faults = faultsOf(kind);
  const teller = tellerOf(controller, fieldManager, events);
  const unready = new Set<string>();
  const count = (key: string, ready: boolean): void => {
    if (ready) unready.delete(key);
    else unready.add(key);
    metrics.notReady(controller.name, unready.size);
  };

  async function reconcile(ref: Ref, world: World): Promise<void | { readonly afterMs: number }> {
    const key = keyOf(ref);
    const primary = world.cache.get(kind, ref) as Live<AnyResource> | undefined;
    if (primary === undefined || isGone(controller, primary)) {
      memory.forget(key);
      faults.forget(key);
      failures.delete(key);
      teller.forget(key);
      count(key, true);
      return;
    }
    await using shared = sharedThings();
    const object = setDefaults(rootSchema(kind.schema), primary);
    const state: PassState = { primary, faults: faults.of(key, object), draft: statusDraft(), wanted: new Map(), kept: new Set(), made: false, shared };
    const parts: ContextParts = { world, fieldManager, formerly, applied: memory, events };
    const { pass, error } = await withPruning(await runSteps(controller, parts, state, object), owns, state, world, memory);
    if (isStopping(world)) throw world.signal.reason;
    if (error === undefined) failures.delete(key);
    else if (countFailure(key) === 1 && isPassing(error)) throw error;
    const going = primary.metadata.deletionTimestamp !== undefined;
    count(key, pass.outcome.type === 'done' || pass.outcome.type === 'gone');
    if (pass.outcome.type === 'gone' || (going && pass.outcome.type === 'done')) return;
    for (const [name, value] of Object.entries(controller.report?.(object, pass) ?? {})) state.draft.fields.set(name, value);
    const wished = 'afterMs' in pass.outcome ? pass.outcome.afterMs : undefined;
    const afterMs = Math.min(wished ?? Infinity, await teller.tell(key, state, pass, world));
    if (error !== undefined) throw error;
    return afterMs === Infinity ? undefined : { afterMs };
  }

  function countFailure(key: string): number {
    const row = (failures.get(key) ?? 0) + 1;
    failures.set(key, row);
    return row;
  }

  return {
    name: controller.name,
    kind,
    changed: concernsUs,
    absent: 'ignored',
    watches: [...owns.map((owned) => ownedBy(kind, owned)), ...controller.watches],
    reads: unique(steps.flatMap((step) => step.needs.reads ?? [])),
    concurrency: controller.concurrency,
    reconcile,
  };
}

/** Our own status write comes back as a change: it must not start a pass, or every pass would start the next. */
function concernsUs(before: AnyLive, now: AnyLive): boolean {
  const [a, b] = [before.metadata, now.metadata];
  return (
    a.uid !== b.uid ||
    a.generation !== b.generation ||
    a.deletionTimestamp !== b.deletionTimestamp ||
    !jsonEqual(a.labels ?? {}, b.labels ?? {}) ||
    !jsonEqual(a.annotations ?? {}, b.annotations ?? {}) ||
    // One that came is no news: ours is put on by the pass that needs it.
    (a.finalizers ?? []).some((one) => b.finalizers?.includes(one) !== true)
  );
}

/** It is being deleted, and nothing that we have to do keeps it. */
function isGone({ steps }: Controller, { metadata }: Live<AnyResource>): boolean {
  if (metadata.deletionTimestamp === undefined) return false;
  return !steps.some((step) => step.whileDeleting && (step.finalizer === undefined || metadata.finalizers?.includes(step.finalizer) === true));
}

/** A pass that only took too long is an error of its object; a process that stops is nobody's. */
function isStopping({ signal }: World): boolean {
  return signal.aborted && !(signal.reason instanceof DOMException && signal.reason.name === 'TimeoutError');
}

async function withPruning(ended: Ended, owns: readonly AnyKind[], state: PassState, world: World, memory: ContextParts['applied']): Promise<Ended> {
  if (ended.pass.outcome.type !== 'done' || state.primary.metadata.deletionTimestamp !== undefined) return ended;
  try {
    await prune(owns, state, world, memory);
    return ended;
  } catch (error) {
    return { pass: { outcome: { type: 'error', ...told(error) }, step: 'prune' }, error };
  }
}

/** Deletes what the object owns of the declared kinds, and what no step wanted in a pass in which each had its say. */
async function prune(owns: readonly AnyKind[], state: PassState, world: World, memory: ContextParts['applied']): Promise<void> {
  const { primary, wanted, kept } = state;
  await world.seen(...owns);
  const staying = new Set(wanted.values());
  for (const kind of owns) {
    for (const object of world.cache.ownedBy(kind, primary.metadata.uid)) {
      const ids = [childId(kind), childId(kind, object.metadata.name)];
      if (ids.some((id) => kept.has(id)) || wanted.has(ids[1]!)) staying.add(object.metadata.uid);
      else await remove(world, kind, object);
    }
  }
  memory.retain(primary, staying);
}

function unique(kinds: readonly AnyKind[]): readonly AnyKind[] {
  return [...new Map(kinds.map((kind) => [kindId(kind), kind])).values()];
}
