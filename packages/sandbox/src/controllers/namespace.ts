import type { AnyKind, Live, Ref } from '@binnacle/client';
import { ApiError, isNotFound, timestamp } from '@binnacle/client';
import { CustomResourceDefinition, Namespace } from '@binnacle/client/kinds';
import type { Reconciler, World } from '@binnacle/runtime';
import { builtinKinds, kindOf } from './all-kinds.ts';
import { same } from './hash.ts';

/** How soon to look again at what is left: objects of all kinds, which cannot all be watched for this. As in Kubernetes, with finalizers a little longer. */
const AGAIN_MS = 1000;
const AGAIN_STUCK_MS = 5000;

/**
 * Empties a namespace that is being deleted, pods first and then kind by kind, and lets it go: nothing that guards a pod, such as a policy or a Secret, goes
 * before it. Source: spec/sandbox.md §2.11; the order, pkg/controller/namespace/deletion/namespaced_resources_deleter.go.
 */
export const namespaces: Reconciler = { name: 'namespace', kind: Namespace, reads: [CustomResourceDefinition], concurrency: 4, reconcile };

/** What is left of one kind. */
export interface Remaining {
  readonly resource: string;
  readonly objects: number;
  readonly finalizers: readonly string[];
}

async function reconcile({ name }: Ref, world: World): Promise<void | { readonly afterMs: number }> {
  const namespace = world.cache.get(Namespace, { name });
  if (namespace === undefined || namespace.metadata.deletionTimestamp === undefined) return;
  const kinds = [...builtinKinds, ...world.cache.list(CustomResourceDefinition).flatMap((crd) => kindOf(crd) ?? [])].filter(
    ({ scope }) => scope === 'Namespaced',
  );
  const isPod = ({ group, plural }: AnyKind) => group === '' && plural === 'pods';
  const pods = await emptied(kinds.filter(isPod), name, world);
  const left = isEmpty(pods)
    ? await emptied(
        kinds.filter((kind) => !isPod(kind)),
        name,
        world,
      )
    : pods;
  await writeConditions(namespace, conditionsOf(left.remaining, left.failures), world);
  if (isEmpty(left)) return finalize(namespace, world);
  return { afterMs: left.remaining.some(({ finalizers }) => finalizers.length > 0) || left.failures.length > 0 ? AGAIN_STUCK_MS : AGAIN_MS };
}

interface Left {
  readonly remaining: readonly Remaining[];
  readonly failures: readonly string[];
}

const isEmpty = ({ remaining, failures }: Left): boolean => remaining.length === 0 && failures.length === 0;

async function emptied(kinds: readonly AnyKind[], namespace: string, world: World): Promise<Left> {
  const remaining: Remaining[] = [];
  const failures: string[] = [];
  for (const kind of kinds) {
    try {
      const left = await empty(kind, namespace, world);
      if (left.objects > 0) remaining.push(left);
    } catch (error) {
      if (world.signal.aborted || !(error instanceof ApiError)) throw error;
      failures.push(`${kind.plural}.${kind.group}: ${error.message}`);
    }
  }
  return { remaining, failures };
}

/** Deletes all objects of a kind and says what is left of them. A kind that is not served has none. */
async function empty(kind: AnyKind, namespace: string, { api, signal }: World): Promise<Remaining> {
  const none = { resource: groupResource(kind), objects: 0, finalizers: [] };
  try {
    const before = await api.list(kind, { namespace, signal });
    if (before.items.length === 0) return none;
    // Only what is not on its way out yet: a second delete of a pod would do nothing, but it is a request.
    if (before.items.some((item) => item.metadata.deletionTimestamp === undefined))
      await api.deleteCollection(kind, { namespace, propagation: 'Background', signal });
    const { items } = await api.list(kind, { namespace, signal });
    const finalizers = items.flatMap((item) => item.metadata.finalizers ?? []);
    return { resource: groupResource(kind), objects: items.length, finalizers: [...new Set(finalizers)] };
  } catch (error) {
    if (isNotFound(error) || (error instanceof ApiError && error.code === 405)) return none;
    throw error;
  }
}

async function finalize(namespace: Live<typeof Namespace>, { api, signal }: World): Promise<void> {
  const left = (namespace.spec?.finalizers ?? []).filter((finalizer) => finalizer !== 'kubernetes');
  const body = { ...namespace, spec: { ...namespace.spec, finalizers: left } };
  try {
    await api.raw({ method: 'PUT', path: `/api/v1/namespaces/${namespace.metadata.name}/finalize`, body, signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** The conditions by which a person sees why a namespace stays. */
export function conditionsOf(remaining: readonly Remaining[], failures: readonly string[]) {
  const finalizers = Map.groupBy(
    remaining.flatMap((one) => one.finalizers.map((finalizer) => [finalizer, one.objects] as const)),
    ([finalizer]) => finalizer,
  );
  const content = remaining.map(({ resource, objects }) => `${resource} has ${objects} resource instances`).join(', ');
  const held = [...finalizers].map(([finalizer, counts]) => `${finalizer} in ${counts.reduce((sum, [, objects]) => sum + objects, 0)} resource instances`);
  const condition = (type: string, bad: boolean, badReason: string, goodReason: string, badMessage: string, goodMessage: string) => ({
    type,
    status: bad ? 'True' : 'False',
    reason: bad ? badReason : goodReason,
    message: bad ? badMessage : goodMessage,
  });
  return [
    condition('NamespaceDeletionDiscoveryFailure', false, 'DiscoveryFailed', 'ResourcesDiscovered', '', 'All resources successfully discovered'),
    condition(
      'NamespaceDeletionGroupVersionParsingFailure',
      false,
      'GroupVersionParsingFailed',
      'ParsedGroupVersions',
      '',
      'All legacy kube types successfully parsed',
    ),
    condition(
      'NamespaceDeletionContentFailure',
      failures.length > 0,
      'ContentDeletionFailed',
      'ContentDeleted',
      failures.join('; '),
      'All content successfully deleted, may be waiting on finalization',
    ),
    condition(
      'NamespaceContentRemaining',
      remaining.length > 0,
      'SomeResourcesRemain',
      'ContentRemoved',
      `Some resources are remaining: ${content}`,
      'All content successfully removed',
    ),
    condition(
      'NamespaceFinalizersRemaining',
      held.length > 0,
      'SomeFinalizersRemain',
      'ContentHasNoFinalizers',
      `Some content in the namespace has finalizers remaining: ${held.join(', ')}`,
      'All content-preserving finalizers finished',
    ),
  ];
}

async function writeConditions(namespace: Live<typeof Namespace>, wanted: ReturnType<typeof conditionsOf>, { api, clock, signal }: World): Promise<void> {
  const now = namespace.status?.conditions ?? [];
  const conditions = wanted.map((condition) => {
    const before = now.find(({ type }) => type === condition.type);
    const since = before?.status === condition.status ? before.lastTransitionTime : undefined;
    return { ...condition, lastTransitionTime: since ?? timestamp(clock.now()) };
  });
  if (same(now, conditions)) return;
  await api.patch(Namespace, namespace.metadata, { type: 'merge', body: { status: { conditions } } }, { subresource: 'status', signal });
}

function groupResource({ plural, group }: AnyKind): string {
  return group === '' ? `${plural}.` : `${plural}.${group}`;
}
