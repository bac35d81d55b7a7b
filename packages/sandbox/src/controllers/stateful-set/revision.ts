import type { DeepReadonly, Live } from '@binnacle/client';
import { ControllerRevision, StatefulSet } from '@binnacle/client/kinds';
import type { PodTemplateSpec } from '@binnacle/client/kinds';
import type { World } from '@binnacle/runtime';
import { canonical, shortHash } from '../hash.ts';
import { controlledBy } from '../owner.ts';

type Set_ = Live<typeof StatefulSet>;
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
  const wanted = canonical(dataOf(set));
  const sorted = revisions.toSorted((a, b) => a.revision - b.revision);
  const newest = sorted.at(-1);
  const equal = sorted.findLast((revision) => canonical(revision.data) === wanted);
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
  const metadata = {
    name: `${set.metadata.name}-${hash}`,
    namespace: set.metadata.namespace,
    labels: { ...set.spec?.selector.matchLabels, 'controller.kubernetes.io/hash': hash },
    ownerReferences: [controlledBy(StatefulSet, set)],
  };
  const revision = { metadata, data, revision: next.number };
  return api.create(ControllerRevision, revision, { signal });
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
