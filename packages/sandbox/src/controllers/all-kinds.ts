import type { AnyKind, Live } from '@binnacle/client';
import { kind } from '@binnacle/client';
import type { CustomResourceDefinition } from '@binnacle/client/kinds';
import * as kinds from '@binnacle/client/kinds';

/** Questions in the shape of objects: they are posted, never stored. And kinds that are another view of a kind that is in the list. */
const NOT_STORED: ReadonlySet<AnyKind> = new Set<AnyKind>([
  kinds.Binding,
  kinds.ComponentStatus,
  kinds.LocalSubjectAccessReview,
  kinds.SelfSubjectAccessReview,
  kinds.SelfSubjectReview,
  kinds.SelfSubjectRulesReview,
  kinds.SubjectAccessReview,
  kinds.TokenReview,
  kinds.V1HorizontalPodAutoscaler,
  kinds.EventsEvent,
]);

/** All built-in kinds whose objects are stored, each once. */
export const builtinKinds: readonly AnyKind[] = Object.values(kinds as Readonly<Record<string, AnyKind>>).filter((one) => !NOT_STORED.has(one));

/** The kind that a definition serves, at its storage version; undefined until the server has accepted its names. */
export function kindOf(crd: Live<typeof CustomResourceDefinition>): AnyKind | undefined {
  const established = crd.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') === true;
  const version = crd.spec.versions.find(({ served, storage }) => served && storage) ?? crd.spec.versions.find(({ served }) => served);
  if (!established || version === undefined || crd.metadata.deletionTimestamp !== undefined) return undefined;
  const { kind: name, plural } = crd.spec.names;
  return kind({ group: crd.spec.group, version: version.name, kind: name, plural, scope: crd.spec.scope === 'Namespaced' ? 'Namespaced' : 'Cluster' });
}
