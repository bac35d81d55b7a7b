import type { Live, Ref } from '@binnacle/client';
import { isNotFound, parseTimestamp } from '@binnacle/client';
import { Deployment, Pod, ReplicaSet } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { watch } from '@binnacle/runtime';
import { record } from '../event.ts';
import { canonical, same, shortHash } from '../hash.ts';
import { controlledBy, controllerOf, controllerRef } from '../owner.ts';
import type { Counted, Sizes } from './rollout.ts';
import { limits, proportional, rollingStep } from './rollout.ts';
import { statusOf } from './status.ts';

type LiveDeployment = Live<typeof Deployment>;
type Set_ = Live<typeof ReplicaSet>;
const COMPONENT = 'deployment-controller';
const HASH = 'pod-template-hash';
const REVISION = 'deployment.kubernetes.io/revision';
const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const MAX = 'deployment.kubernetes.io/max-replicas';

/** Rolls Deployments out over ReplicaSets. Source: spec/sandbox.md §2.14. */
export const deployment: Reconciler = {
  name: 'deployment',
  kind: Deployment,
  watches: [watch(ReplicaSet, (set) => controllerRef(set, Deployment))],
  reads: [Pod],
  concurrency: 4,
  reconcile,
};

async function reconcile(ref: Ref, world: World): Promise<void | { readonly afterMs: number }> {
  const object = world.cache.get(Deployment, ref);
  if (object === undefined || object.metadata.deletionTimestamp !== undefined) return;
  const sets = world.cache.ownedBy(ReplicaSet, object.metadata.uid).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  const current = sets.find((set) => sameTemplate(object, set));
  const old = sets.filter((set) => set !== current).toSorted(byAge);
  const paused = object.spec?.paused === true;
  if (current === undefined) {
    if (!paused && (object.spec?.strategy?.type !== 'Recreate' || (await emptied(object, old, world)))) await createSet(object, old, world);
  } else if (!paused) await number(current, old, world);
  // Paused it is scaled all the same, also when the template has no ReplicaSet yet.
  if (current !== undefined) await resize(object, current, [...old, current], world);
  else if (paused && old.length > 0) await resize(object, old.at(-1)!, old, world);
  if (current !== undefined && !paused) await prune(object, old, world);
  return writeStatus(object, current, old, world);
}

/** Old pods are all gone, not only asked to: Recreate is for programs that bear no second one beside them. */
async function emptied(object: LiveDeployment, old: readonly Set_[], world: World): Promise<boolean> {
  for (const set of old) await setSize(object, set, 0, world);
  const uids = new Set(old.map(({ metadata }) => metadata.uid));
  return !world.cache.list(Pod, { namespace: object.metadata.namespace }).some((pod) => uids.has(controllerOf(pod)?.uid ?? ''));
}

async function createSet(object: LiveDeployment, old: readonly Set_[], world: World): Promise<void> {
  const { template, selector, minReadySeconds } = object.spec!;
  const hash = shortHash(`${canonical(template)}${object.status?.collisionCount ?? 0}`);
  const wanted = object.spec?.replicas ?? 1;
  const total = old.reduce((sum, set) => sum + (set.spec?.replicas ?? 0), 0);
  const { maxSurge } = limitsOf(object);
  const replicas = object.spec?.strategy?.type === 'Recreate' ? wanted : Math.min(wanted, Math.max(0, wanted + maxSurge - total));
  const name = `${object.metadata.name}-${hash}`;
  const labels = { ...template.metadata?.labels, [HASH]: hash };
  const set = {
    metadata: {
      name,
      namespace: object.metadata.namespace,
      labels,
      annotations: { [REVISION]: String(highest(old) + 1), [DESIRED]: String(wanted), [MAX]: String(wanted + maxSurge) },
      ownerReferences: [controlledBy(Deployment, object)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
  await world.api.create(ReplicaSet, set, { signal: world.signal });
  await scaled(object, name, 0, replicas, world);
}

/** A rollback gives an old ReplicaSet the newest number. The Deployment shows the number of the one in use. */
async function number(current: Set_, old: readonly Set_[], { api, signal }: World): Promise<void> {
  const newest = highest(old) + 1;
  if (revisionOf(current) >= newest) return;
  const history = [current.metadata.annotations?.['deployment.kubernetes.io/revision-history'], revisionOf(current)].filter(
    (part) => part !== undefined && part !== 0,
  );
  const annotations = { [REVISION]: String(newest), 'deployment.kubernetes.io/revision-history': history.join(',') };
  await api.patch(ReplicaSet, current.metadata, { type: 'merge', body: { metadata: { annotations } } }, { signal });
}

/** `current`: the one that grows. `all`: it and the older ones. */
async function resize(object: LiveDeployment, current: Set_, all: readonly Set_[], world: World): Promise<void> {
  const wanted = object.spec?.replicas ?? 1;
  const { maxSurge, maxUnavailable } = limitsOf(object);
  const old = all.filter((set) => set !== current);
  const active = all.filter((set) => (set.spec?.replicas ?? 0) > 0);
  const rescaled = active.some((set) => set.metadata.annotations?.[DESIRED] !== undefined && set.metadata.annotations[DESIRED] !== String(wanted));
  let sizes: Sizes = new Map();
  if (rescaled || object.spec?.paused === true) {
    const only = active.length <= 1 ? (active[0] ?? current) : undefined;
    const before = Number(active[0]?.metadata.annotations?.[MAX] ?? wanted);
    const allowed = wanted === 0 ? 0 : wanted + maxSurge;
    sizes = only === undefined ? proportional(active.map(counted), allowed, before) : new Map([[only.metadata.name, wanted]]);
  } else if (object.spec?.strategy?.type === 'Recreate') sizes = new Map([[current.metadata.name, wanted]]);
  else sizes = rollingStep({ wanted, maxSurge, maxUnavailable, current: counted(current), old: old.map(counted) });
  for (const set of all) await setSize(object, set, sizes.get(set.metadata.name) ?? set.spec?.replicas ?? 0, world);
}

async function setSize(object: LiveDeployment, set: Set_, replicas: number, world: World): Promise<void> {
  const wanted = object.spec?.replicas ?? 1;
  const annotations = { [DESIRED]: String(wanted), [MAX]: String(wanted + limitsOf(object).maxSurge) };
  const before = set.spec?.replicas ?? 0;
  const noted = replicas === 0 || Object.entries(annotations).every(([key, value]) => set.metadata.annotations?.[key] === value);
  if (before === replicas && noted) return;
  await world.api.patch(ReplicaSet, set.metadata, { type: 'merge', body: { metadata: { annotations }, spec: { replicas } } }, { signal: world.signal });
  if (before !== replicas) await scaled(object, set.metadata.name, before, replicas, world);
}

async function scaled(object: LiveDeployment, name: string, from: number, to: number, world: World): Promise<void> {
  const message = `Scaled ${to >= from ? 'up' : 'down'} replica set ${name} from ${from} to ${to}`;
  await record(world, Deployment, object, { type: 'Normal', reason: 'ScalingReplicaSet', message, component: COMPONENT });
}

/** Old ReplicaSets without pods are kept for going back, so many. */
async function prune(object: LiveDeployment, old: readonly Set_[], { api, signal }: World): Promise<void> {
  const idle = old.filter(
    ({ spec, status, metadata }) =>
      (spec?.replicas ?? 0) === 0 && (status?.replicas ?? 0) === 0 && (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0),
  );
  const keep = object.spec?.revisionHistoryLimit ?? 10;
  for (const { metadata } of idle.toSorted((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, idle.length - keep))) {
    try {
      await api.delete(ReplicaSet, metadata, { preconditions: { uid: metadata.uid }, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

async function writeStatus(
  object: LiveDeployment,
  current: Set_ | undefined,
  old: readonly Set_[],
  { api, clock, signal }: World,
): Promise<void | { readonly afterMs: number }> {
  const status = statusOf(object, current, old, clock.now());
  const before = object.status as Readonly<Record<string, unknown>> | undefined;
  const now = Object.fromEntries(Object.keys(status).map((key) => [key, before?.[key] ?? 0]));
  if (!same(now, status)) await api.patch(Deployment, object.metadata, { type: 'merge', body: { status } }, { subresource: 'status', signal });
  const revision = current === undefined ? undefined : current.metadata.annotations?.[REVISION];
  if (revision !== undefined && object.metadata.annotations?.[REVISION] !== revision)
    await api.patch(Deployment, object.metadata, { type: 'merge', body: { metadata: { annotations: { [REVISION]: revision } } } }, { signal });
  const progressing = status.conditions?.find(({ type }) => type === 'Progressing');
  if (progressing?.status !== 'True' || progressing.reason === 'NewReplicaSetAvailable') return;
  const deadline = parseTimestamp(progressing.lastUpdateTime ?? '') + (object.spec?.progressDeadlineSeconds ?? 600) * 1000;
  return { afterMs: Math.max(1000, deadline - clock.now() + 1000) };
}

function counted(set: Set_): Counted {
  return { name: set.metadata.name, replicas: set.spec?.replicas ?? 0, available: set.status?.availableReplicas ?? 0 };
}

function limitsOf(object: LiveDeployment) {
  const { maxSurge = '25%', maxUnavailable = '25%' } = object.spec?.strategy?.rollingUpdate ?? {};
  if (object.spec?.strategy?.type === 'Recreate') return { maxSurge: 0, maxUnavailable: 0 };
  return limits(object.spec?.replicas ?? 1, maxSurge, maxUnavailable);
}

/** The hash label is ours, the rest is the Deployment's template. */
function sameTemplate(object: LiveDeployment, set: Set_): boolean {
  const { [HASH]: _, ...labels } = set.spec?.template?.metadata?.labels ?? {};
  const strip = (metadata: unknown) => JSON.parse(JSON.stringify(metadata ?? {})) as Record<string, unknown>;
  const theirs = { ...set.spec?.template, metadata: { ...strip(set.spec?.template?.metadata), labels } };
  return same(theirs, {
    ...object.spec?.template,
    metadata: { ...strip(object.spec?.template.metadata), labels: object.spec?.template.metadata?.labels ?? {} },
  });
}

function revisionOf(set: Set_): number {
  return Number(set.metadata.annotations?.[REVISION] ?? 0);
}

function highest(sets: readonly Set_[]): number {
  return Math.max(0, ...sets.map(revisionOf));
}

function byAge(a: Set_, b: Set_): number {
  const key = ({ metadata }: Set_) => `${metadata.creationTimestamp} ${metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}
