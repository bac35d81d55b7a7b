import type { Live } from '@binnacle/client';
import { ApiError, isNamespaceTerminating, isNotFound } from '@binnacle/client';
import { Deployment, ReplicaSet } from '@binnacle/client/kinds';
import type { World } from '@binnacle/runtime';
import { record } from '../event.ts';
import { canonical, same, shortHash } from '../hash.ts';
import { controlledBy, controllerOf } from '../owner.ts';
import { limitsOf } from './rollout.ts';
import { conditionOf, hasDeadline, withCondition } from './status.ts';
import type { Family, Said } from './status.ts';

type LiveDeployment = Live<typeof Deployment>;
type Set_ = Live<typeof ReplicaSet>;
const COMPONENT = 'deployment-controller';
const HASH = 'pod-template-hash';
const REVISION = 'deployment.kubernetes.io/revision';
const HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED = 'deployment.kubernetes.io/desired-replicas';
const MAX = 'deployment.kubernetes.io/max-replicas';
/** Of a Deployment's annotations those that its ReplicaSets have of their own. */
const NOT_COPIED: readonly string[] = [
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  HISTORY,
  DESIRED,
  MAX,
  'deprecated.deployment.rollback.to',
];
/** Characters of the revisions that a ReplicaSet once had; the oldest are forgotten. */
const MOST_HISTORY = 2000;

/** The Deployment with its ReplicaSets. Source of this file's rules: pkg/controller/deployment/sync.go, getNewReplicaSet, scaleReplicaSet and cleanupDeployment. */
export function familyOf(object: LiveDeployment, { cache }: World): Family {
  const all = cache.ownedBy(ReplicaSet, object.metadata.uid).toSorted(byAge);
  const current = all.find((set) => sameTemplate(object, set));
  return { object, current, old: all.filter((set) => set !== current) };
}

/** What is found of the current ReplicaSet is kept true: its number is the highest, annotations are the Deployment's, and the Deployment shows the number. */
export async function numbered({ object, current: found, old }: Family, world: World): Promise<Family> {
  if (found === undefined) return { object, current: found, old };
  const { api, signal } = world;
  const annotations = changedAnnotations(object, found, highest(old) + 1);
  const { minReadySeconds = 0 } = object.spec ?? {};
  const differs = Object.keys(annotations).length > 0 || (found.spec?.minReadySeconds ?? 0) !== minReadySeconds;
  const body = { metadata: { annotations }, spec: { minReadySeconds } };
  const current = differs ? await api.patch(ReplicaSet, found.metadata, { type: 'merge', body }, { signal }) : found;
  const told: Said = { type: 'Progressing', status: 'True', reason: 'FoundNewReplicaSet', message: `Found new replica set "${current.metadata.name}"` };
  const said = hasDeadline(object) && conditionOf(object.status, 'Progressing') === undefined ? told : undefined;
  return { object: await shown(object, String(revisionOf(current)), said, world), current, old };
}

function changedAnnotations(object: LiveDeployment, set: Set_, newest: number): Readonly<Record<string, string>> {
  const mine = set.metadata.annotations ?? {};
  const copied = Object.entries(object.metadata.annotations ?? {}).filter(([key, value]) => !NOT_COPIED.includes(key) && mine[key] !== value);
  const revision = revisionOf(set);
  if (revision >= newest) return Object.fromEntries(copied);
  // A rollback gives an old ReplicaSet the newest number.
  const history = [...(mine[HISTORY]?.split(',') ?? []), ...(revision === 0 ? [] : [String(revision)])];
  while (history.join(',').length > MOST_HISTORY) history.shift();
  return { ...Object.fromEntries(copied), [REVISION]: String(newest), ...(history.length === 0 ? {} : { [HISTORY]: history.join(',') }) };
}

/** Number and condition in one write: whoever sees the new number also sees why. */
async function shown(object: LiveDeployment, revision: string, said: Said | undefined, { api, clock, signal }: World): Promise<LiveDeployment> {
  if (object.metadata.annotations?.[REVISION] === revision && said === undefined) return object;
  const conditions = object.status?.conditions ?? [];
  const status = said === undefined ? {} : { status: { conditions: withCondition(conditions, said, clock.now()) } };
  const body = { metadata: { annotations: { [REVISION]: revision } }, ...status };
  return await api.patch(Deployment, object.metadata, { type: 'merge', body }, { subresource: 'status', signal });
}

/** Makes the ReplicaSet of a template that has none, as large as the surge allows. @throws {ApiError} */
export async function withNewSet(family: Family, world: World): Promise<Family & { readonly current: Set_ }> {
  const { object, old } = family;
  const wanted = object.spec?.replicas ?? 1;
  const total = old.reduce((sum, { spec }) => sum + (spec?.replicas ?? 0), 0);
  const most = wanted + limitsOf(object.spec).maxSurge;
  const replicas = object.spec?.strategy?.type === 'Recreate' ? wanted : Math.min(wanted, Math.max(0, most - total));
  const revision = highest(old) + 1;
  const annotations = { ...changedAnnotations(object, NONE, revision), [DESIRED]: String(wanted), [MAX]: String(most) };
  const current = await made(object, newSet(object, replicas, annotations), world);
  if (replicas > 0) await tellScaled(object, current.metadata.name, 0, replicas, world);
  const { name } = current.metadata;
  const created: Said = { type: 'Progressing', status: 'True', reason: 'NewReplicaSetCreated', message: `Created new replica set "${name}"` };
  return { object: await shown(object, String(revision), hasDeadline(object) ? created : undefined, world), current, old };
}

/** A ReplicaSet that is not there yet has no annotations. */
const NONE = { metadata: {} } as Set_;

function newSet(object: LiveDeployment, replicas: number, annotations: Readonly<Record<string, string>>) {
  const { template, selector, minReadySeconds } = object.spec!;
  const hash = shortHash(`${canonical(template)}${object.status?.collisionCount ?? 0}`);
  const labels = { ...template.metadata?.labels, [HASH]: hash };
  return {
    metadata: {
      name: `${object.metadata.name}-${hash}`,
      namespace: object.metadata.namespace,
      labels,
      annotations,
      ownerReferences: [controlledBy(Deployment, object)],
    },
    spec: {
      replicas,
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}

async function made(object: LiveDeployment, set: ReturnType<typeof newSet>, world: World): Promise<Set_> {
  const { api, signal } = world;
  try {
    return await api.create(ReplicaSet, set, { signal });
  } catch (error) {
    if (signal.aborted || !(error instanceof ApiError)) throw error;
    if (error.reason === 'AlreadyExists') {
      const there = await api.get(ReplicaSet, { namespace: object.metadata.namespace, name: set.metadata.name }, { signal });
      if (controllerOf(there)?.uid === object.metadata.uid && sameTemplate(object, there)) return there;
      // Somebody else's: the next pass tries another name.
      const collisionCount = (object.status?.collisionCount ?? 0) + 1;
      await api.patch(Deployment, object.metadata, { type: 'merge', body: { status: { collisionCount } } }, { subresource: 'status', signal });
    } else if (!isNamespaceTerminating(error)) await tellFailed(object, set.metadata.name, error, world);
    throw error;
  }
}

async function tellFailed(object: LiveDeployment, name: string, error: ApiError, world: World): Promise<void> {
  const reason = 'ReplicaSetCreateError';
  const message = `Failed to create new replica set "${name}": ${error.message}`;
  if (hasDeadline(object)) {
    const conditions = withCondition(object.status?.conditions ?? [], { type: 'Progressing', status: 'False', reason, message }, world.clock.now());
    const body = { status: { conditions } };
    if (!same(conditions, object.status?.conditions))
      await world.api.patch(Deployment, object.metadata, { type: 'merge', body }, { subresource: 'status', signal: world.signal });
  }
  await record(world, Deployment, object, { type: 'Warning', reason, message, component: COMPONENT });
}

/** Scales a ReplicaSet, and notes on it of how many it is a part. @returns whether its size changed. @throws {ApiError} */
export async function setSize(object: LiveDeployment, set: Set_, replicas: number, world: World): Promise<boolean> {
  const before = set.spec?.replicas ?? 0;
  const wanted = object.spec?.replicas ?? 1;
  const annotations = { [DESIRED]: String(wanted), [MAX]: String(wanted + limitsOf(object.spec).maxSurge) };
  const noted = replicas === 0 || Object.entries(annotations).every(([key, value]) => set.metadata.annotations?.[key] === value);
  if (before === replicas && noted) return false;
  await world.api.patch(ReplicaSet, set.metadata, { type: 'merge', body: { metadata: { annotations }, spec: { replicas } } }, { signal: world.signal });
  if (before === replicas) return false;
  await tellScaled(object, set.metadata.name, before, replicas, world);
  return true;
}

/** How many pods there were to be, and how many there might be in all, when this ReplicaSet last got its size; undefined where that is not noted. */
export function notedOn({ metadata: { annotations = {} } }: Set_): { readonly desired: number | undefined; readonly most: number | undefined } {
  const read = (key: string) => (/^\d+$/.test(annotations[key] ?? '') ? Number(annotations[key]) : undefined);
  return { desired: read(DESIRED), most: read(MAX) };
}

async function tellScaled(object: LiveDeployment, name: string, from: number, to: number, world: World): Promise<void> {
  const message = `Scaled ${to >= from ? 'up' : 'down'} replica set ${name} from ${from} to ${to}`;
  await record(world, Deployment, object, { type: 'Normal', reason: 'ScalingReplicaSet', message, component: COMPONENT });
}

/** Old ReplicaSets are kept for going back, so many; of those too many the ones without pods are deleted. */
export async function prune({ object, old }: Family, { api, signal }: World): Promise<void> {
  const alive = old.filter(({ metadata }) => metadata.deletionTimestamp === undefined).toSorted((a, b) => revisionOf(a) - revisionOf(b));
  for (const { metadata, spec, status } of alive.slice(0, Math.max(0, alive.length - (object.spec?.revisionHistoryLimit ?? 10)))) {
    const idle = (spec?.replicas ?? 0) === 0 && (status?.replicas ?? 0) === 0 && (metadata.generation ?? 0) <= (status?.observedGeneration ?? 0);
    if (!idle) continue;
    try {
      await api.delete(ReplicaSet, metadata, { preconditions: { uid: metadata.uid }, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
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
