import type { AnyKind } from '@binnacle/client';
import type { PolicyRule } from '@binnacle/client/kinds';
import { kindsOf } from '../manager/wake.ts';
import { leaseName } from './operator.ts';
import type { Operator } from './operator.ts';

/** An object of an installation. */
export interface RbacObject {
  readonly apiVersion: string;
  readonly kind: 'ServiceAccount' | 'ClusterRole' | 'ClusterRoleBinding' | 'Role' | 'RoleBinding';
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly [field: string]: unknown;
}

const READ = ['get', 'list', 'watch'] as const;
const OWN = [...READ, 'create', 'patch', 'delete'] as const;
const RBAC = 'rbac.authorization.k8s.io';

/**
 * The ServiceAccount of an operator and the least it must be allowed: only kinds that its controllers name, no wildcard. In all namespaces, but for
 * its Lease, which is in its own; what only judges writes needs none. Pure: the same operator gives the same objects.
 */
export function rbacOf(operator: Operator, where: { readonly namespace: string; readonly serviceAccount: string }): readonly RbacObject[] {
  const { namespace, serviceAccount: name } = where;
  const lease = leaseName(operator);
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const leaseRules = [
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
    { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [lease], verbs: ['get', 'update'] },
  ];
  const role = { name: `${name}-leader-election`, namespace };
  const leaseRole: RbacObject = { apiVersion: `${RBAC}/v1`, kind: 'Role', metadata: role, rules: leaseRules };
  const leaseBinding: RbacObject = {
    apiVersion: `${RBAC}/v1`,
    kind: 'RoleBinding',
    metadata: role,
    roleRef: { apiGroup: RBAC, kind: 'Role', name: role.name },
    subjects,
  };
  const leads = operator.controllers.length + operator.reconcilers.length > 0;
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    { apiVersion: `${RBAC}/v1`, kind: 'ClusterRole', metadata: { name }, rules: rulesOf(operator) },
    { apiVersion: `${RBAC}/v1`, kind: 'ClusterRoleBinding', metadata: { name }, roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name }, subjects },
    ...(leads ? [leaseRole, leaseBinding] : []),
  ];
}

/** The rules of the ClusterRole: one for each group and set of verbs, sorted. */
function rulesOf(operator: Operator): readonly PolicyRule[] {
  const verbs = new Map<string, Set<string>>();
  const allow = (group: string, resource: string, more: readonly string[]): void => {
    const key = `${group}/${resource}`;
    verbs.set(key, new Set([...(verbs.get(key) ?? []), ...more]));
  };
  const each = (kinds: readonly AnyKind[] | undefined, more: readonly string[]): void => {
    for (const { group, plural } of kinds ?? []) allow(group, plural, more);
  };
  const grants: PolicyRule[] = [...operator.grants];
  for (const { kind, steps, watches } of operator.controllers) {
    const finalizes = steps.some((step) => step.finalizer !== undefined);
    each([kind], finalizes ? [...READ, 'patch'] : READ);
    allow(kind.group, `${kind.plural}/status`, ['patch']);
    // Owner references that block the owner's deletion need it (admission plugin OwnerReferencesPermissionEnforcement).
    if (steps.some((step) => (step.needs.owns ?? []).length > 0)) allow(kind.group, `${kind.plural}/finalizers`, ['update']);
    each(
      watches.map((watch) => watch.kind),
      READ,
    );
    for (const { needs } of steps) {
      // An object of the controller's own kind is there, made by somebody else: a field of it may be written, and none that is gone comes back by that.
      for (const owned of needs.owns ?? []) each([owned], owned.group === kind.group && owned.plural === kind.plural ? [...READ, 'patch'] : OWN);
      each(needs.reads, READ);
      grants.push(...(needs.grants ?? []));
    }
  }
  for (const reconciler of operator.reconcilers) each(kindsOf(reconciler), READ);
  for (const hook of operator.hooks) each(hook.reads, READ);
  if (operator.controllers.length > 0) allow('events.k8s.io', 'events', ['create', 'patch']);
  return [...grouped(verbs), ...unique(grants)];
}

function grouped(verbs: ReadonlyMap<string, ReadonlySet<string>>): readonly PolicyRule[] {
  const order = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];
  const rules = new Map<string, { readonly apiGroups: string[]; readonly resources: string[]; readonly verbs: string[] }>();
  for (const [key, allowed] of [...verbs].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const slash = key.indexOf('/');
    const [group, resource] = [key.slice(0, slash), key.slice(slash + 1)];
    const sorted = order.filter((verb) => allowed.has(verb));
    const id = `${group} ${sorted.join()}`;
    const rule = rules.get(id);
    if (rule === undefined) rules.set(id, { apiGroups: [group], resources: [resource], verbs: sorted });
    else rule.resources.push(resource);
  }
  return [...rules.values()];
}

function unique(rules: readonly PolicyRule[]): readonly PolicyRule[] {
  return [...new Map(rules.map((rule) => [JSON.stringify(rule), rule])).values()];
}
