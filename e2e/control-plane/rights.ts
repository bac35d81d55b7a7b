import type { RbacObject } from '@binnacle/runtime';
import type { Asked } from './audit.ts';

/** A right as one word: `apps/statefulsets patch`; with a name when it is for that object alone. */
export type Right = string;

interface Rule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

const right = (group: string, resource: string, verb: string): Right => `${group === '' ? 'core' : group}/${resource} ${verb}`;

/** The rules of an operator's roles; `namespace`: where one holds, absent: in all. */
export function rulesOf(objects: readonly RbacObject[]): readonly { readonly namespace: string | undefined; readonly rule: Rule }[] {
  const roles = objects.filter(({ kind }) => kind === 'ClusterRole' || kind === 'Role');
  return roles.flatMap((role) => (role['rules'] as readonly Rule[]).map((rule) => ({ namespace: role.metadata.namespace, rule })));
}

/** All that the roles of an operator allow, each once, sorted. */
export function granted(objects: readonly RbacObject[]): readonly Right[] {
  const all = rulesOf(objects).flatMap(({ rule: { apiGroups = [], resources = [], verbs } }) =>
    apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => right(group, resource, verb)))),
  );
  return [...new Set(all)].toSorted();
}

/** All that was asked for, each once, sorted; what anybody may do (discovery, health) is none. */
export function used(asked: readonly Asked[]): readonly Right[] {
  return [...new Set(asked.filter(({ resource }) => resource !== '').map(({ group, resource, verb }) => right(group, resource, verb)))].toSorted();
}

/** Rights of which no request can be seen here, and why they are there all the same; the first that fits. A right that none fits is one too many. */
const UNSEEN: readonly { readonly right: RegExp; readonly reason: string }[] = [
  { right: /\/finalizers update$/, reason: 'asked by the admission plugin OwnerReferencesPermissionEnforcement, without a request of its own' },
  {
    right: /\/dorisautoscalers(\/status)? /,
    reason: 'the earlier name of dorisclusterautoscalers, which the story uses',
  },
  {
    right: /\/dorisclusters patch$/,
    reason: 'for the finalizer of clusters whose volumes are to be deleted with them: those of the story stay',
  },
  {
    right: /^monitoring\.coreos\.com\//,
    reason: 'for Prometheus Operator, which is not in this cluster',
  },
  {
    right: /\/daemonsets /,
    reason: 'for what ships logs: no pod that reads files of its node is let in under `baseline`',
  },
  {
    right: /\/persistentvolumeclaims patch$/,
    reason: 'for volumes that grow: those of the story do not',
  },
  {
    right: /^core\/endpoints (get|list|watch)$|^core\/nodes (get|list|watch)$/,
    reason: 'held to be given on to operands: a role may give away only what its author has',
  },
  {
    right: /^core\/pods (create|patch)$|^batch\/jobs patch$/,
    reason: 'what a step owns it may make, change and delete: pods are only deleted, Jobs only made',
  },
  { right: /^(route|security)\.openshift\.io\//, reason: 'for OpenShift, which has these kinds and this is not' },
  { right: / create$/, reason: 'server-side apply of what is not there: authorised as a creation, logged as a patch' },
  { right: / list$/, reason: 'begins a watch on servers without streaming lists' },
  { right: / get$/, reason: 'reads of one object, where a cache may be behind: after a conflict, before a deletion' },
  { right: / delete$/, reason: 'prunes what a changed spec no longer wants' },
  { right: /^events\.k8s\.io\/events patch$/, reason: 'counts an Event that comes again within minutes: on some runs none does' },
  { right: /^core\/secrets patch$/, reason: 'for Secrets that an operator makes for others: passwords, backups' },
];

/** Rights that nobody used, by the reason why they are granted; `unexplained`: without one. */
export function unused(
  granted: readonly Right[],
  used: readonly Right[],
): { readonly explained: ReadonlyMap<string, readonly Right[]>; readonly unexplained: readonly Right[] } {
  const left = granted.filter((one) => !used.includes(one));
  const reasonOf = (one: Right) => UNSEEN.find((entry) => entry.right.test(one))?.reason;
  const explained = Map.groupBy(
    left.filter((one) => reasonOf(one) !== undefined),
    (one) => reasonOf(one)!,
  );
  return { explained, unexplained: left.filter((one) => reasonOf(one) === undefined) };
}
