import { isAlreadyExists, isNotFound } from '@binnacle/client';
import type { AnyKind, Live, Ref, Written } from '@binnacle/client';
import type { OwnerReference } from '@binnacle/client/kinds';
import { kindId, keyOf, refTo } from '../cache/id.ts';
import type { AnyLive } from '../cache/id.ts';
import type { AnyResource, ApplyOptions, Context, Desired, Owner } from '../context.ts';
import type { EventRecorder } from '../events/recorder.ts';
import type { Logger } from '../log.ts';
import { done } from '../outcome.ts';
import { keepOf } from '../part.ts';
import type { World } from '../reconciler.ts';
import type { Step } from '../step.ts';
import type { Applied } from './applied.ts';
import { childRef, whole } from './desired.ts';
import type { Whole } from './desired.ts';
import type { Shared } from './shared.ts';
import type { StatusDraft } from './status.ts';
import { changesTemplate, isTheirs, takeFields, takeTemplate, templateOf } from './take-over.ts';

/** What one pass over one object has come to so far. */
export interface PassState {
  readonly primary: Live<AnyResource>;
  /** What its spec breaks of its schema. */
  readonly faults: readonly string[];
  readonly draft: StatusDraft;
  /** Children that this pass applied or made sure of, and their UIDs. */
  readonly wanted: Map<string, string>;
  /** Kinds and children that are to stay although nothing applied them. */
  readonly kept: Set<string>;
  /** Whether this pass wrote a child. */
  made: boolean;
  readonly shared: Shared;
}

/** What contexts are made of. */
export interface ContextParts {
  readonly world: World;
  readonly fieldManager: string;
  /** Field managers of the operator in whose place this one is. */
  readonly formerly: readonly string[];
  readonly applied: Applied;
  readonly events: EventRecorder;
}

/** Names a child within its primary object. */
export function childId(kind: AnyKind, name?: string): string {
  return name === undefined ? kindId(kind) : `${kindId(kind)} ${name}`;
}

/** The kinds that a step may apply, and those that it may read. */
interface Allowed {
  readonly owns: ReadonlySet<string>;
  readonly readable: ReadonlySet<string>;
}

const allowed = new WeakMap<Step, Allowed>();

function allowedBy(step: Step): Allowed {
  let known = allowed.get(step);
  if (known === undefined) {
    const owns = new Set(step.needs.owns?.map(kindId));
    allowed.set(step, (known = { owns, readable: new Set([...owns, ...(step.needs.reads?.map(kindId) ?? [])]) }));
  }
  return known;
}

/** The context of one step in one pass. What the step did not declare is refused here too, for callers without types. */
export function contextOf(parts: ContextParts, step: Step, state: PassState): Context<AnyResource, AnyKind, AnyKind> {
  const { world, events } = parts;
  const { clock, signal, mustLead } = world;
  const { primary, draft, kept } = state;
  const { owns, readable } = allowedBy(step);
  const check = (kinds: ReadonlySet<string>, kind: AnyKind): void => {
    if (!kinds.has(kindId(kind))) throw new Error(`step ${step.name} does not declare ${kindId(kind)} in its needs`);
  };
  const read = async <K extends AnyKind>(kind: K, ref: Ref): Promise<Live<K> | undefined> => {
    await world.seen(kind);
    return world.cache.get(kind, ref);
  };

  let log: Logger | undefined;
  return {
    signal,
    mustLead,
    clock,
    faults: state.faults,
    // Most steps have nothing to say, and there are dozens in a pass.
    get log() {
      return (log ??= world.log.child({ step: step.name }));
    },
    get(kind, name, options) {
      check(readable, kind);
      return read(kind, options?.namespace === undefined ? childRef(kind, name, primary) : { namespace: options.namespace, name });
    },
    async list(kind, options) {
      check(readable, kind);
      await world.seen(kind);
      const { labels } = options ?? {};
      return world.cache.list(kind, { ...around(kind, primary), ...(labels === undefined ? {} : { labels }) });
    },
    async find(index, key) {
      check(readable, index.kind);
      await world.seen(index.kind);
      return world.cache.find(index, key, around(index.kind, primary));
    },
    async apply(kind, desired, options) {
      check(owns, kind);
      if (keepOf(kind) !== undefined)
        throw new Error(`step ${step.name} applies ${kindId(kind)}, of which a part alone is kept: nobody can see whether it differs`);
      return await apply(parts, state, kind, desired, options);
    },
    async ensure(kind, name, create, options) {
      check(owns, kind);
      const ref = childRef(kind, name, primary);
      const there = await read(kind, ref);
      if (there !== undefined && options?.owner === 'none') await disown(parts, kind, there, primary);
      const object = there ?? (await createOnce(parts, kind, ref, () => born(kind, name, create(), primary, options?.owner)));
      if (there === undefined) state.made = true;
      state.wanted.set(childId(kind, name), object.metadata.uid);
      return object;
    },
    async delete(kind, name) {
      check(owns, kind);
      const object: AnyLive | undefined = await read(kind, childRef(kind, name, primary));
      if (object !== undefined) await remove(world, kind, object);
    },
    keep(kind, name) {
      check(owns, kind);
      kept.add(childId(kind, name));
      return done;
    },
    shared: (key, open) => state.shared.get(key, open),
    status(fields) {
      for (const [name, value] of Object.entries(fields)) draft.fields.set(name, value);
    },
    condition(type, status, reason, message) {
      if (type === 'Ready' || type === 'Progressing') throw new Error(`${type} follows from how the pass ends: no step sets it`);
      draft.conditions.set(type, { status, reason, message });
    },
    event: (type, reason, message, action) => events.record(primary, { type, reason, message, action: action ?? step.name }),
  };
}

/** Where a step looks for several objects. */
function around(kind: AnyKind, primary: Live<AnyResource>): { readonly namespace?: string } {
  const { namespace } = primary.metadata as { readonly namespace?: string };
  return kind.scope === 'Cluster' || namespace === undefined ? {} : { namespace };
}

async function apply<K extends AnyKind>(
  parts: ContextParts,
  state: PassState,
  kind: K,
  desired: Desired<K>,
  { owner = 'controller', since }: ApplyOptions<K> = {},
): Promise<Live<K>> {
  const { world, fieldManager, formerly } = parts;
  const wanted = whole(kind, desired, state.primary, owner);
  const id = childId(kind, wanted.metadata.name);
  await world.seen(kind);
  const live = world.cache.get(kind, wanted.metadata);
  if (live !== undefined && parts.applied.isNoop(state.primary, live, wanted)) {
    state.wanted.set(id, live.metadata.uid);
    return live;
  }
  const body = (over: string | undefined) => written<K>(over === undefined ? wanted : { ...wanted, metadata: { ...wanted.metadata, resourceVersion: over } });
  const how = { fieldManager, force: true, signal: world.signal };
  const taking = { fieldManager, formerly, owner: state.primary.metadata.uid };
  // What belongs to nobody may hold more than we apply, and more than we know of: there everybody keeps what is theirs.
  const takes = live !== undefined && owner !== 'none' && formerly.length > 0;
  if (takes && templateOf(wanted) !== undefined && parts.applied.mayBeTheirs(state.primary, live)) {
    const tried = (over: string) => world.api.apply(kind, body(over), { ...how, dryRun: true });
    await takeTemplate(kind, refTo(live), tried, taking, world);
  }
  let result = await world.api.apply(kind, body(since?.metadata.resourceVersion), how);
  state.made = true;
  if (takes && (await takeFields(kind, result, { ...taking, restarts: changesTemplate(live, result) }, world)))
    result = await world.api.apply(kind, body(undefined), how);
  parts.applied.applied(state.primary, result, wanted, isTheirs(result, taking));
  state.wanted.set(id, result.metadata.uid);
  return result;
}

/** Sound: `whole` made it of what is desired of this kind, which its own type no longer says. */
const written = <K extends AnyKind>(object: Whole) => object as unknown as Written<K>;

/** @throws {Error} when the object to be created has another name than the one that was looked for: it would be created again and again. */
function born<K extends AnyKind>(kind: K, name: string, desired: Desired<K>, primary: Live<AnyResource>, owner: Owner = 'controller'): Whole {
  if (desired.name !== name) throw new Error(`${kind.kind} ${name} was to be made sure of, and ${String(desired.name)} is what would be created`);
  return whole(kind, desired, primary, owner);
}

/** What is to belong to nobody may have been made by whoever was here before us, as the primary object's own: it would go with it. */
async function disown(parts: ContextParts, kind: AnyKind, object: AnyLive, primary: Live<AnyResource>): Promise<void> {
  const owners: readonly OwnerReference[] = object.metadata.ownerReferences ?? [];
  const others = owners.filter(({ uid }) => uid !== primary.metadata.uid);
  if (others.length === owners.length) return;
  const body = { metadata: { resourceVersion: object.metadata.resourceVersion, ownerReferences: others } };
  await parts.world.api.patch(kind, refTo(object), { type: 'merge', body }, { fieldManager: parts.fieldManager, signal: parts.world.signal });
}

/** The one that is there when somebody was faster, or when an earlier try of ours had come through. */
async function createOnce<K extends AnyKind>(parts: ContextParts, kind: K, ref: Ref, object: () => Whole): Promise<Live<K>> {
  const { api, signal } = parts.world;
  try {
    return await api.create(kind, written<K>(object()), { fieldManager: parts.fieldManager, signal });
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    return await api.get(kind, ref, { signal });
  }
}

/** Deletes this very object and none that took its name since; one that is going already is left alone. */
export async function remove(world: World, kind: AnyKind, object: AnyLive): Promise<void> {
  if (object.metadata.deletionTimestamp !== undefined) return;
  try {
    const { uid } = object.metadata;
    await world.api.delete(kind, refTo(object), { propagation: 'Background', preconditions: { uid }, signal: world.signal });
    world.log.info({ kind: kindId(kind), name: keyOf(refTo(object)) }, 'deleted');
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
