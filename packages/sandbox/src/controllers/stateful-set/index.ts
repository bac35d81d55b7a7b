import type { Live, Ref } from '@binnacle/client';
import { isAlreadyExists, isNotFound } from '@binnacle/client';
import { ControllerRevision, PersistentVolumeClaim, Pod, StatefulSet } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';
import { around } from '../around.ts';
import { record } from '../event.ts';
import { same } from '../hash.ts';
import { selects } from '../labels.ts';
import { controlledBy, controllerOf, controllerRef } from '../owner.ts';
import { claimOwners, claimsOf, identityLabels, isStale, podOf } from './identity.ts';
import type { Action, Observed } from './plan.ts';
import { ordinalOf, plan } from './plan.ts';
import type { PodRevision } from '../revision.ts';
import { claimRevisions, expired, podRevision, settleRevision } from '../revision.ts';
import { statusOf } from './status.ts';

type Set_ = Live<typeof StatefulSet>;
type LivePod = Live<typeof Pod>;
const COMPONENT = 'statefulset-controller';

/** Runs StatefulSets: ordered pods with an identity and claims of their own. Source: spec/sandbox.md §2.13. */
export const statefulSet: Reconciler = {
  name: 'statefulset',
  kind: StatefulSet,
  watches: [
    watch(Pod, podWakes),
    watch(ControllerRevision, (revision) => controllerRef(revision, StatefulSet)),
    // A claim that goes with its pod holds up the pod's successor.
    watch(PersistentVolumeClaim, ({ metadata }) => [
      ...controllerRef({ metadata }, StatefulSet),
      ...(metadata.ownerReferences ?? []).flatMap(({ kind, name }) => (kind === 'Pod' ? setOf(metadata.namespace, name) : [])),
    ]),
  ],
  concurrency: 4,
  reconcile,
};

/** Also a pod that nobody controls may be one of ours: its name says whose. */
function podWakes(pod: LivePod): readonly Ref[] {
  return controllerOf(pod) === undefined ? setOf(pod.metadata.namespace, pod.metadata.name) : controllerRef(pod, StatefulSet);
}

function setOf(namespace: string, pod: string): readonly Ref[] {
  const match = /^(.+)-\d+$/.exec(pod);
  return match === null ? [] : [{ namespace, name: match[1]! }];
}

async function reconcile(ref: Ref, world: World): Promise<void | { readonly afterMs: number }> {
  const set = world.cache.get(StatefulSet, ref);
  if (set === undefined) return;
  // A new revision would be one more dependent for the garbage collector to wait for, and it would never be done.
  if (set.metadata.deletionTimestamp !== undefined) return;
  const revisions = await claimRevisions(set, world);
  const update = await settleRevision(set, revisions, world);
  const current = revisions.find((revision) => revision.metadata.name === set.status?.currentRevision) ?? update;
  const pods = await claimPods(set, world);
  const observed: Observed = { set, pods, currentRevision: current.metadata.name, updateRevision: update.metadata.name, nowMs: world.clock.now() };
  const { actions, afterMs } = plan(observed);
  const byName = new Map([current, update].map((revision) => [revision.metadata.name, podRevision(revision)]));
  let ended: boolean;
  try {
    ended = await actAll(set, actions, pods, byName, world);
  } finally {
    // Says what was there before, and comes last, also when something failed: whoever reads a status that has seen the spec finds what was done about it.
    await writeStatus(set, statusOf(observed), world);
  }
  if (!ended) return;
  const live = new Set([...byName.keys(), ...pods.map((pod) => pod.metadata.labels?.['controller-revision-hash'] ?? '')]);
  for (const { metadata } of expired(set, revisions, live)) await drop(ControllerRevision, metadata, world);
  if (afterMs !== undefined) return { afterMs };
}

/** False: the rest of the plan has to wait for another pass. */
async function actAll(
  set: Set_,
  actions: readonly Action[],
  pods: readonly LivePod[],
  revisions: ReadonlyMap<string, PodRevision>,
  world: World,
): Promise<boolean> {
  for (const action of actions) if (!(await act(set, action, pods, revisions, world))) return false;
  return true;
}

/** The pods this set controls, after adopting orphans that fit it and letting go of pods that no longer do. */
async function claimPods(set: Set_, world: World): Promise<readonly LivePod[]> {
  const pods: LivePod[] = [];
  for (const pod of around(Pod, set, world.cache)) {
    const owner = controllerOf(pod);
    const fits = selects(set.spec?.selector, pod.metadata.labels) && ordinalOf(set.metadata.name, pod.metadata.name) !== undefined;
    if (owner?.uid === set.metadata.uid) {
      if (fits) pods.push(pod);
      else
        await own(
          pod,
          (pod.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== set.metadata.uid),
          world,
        );
    } else if (owner === undefined && fits && pod.metadata.deletionTimestamp === undefined) {
      pods.push(await own(pod, [...(pod.metadata.ownerReferences ?? []), controlledBy(StatefulSet, set)], world));
    }
  }
  return pods;
}

async function own(pod: LivePod, ownerReferences: readonly unknown[], { api, signal }: World): Promise<LivePod> {
  // With the version: somebody else may be adopting it at the same time.
  const metadata = { uid: pod.metadata.uid, resourceVersion: pod.metadata.resourceVersion, ownerReferences };
  return api.patch(Pod, pod.metadata, { type: 'merge', body: { metadata } }, { signal });
}

/** False: the rest of the plan has to wait for another pass. */
async function act(set: Set_, action: Action, pods: readonly LivePod[], revisions: ReadonlyMap<string, PodRevision>, world: World): Promise<boolean> {
  switch (action.do) {
    case 'create':
      return create(set, action.ordinal, pods, revisions.get(action.revision)!, world);
    case 'keep':
      await keepIdentity(action.pod, action.ordinal, world);
      await createClaims(set, action.ordinal, world);
      await settleClaims(set, action.ordinal, action.pod, false, world);
      return true;
    case 'condemn':
      await settleClaims(set, action.ordinal, action.pod, true, world);
      return true;
    case 'delete':
      await remove(set, action.pod, world);
      return true;
    default:
      return action satisfies never;
  }
}

async function create(set: Set_, ordinal: number, pods: readonly LivePod[], revision: PodRevision, world: World): Promise<boolean> {
  for (const { metadata } of claimsOf(set, ordinal)) {
    const claim = world.cache.get(PersistentVolumeClaim, metadata);
    if (claim !== undefined && isStale(claim, pods)) return false;
  }
  const pod = podOf(set, ordinal, revision);
  await say(set, 'create', `Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`, 'successful', world, async () => {
    await createClaims(set, ordinal, world);
    const made = await world.api.create(Pod, pod, { signal: world.signal });
    await settleClaims(set, ordinal, made, false, world);
  });
  return true;
}

async function createClaims(set: Set_, ordinal: number, world: World): Promise<void> {
  for (const claim of claimsOf(set, ordinal)) {
    if (world.cache.get(PersistentVolumeClaim, claim.metadata) !== undefined) continue;
    const what = `Claim ${claim.metadata.name} Pod ${set.metadata.name}-${ordinal} in StatefulSet ${set.metadata.name}`;
    await say(set, 'create', what, 'success', world, async () => {
      await world.api.create(PersistentVolumeClaim, claim, { signal: world.signal });
    });
  }
}

async function keepIdentity(pod: LivePod, ordinal: number, { api, signal }: World): Promise<void> {
  const labels = identityLabels(pod.metadata.name, ordinal);
  if (Object.entries(labels).every(([key, value]) => pod.metadata.labels?.[key] === value)) return;
  await api.patch(Pod, pod.metadata, { type: 'merge', body: { metadata: { labels } } }, { signal });
}

async function settleClaims(set: Set_, ordinal: number, pod: LivePod, condemned: boolean, { api, cache, signal }: World): Promise<void> {
  for (const { metadata } of claimsOf(set, ordinal)) {
    const claim = cache.get(PersistentVolumeClaim, metadata);
    const ownerReferences = claim === undefined ? undefined : claimOwners(set, claim, pod, condemned);
    if (ownerReferences !== undefined) await api.patch(PersistentVolumeClaim, metadata, { type: 'merge', body: { metadata: { ownerReferences } } }, { signal });
  }
}

async function remove(set: Set_, pod: LivePod, world: World): Promise<void> {
  await say(set, 'delete', `Pod ${pod.metadata.name} in StatefulSet ${set.metadata.name}`, 'successful', world, () => drop(Pod, pod.metadata, world));
}

/** Deletes with the UID we saw; gone already is as good. */
async function drop(
  kind: typeof Pod | typeof ControllerRevision,
  { namespace, name, uid }: { readonly namespace: string; readonly name: string; readonly uid: string },
  { api, signal }: World,
): Promise<void> {
  try {
    await api.delete(kind, { namespace, name }, { preconditions: { uid }, signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** Does something and says on the set how it went. */
async function say(set: Set_, verb: 'create' | 'delete', what: string, well: string, world: World, task: () => Promise<void>): Promise<void> {
  const word = verb === 'create' ? 'Create' : 'Delete';
  try {
    await task();
  } catch (error) {
    if (world.signal.aborted) throw error;
    // Somebody was faster, or our own earlier request came through: the next pass sees which.
    if (!isAlreadyExists(error)) {
      const message = `${verb} ${what} failed error: ${error instanceof Error ? error.message : String(error)}`;
      await record(world, StatefulSet, set, { type: 'Warning', reason: `Failed${word}`, message, component: COMPONENT });
    }
    throw error;
  }
  await record(world, StatefulSet, set, { type: 'Normal', reason: `Successful${word}`, message: `${verb} ${what} ${well}`, component: COMPONENT });
}

async function writeStatus(set: Set_, status: ReturnType<typeof statusOf>, { api, signal }: World): Promise<void> {
  const now = set.status;
  const before = now === undefined ? {} : Object.fromEntries(Object.keys(status).map((key) => [key, now[key as keyof typeof now] ?? 0]));
  if (same(before, status)) return;
  await api.patch(StatefulSet, set.metadata, { type: 'merge', body: { status } }, { subresource: 'status', signal });
}
