import type { Live, Ref } from '@binnacle/client';
import { Deployment, Pod, ReplicaSet } from '@binnacle/client/kinds';
import type { DeploymentStatus } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';
import { same } from '../hash.ts';
import { controllerRef } from '../owner.ts';
import { isTerminal } from '../pod.ts';
import type { Counted } from './rollout.ts';
import { limitsOf, proportional, rollingStep } from './rollout.ts';
import { familyOf, notedOn, numbered, prune, setSize, withNewSet } from './sets.ts';
import type { Family, Said } from './status.ts';
import { conditionOf, countedStatus, hasDeadline, isComplete, rolloutStatus, untilLate, withCondition } from './status.ts';

type LiveDeployment = Live<typeof Deployment>;
type Set_ = Live<typeof ReplicaSet>;

/** Rolls Deployments out over ReplicaSets. Source: spec/sandbox.md §2.14; what is told when, pkg/controller/deployment. */
export const deployment: Reconciler = {
  name: 'deployment',
  kind: Deployment,
  watches: [watch(ReplicaSet, (set) => controllerRef(set, Deployment))],
  reads: [Pod],
  concurrency: 4,
  reconcile,
};

async function reconcile(ref: Ref, world: World): Promise<void | { readonly afterMs: number }> {
  const found = world.cache.get(Deployment, ref);
  if (found === undefined) return;
  const leaving = found.metadata.deletionTimestamp !== undefined;
  const family = await numbered(familyOf(leaving ? found : await tellPause(found, world), world), world);
  if (leaving) return void (await tell(family.object, countedStatus(family, world.clock.now()), world));
  const { object } = family;
  if (object.spec?.paused === true || isScaled(family)) return await rescale(family, world);
  return object.spec?.strategy?.type === 'Recreate' ? await recreate(family, world) : await roll(family, world);
}

/** A pause is told of at once, so that the time that it takes counts as no delay of the rollout. Source: pkg/controller/deployment/sync.go, checkPausedConditions. */
async function tellPause(object: LiveDeployment, world: World): Promise<LiveDeployment> {
  const before = conditionOf(object.status, 'Progressing');
  const paused = object.spec?.paused === true;
  if (!hasDeadline(object) || before?.reason === 'ProgressDeadlineExceeded' || paused === (before?.reason === 'DeploymentPaused')) return object;
  const state = paused ? 'Paused' : 'Resumed';
  const said: Said = { type: 'Progressing', status: 'Unknown', reason: `Deployment${state}`, message: `Deployment is ${state.toLowerCase()}` };
  return await tell(object, { conditions: withCondition(object.status?.conditions ?? [], said, world.clock.now()) }, world);
}

/** Whether somebody wants another number of pods than when its ReplicaSets got their sizes. Recreate knows no shares: its old ReplicaSets end first. */
function isScaled({ object, current, old }: Family): boolean {
  const wanted = object.spec?.replicas ?? 1;
  if (object.spec?.strategy?.type === 'Recreate' && active(old).length > 0 && current !== undefined) return false;
  return active([...old, ...(current === undefined ? [] : [current])]).some((set) => (notedOn(set).desired ?? wanted) !== wanted);
}

/** Sizes alone, without a step of the rollout: paused it is scaled all the same, also when the template has no ReplicaSet yet. Source: sync.go, sync and scale. */
async function rescale(family: Family, world: World): Promise<void> {
  const { object, current, old } = family;
  const wanted = object.spec?.replicas ?? 1;
  const all = [...old, ...(current === undefined ? [] : [current])];
  const some = active(all);
  const only = some.length > 1 ? undefined : (some[0] ?? current ?? old.at(-1));
  if (only !== undefined) await setSize(object, only, wanted, world);
  else if (current !== undefined && isSaturated(current, wanted)) for (const set of active(old)) await setSize(object, set, 0, world);
  else if (some.length > 1 && object.spec?.strategy?.type !== 'Recreate') {
    const allowed = wanted === 0 ? 0 : wanted + limitsOf(object.spec).maxSurge;
    // Where it is not noted, what there is now is the best guess.
    const shares = some.map((set) => ({ ...counted(set), allowedBefore: (notedOn(set).most ?? 0) || (object.status?.replicas ?? 0) }));
    const sizes = proportional(shares, allowed);
    for (const set of some) await setSize(object, set, sizes.get(set.metadata.name) ?? set.spec?.replicas ?? 0, world);
  }
  if (object.spec?.paused === true) await prune(family, world);
  await tell(object, countedStatus(family, world.clock.now()), world);
}

function isSaturated(set: Set_, wanted: number): boolean {
  return (set.spec?.replicas ?? 0) === wanted && notedOn(set).desired === wanted && (set.status?.availableReplicas ?? 0) === wanted;
}

async function roll(found: Family, world: World): Promise<void | { readonly afterMs: number }> {
  const family = found.current === undefined ? await withNewSet(found, world) : { ...found, current: found.current };
  const { object, current, old } = family;
  const sizes = rollingStep({ wanted: object.spec?.replicas ?? 1, ...limitsOf(object.spec), current: counted(current), old: old.map(counted) });
  for (const set of [...old, current]) if (sizes.has(set.metadata.name)) await setSize(object, set, sizes.get(set.metadata.name)!, world);
  if (sizes.size === 0 && isComplete(object, object.status)) await prune(family, world);
  return await tellProgress(family, world);
}

/** Old pods are all gone, not only asked to: Recreate is for programs that bear no second one beside them. Source: pkg/controller/deployment/recreate.go. */
async function recreate(found: Family, world: World): Promise<void | { readonly afterMs: number }> {
  const { object, old } = found;
  let scaled = false;
  for (const set of active(old)) scaled = (await setSize(object, set, 0, world)) || scaled;
  const pods = old.flatMap(({ metadata }) => world.cache.ownedBy(Pod, metadata.uid));
  if (scaled || old.some(({ status }) => (status?.replicas ?? 0) > 0) || pods.some((pod) => !isTerminal(pod))) return await tellProgress(found, world);
  const family = found.current === undefined ? await withNewSet(found, world) : { ...found, current: found.current };
  await setSize(family.object, family.current, object.spec?.replicas ?? 1, world);
  if (isComplete(family.object, family.object.status)) await prune(family, world);
  return await tellProgress(family, world);
}

async function tellProgress(family: Family, world: World): Promise<void | { readonly afterMs: number }> {
  const object = await tell(family.object, rolloutStatus(family, world.clock.now()), world);
  const afterMs = untilLate(object, world.clock.now());
  if (afterMs !== undefined) return { afterMs };
}

/** Writes what differs of a status. */
async function tell(object: LiveDeployment, status: DeploymentStatus, { api, signal }: World): Promise<LiveDeployment> {
  const before = object.status as Readonly<Record<string, unknown>> | undefined;
  const now = Object.fromEntries(Object.keys(status).map((key) => [key, before?.[key] ?? (key === 'conditions' ? [] : 0)]));
  if (same(now, status)) return object;
  return await api.patch(Deployment, object.metadata, { type: 'merge', body: { status } }, { subresource: 'status', signal });
}

const active = (sets: readonly Set_[]): readonly Set_[] => sets.filter(({ spec }) => (spec?.replicas ?? 0) > 0);

function counted(set: Set_): Counted {
  return { name: set.metadata.name, replicas: set.spec?.replicas ?? 0, available: set.status?.availableReplicas ?? 0 };
}
