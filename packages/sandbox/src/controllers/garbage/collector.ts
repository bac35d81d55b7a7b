import type { AnyKind, Api, Clock, Live } from '@binnacle/client';
import { isNotFound } from '@binnacle/client';
import { CoreEvent, CustomResourceDefinition } from '@binnacle/client/kinds';
import type { OwnerReference } from '@binnacle/client/kinds';
import type { Logger } from '@binnacle/runtime';
import type { Follower } from '../../network/follow.ts';
import { follow } from '../../network/follow.ts';
import { builtinKinds, kindOf } from '../all-kinds.ts';
import type { Standing } from './decide.ts';
import { fate, holdsUp } from './decide.ts';
import type { Graph, Item } from './graph.ts';
import { FOREGROUND, ORPHAN, graph, groupOf, itemOf } from './graph.ts';

const RETRY_FIRST_MS = 100;
const RETRY_MOST_MS = 30_000;

interface World {
  readonly api: Api;
  readonly clock: Clock;
  readonly log: Logger;
}
interface Followed {
  readonly kind: AnyKind;
  /** Absent: its definition was deleted, and all its objects with it. */
  follower: Follower<AnyKind> | undefined;
  synced: boolean;
}
type Kinds = Map<string, Followed>;

/**
 * Deletes what nobody owns any more, and holds owners until their dependents have gone or been let go. Not a `Reconciler`: it follows every kind there
 * is, and kinds come and go with their definitions. Works until closed. Source: spec/sandbox.md §2.6.
 */
export async function startGarbageCollector(world: World): Promise<AsyncDisposable> {
  const stopped = new AbortController();
  const objects = graph();
  const kinds: Kinds = new Map();
  const due = new Set<string>();
  let wake = Promise.withResolvers<void>();
  const enqueue = (uids: readonly string[]) => {
    for (const uid of uids) due.add(uid);
    if (uids.length > 0) wake.resolve();
  };
  const removing = new Set<Promise<unknown>>();
  const addKind = (kind: AnyKind, optional: boolean) => {
    const id = `${kind.group}/${kind.kind}`;
    if (kinds.get(id)?.follower !== undefined) return;
    const changed = (now: Live<AnyKind> | undefined, before: Live<AnyKind> | undefined) =>
      enqueue(now === undefined ? objects.remove(before?.metadata.uid ?? '') : objects.put(itemOf(kind, now)));
    const follower = follow({ ...world, kind, changed, optional });
    const entry: Followed = { kind, follower, synced: false };
    kinds.set(id, entry);
    const synced = follower.synced.then((served) => {
      entry.synced = served;
      enqueue(objects.referringTo(kind.group, kind.kind));
    });
    own(removing, synced);
  };
  const removeKind = (group: string, name: string) => {
    const entry = kinds.get(`${group}/${name}`);
    const follower = entry?.follower;
    if (entry === undefined || follower === undefined) return;
    // It stays known as a kind without objects: what they owned has to go.
    entry.follower = undefined;
    for (const object of follower.values()) enqueue(objects.remove(object.metadata.uid));
    own(removing, follower[Symbol.asyncDispose]());
  };
  // Events own nothing and are owned by nothing; there are many.
  for (const kind of builtinKinds) if (kind !== CoreEvent) addKind(kind, true);
  const definitions = follow({
    ...world,
    kind: CustomResourceDefinition,
    changed(now, before) {
      // A definition that is being deleted still has its objects, whose end we want to see.
      const kind = now === undefined ? undefined : kindOf(now);
      if (kind !== undefined) addKind(kind, false);
      else if (now === undefined && before !== undefined) removeKind(before.spec.group, before.spec.names.kind);
    },
  });
  const retryMs = new Map<string, number>();
  const timers = new Set<Disposable>();
  const later = (uid: string) => {
    const ms = Math.min(retryMs.get(uid) ?? RETRY_FIRST_MS, RETRY_MOST_MS);
    retryMs.set(uid, ms * 2);
    const timer = world.clock.timer(ms, () => {
      timers.delete(timer);
      enqueue([uid]);
    });
    timers.add(timer);
  };
  const work = async () => {
    const over = new Promise<void>((resolve) => stopped.signal.addEventListener('abort', () => resolve(), { once: true }));
    while (!stopped.signal.aborted) {
      for (const uid of due) {
        due.delete(uid);
        if (stopped.signal.aborted) return;
        try {
          await attend(uid, objects, kinds, world.api, stopped.signal);
          retryMs.delete(uid);
        } catch (error) {
          if (stopped.signal.aborted) return;
          if (!isNotFound(error)) world.log.debug({ uid, error: String(error) }, 'garbage collection will be tried again');
          later(uid);
        }
      }
      await Promise.race([wake.promise, over]);
      wake = Promise.withResolvers<void>();
    }
  };
  await Promise.all([definitions.synced, ...[...kinds.values()].map(({ follower }) => follower?.synced)]);
  const working = work();
  return {
    async [Symbol.asyncDispose]() {
      stopped.abort();
      for (const timer of timers) timer[Symbol.dispose]();
      await definitions[Symbol.asyncDispose]();
      await Promise.all([...kinds.values()].map(async ({ follower }) => follower?.[Symbol.asyncDispose]()));
      await Promise.all([working, ...removing]);
    },
  };
}

function own(running: Set<Promise<unknown>>, task: PromiseLike<unknown>): void {
  const owned = Promise.resolve(task).finally(() => running.delete(owned));
  running.add(owned);
}

/** Looks at one object: as an owner that waits for its dependents, then as a dependent. @throws {ApiError} */
async function attend(uid: string, objects: Graph, kinds: Kinds, api: Api, signal: AbortSignal): Promise<void> {
  const item = objects.get(uid);
  if (item === undefined) return;
  if (item.deleting && item.finalizers.includes(ORPHAN)) await orphan(item, objects, api, signal);
  else if (item.deleting && item.finalizers.includes(FOREGROUND)) await waitForDependents(item, objects, api, signal);
  else await collect(item, objects, kinds, api, signal);
}

async function orphan(owner: Item, objects: Graph, api: Api, signal: AbortSignal): Promise<void> {
  for (const dependent of objects.dependents(owner.uid)) await strike(dependent, new Set([owner.uid]), api, signal);
  await dropFinalizer(owner, ORPHAN, api, signal);
}

async function waitForDependents(owner: Item, objects: Graph, api: Api, signal: AbortSignal): Promise<void> {
  const dependents = objects.dependents(owner.uid);
  // They are looked at by themselves: each sees that its owner waits, unless another owner keeps it.
  if (dependents.some((dependent) => holdsUp(owner.uid, dependent))) return;
  await dropFinalizer(owner, FOREGROUND, api, signal);
}

async function collect(item: Item, objects: Graph, kinds: Kinds, api: Api, signal: AbortSignal): Promise<void> {
  if (item.deleting || item.owners.length === 0) return;
  const standings: (readonly [OwnerReference, Standing])[] = [];
  for (const owner of item.owners) standings.push([owner, await standing(item, owner, objects, kinds, api, signal)]);
  const move = fate(item, standings, objects.dependents(item.uid).length > 0);
  if (move.do === 'nothing') return;
  if (move.do === 'strike') return strike(item, new Set(move.owners.map(({ uid }) => uid)), api, signal);
  // Looked up again: an owner may have been added since the watch showed it to us.
  const now = await read(item, api, signal);
  if (now === undefined || now.metadata.uid !== item.uid) return;
  if (JSON.stringify(now.metadata.ownerReferences ?? []) !== JSON.stringify(item.owners)) return;
  const preconditions = { uid: item.uid, resourceVersion: now.metadata.resourceVersion };
  await api.delete(item.kind, item.ref, { propagation: move.propagation, preconditions, signal });
}

/** Never absent by the cache alone: the watch of one kind may be behind that of another. */
async function standing(item: Item, owner: OwnerReference, objects: Graph, kinds: Kinds, api: Api, signal: AbortSignal): Promise<Standing> {
  const known = kinds.get(`${groupOf(owner.apiVersion)}/${owner.kind}`);
  if (known === undefined || !known.synced) return 'unknown';
  const clustered = known.kind.scope === 'Cluster';
  // A cluster-wide object cannot be owned by one in some namespace: nobody can say which one is meant.
  if (!clustered && item.ref.namespace === undefined) return 'unknown';
  const found = objects.get(owner.uid);
  const here = found?.ref.name === owner.name && (clustered || found.ref.namespace === item.ref.namespace);
  if (here && found !== undefined) {
    // Whether the owner waits for this very dependent decides when the owner goes, not whether the dependent does.
    return found.deleting && found.finalizers.includes(FOREGROUND) ? 'waiting' : 'solid';
  }
  const ref = clustered ? { name: owner.name } : { ...item.ref, name: owner.name };
  const stored = await read({ kind: known.kind, ref }, api, signal);
  return stored?.metadata.uid === owner.uid ? 'solid' : 'absent';
}

async function read({ kind, ref }: Pick<Item, 'kind' | 'ref'>, api: Api, signal: AbortSignal): Promise<Live<AnyKind> | undefined> {
  try {
    return await api.get(kind, ref, { signal });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Removes owners from an object, against its version: others may be changing its owners too. */
async function strike(item: Item, owners: ReadonlySet<string>, api: Api, signal: AbortSignal): Promise<void> {
  const now = await read(item, api, signal);
  if (now === undefined || now.metadata.uid !== item.uid) return;
  const before = (now.metadata.ownerReferences ?? []) as readonly OwnerReference[];
  const ownerReferences = before.filter(({ uid }) => !owners.has(uid));
  if (ownerReferences.length === before.length) return;
  const { resourceVersion } = now.metadata;
  await api.patch(item.kind, item.ref, { type: 'merge', body: { metadata: { resourceVersion, ownerReferences } } }, { signal });
}

async function dropFinalizer(item: Item, finalizer: string, api: Api, signal: AbortSignal): Promise<void> {
  const now = await read(item, api, signal);
  if (now === undefined || now.metadata.uid !== item.uid) return;
  const { finalizers = [], resourceVersion } = now.metadata as { readonly finalizers?: readonly string[]; readonly resourceVersion: string };
  if (!finalizers.includes(finalizer)) return;
  const left = finalizers.filter((one) => one !== finalizer);
  await api.patch(item.kind, item.ref, { type: 'merge', body: { metadata: { resourceVersion, finalizers: left } } }, { signal });
}
