import type { DeepReadonly, Live } from '@binnacle/client';
import { isAlreadyExists } from '@binnacle/client';
import { ControllerRevision, DaemonSet, StatefulSet } from '@binnacle/client/kinds';
import type { PodTemplateSpec } from '@binnacle/client/kinds';
import type { World } from '@binnacle/runtime';
import { around } from './around.ts';
import { canonical, same, shortHash } from './hash.ts';
import { selects } from './labels.ts';
import { controlledBy, controllerOf } from './owner.ts';

/** What keeps revisions of its template. */
type Set_ = Live<typeof StatefulSet> | Live<typeof DaemonSet>;
type Revision = Live<typeof ControllerRevision>;
type Template = DeepReadonly<PodTemplateSpec>;

/** A revision as pods are made from it. */
export interface PodRevision {
  readonly name: string;
  readonly template: Template;
}

/** What has to happen so that the template of the set is a revision. */
export type Next =
  | { readonly do: 'use'; readonly revision: Revision }
  /** The template was wanted before: the old revision becomes the newest, under its old name. */
  | { readonly do: 'bump'; readonly revision: Revision; readonly to: number }
  | { readonly do: 'create'; readonly number: number };

/** A rollback finds the revision it goes back to, so that pods which never left it need not be replaced. */
export function nextRevision(set: Set_, revisions: readonly Revision[]): Next {
  const wanted = dataOf(set);
  const sorted = revisions.toSorted((a, b) => a.revision - b.revision);
  const newest = sorted.at(-1);
  const equal = sorted.findLast((revision) => same(revision.data, wanted));
  const number = (newest?.revision ?? 0) + 1;
  if (equal === undefined) return { do: 'create', number };
  return equal === newest ? { do: 'use', revision: equal } : { do: 'bump', revision: equal, to: number };
}

/** Makes the set's template a revision and says which one it is. @throws {ApiError} */
export async function settleRevision(set: Set_, revisions: readonly Revision[], { api, signal }: World): Promise<Revision> {
  const next = nextRevision(set, revisions);
  if (next.do === 'use') return next.revision;
  if (next.do === 'bump') {
    const { name, namespace } = next.revision.metadata;
    return api.patch(ControllerRevision, { name, namespace }, { type: 'merge', body: { revision: next.to } }, { signal });
  }
  const data = dataOf(set);
  const hash = shortHash(canonical(data) + String(set.status?.collisionCount ?? 0));
  const { annotations } = set.metadata;
  const metadata = {
    name: `${set.metadata.name}-${hash}`,
    namespace: set.metadata.namespace,
    labels: { ...set.spec?.template.metadata?.labels, [hashLabel(set)]: hash },
    ...(annotations === undefined ? {} : { annotations }),
    ownerReferences: [controlledBySet(set)],
  };
  const revision = { metadata, data, revision: next.number };
  try {
    return await api.create(ControllerRevision, revision, { signal });
  } catch (error) {
    if (isAlreadyExists(error)) await nameAnew(set, metadata.name, { api, signal });
    throw error;
  }
}

/** The name belongs to somebody else's revision: the count is part of the next name. Our own one was only not seen yet. */
async function nameAnew(set: Set_, name: string, { api, signal }: Pick<World, 'api' | 'signal'>): Promise<void> {
  const taken = await api.get(ControllerRevision, { namespace: set.metadata.namespace, name }, { signal });
  if (controllerOf(taken)?.uid === set.metadata.uid) return;
  const status = { collisionCount: (set.status?.collisionCount ?? 0) + 1 };
  await api.patch(kindOf(set), set.metadata, { type: 'merge', body: { status } }, { subresource: 'status', signal });
}

/** The revisions of a set, after adopting those that a predecessor of the same name left. @throws {ApiError} */
export async function claimRevisions(set: Set_, { api, cache, signal }: World): Promise<readonly Revision[]> {
  const revisions: Revision[] = [];
  for (const revision of around(ControllerRevision, set, cache)) {
    const owner = controllerOf(revision);
    if (owner?.uid === set.metadata.uid) revisions.push(revision);
    else if (owner === undefined && revision.metadata.deletionTimestamp === undefined && isOf(set, revision)) {
      const { namespace, name, resourceVersion, ownerReferences = [] } = revision.metadata;
      const metadata = { resourceVersion, ownerReferences: [...ownerReferences, controlledBySet(set)] };
      revisions.push(await api.patch(ControllerRevision, { namespace, name }, { type: 'merge', body: { metadata } }, { signal }));
    }
  }
  return revisions;
}

/** By labels and by name: two sets may select the same labels, and a DaemonSet has revisions too. */
function isOf(set: Set_, { metadata }: Revision): boolean {
  return selects(set.spec?.selector, metadata.labels) && metadata.name === `${set.metadata.name}-${metadata.labels?.[hashLabel(set)]}`;
}

/** Revisions that nothing needs any more, oldest first, beyond the number the set wants to keep. */
export function expired(set: Set_, revisions: readonly Revision[], live: ReadonlySet<string>): readonly Revision[] {
  const idle = revisions.filter((revision) => !live.has(revision.metadata.name)).toSorted((a, b) => a.revision - b.revision);
  return idle.slice(0, Math.max(0, idle.length - (set.spec?.revisionHistoryLimit ?? 10)));
}

/** The template a revision stands for. */
export function podRevision(revision: Revision): PodRevision {
  // The data is what `dataOf()` wrote; another controller's revisions are not among ours.
  const data = revision.data as { readonly spec: { readonly template: Template & { readonly $patch?: string } } };
  const { $patch: _, ...template } = data.spec.template;
  return { name: revision.metadata.name, template };
}

function dataOf(set: Set_) {
  return { spec: { template: { ...set.spec?.template, $patch: 'replace' } } };
}

/** Under which label a revision carries the last part of its name. Source: pkg/controller/history/controller_history.go and pkg/controller/daemon/update.go. */
function hashLabel(set: Set_): string {
  return kindOf(set) === DaemonSet ? 'controller-revision-hash' : 'controller.kubernetes.io/hash';
}

function kindOf(set: Set_): typeof StatefulSet | typeof DaemonSet {
  return set.kind === 'DaemonSet' ? DaemonSet : StatefulSet;
}

function controlledBySet(set: Set_) {
  return controlledBy<typeof StatefulSet | typeof DaemonSet>(kindOf(set), set);
}
