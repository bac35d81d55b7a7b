import type { Core } from '../core/core.ts';
import type { User } from '../http/call.ts';
import { list, objectKey, record, text } from '../object.ts';
import type { ApiObject } from '../object.ts';
import type { Attributes } from './attributes.ts';

/** One rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** A rule that somebody has, and by what. */
export interface Grant {
  readonly rule: PolicyRule;
  readonly reason: string;
}

const GROUP = 'rbac.authorization.k8s.io';
export const BUCKETS = {
  roles: `roles.${GROUP}`,
  clusterRoles: `clusterroles.${GROUP}`,
  bindings: `rolebindings.${GROUP}`,
  clusterBindings: `clusterrolebindings.${GROUP}`,
} as const;

/** All that a user has been granted in a namespace, cluster-wide grants first; `''` for those alone. Found as it is read: there may be a thousand bindings. */
export function* grants(core: Core, user: User, namespace: string): Generator<Grant> {
  for (const { object } of core.store.list(BUCKETS.clusterBindings, '')) yield* granted(core, object, user, '');
  if (namespace === '') return;
  for (const { object } of core.store.list(BUCKETS.bindings, `${namespace}/`)) yield* granted(core, object, user, namespace);
}

function granted(core: Core, binding: ApiObject, user: User, namespace: string): readonly Grant[] {
  const subject = list(binding['subjects'])
    .map(record)
    .find((candidate) => isSubject(candidate, user, namespace));
  if (subject === undefined) return [];
  const ref = record(binding['roleRef']);
  const role = `${text(ref['kind'])} "${text(ref['name'])}"`;
  const named = namespace === '' ? `ClusterRoleBinding "${binding.metadata.name}"` : `RoleBinding "${binding.metadata.name}/${namespace}"`;
  const who =
    subject['kind'] === 'ServiceAccount'
      ? `ServiceAccount "${text(subject['name'])}/${text(subject['namespace']) ?? namespace}"`
      : `${text(subject['kind'])} "${text(subject['name'])}"`;
  const reason = `RBAC: allowed by ${named} of ${role} to ${who}`;
  return rulesOfRole(core, ref, namespace).map((rule) => ({ rule, reason }));
}

/** The rules of the role that a binding refers to; none when it is not there. */
export function rulesOfRole(core: Core, ref: Readonly<Record<string, unknown>>, namespace: string): readonly PolicyRule[] {
  const name = text(ref['name']) ?? '';
  const entry = ref['kind'] === 'Role' ? core.store.get(BUCKETS.roles, objectKey(namespace, name)) : core.store.get(BUCKETS.clusterRoles, name);
  return entry === undefined ? [] : effectiveRules(core, entry.object);
}

/** A role's own rules; of one that aggregates, those of all it selects, which may aggregate in turn: admin is edit and more, edit is view and more. */
export function effectiveRules(core: Core, role: ApiObject, seen: ReadonlySet<string> = new Set()): readonly PolicyRule[] {
  // Sound: the shape of rules is checked when they are written.
  const own = list(role['rules']) as readonly PolicyRule[];
  const selectors = list(record(role['aggregationRule'])['clusterRoleSelectors']).map((selector) => record(record(selector)['matchLabels']));
  if (selectors.length === 0) return own;
  const path = new Set([...seen, role.metadata.name!]);
  const selected = core.store
    .list(BUCKETS.clusterRoles, '')
    .filter(({ object }) => !path.has(object.metadata.name!) && selectors.some((labels) => hasLabels(object, labels)));
  return [...own, ...selected.flatMap(({ object }) => effectiveRules(core, object, path))];
}

function hasLabels(object: ApiObject, labels: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(labels).every(([key, value]) => object.metadata.labels?.[key] === value);
}

function isSubject(subject: Readonly<Record<string, unknown>>, user: User, namespace: string): boolean {
  const name = text(subject['name']) ?? '';
  switch (subject['kind']) {
    case 'User':
      return user.name === name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount':
      return user.name === `system:serviceaccount:${text(subject['namespace']) ?? namespace}:${name}`;
    default:
      return false;
  }
}

/** Whether a rule lets a thing be done. */
export function allows(rule: PolicyRule, wanted: Attributes): boolean {
  if (!has(rule.verbs, wanted.verb)) return false;
  if ('path' in wanted)
    return (rule.nonResourceURLs ?? []).some((url) => url === wanted.path || (url.endsWith('*') && wanted.path.startsWith(url.slice(0, -1))));
  const { plural, subresource } = wanted;
  const resource = subresource === '' ? plural : `${plural}/${subresource}`;
  const named = (rule.resources ?? []).some((one) => one === '*' || one === resource || (subresource !== '' && one === `*/${subresource}`));
  // Names are known only for what already is; a rule for names lets nobody create or act on all.
  return has(rule.apiGroups ?? [], wanted.group) && named && ((rule.resourceNames ?? []).length === 0 || (rule.resourceNames ?? []).includes(wanted.name));
}

function has(values: readonly string[], wanted: string): boolean {
  return values.includes('*') || values.includes(wanted);
}
