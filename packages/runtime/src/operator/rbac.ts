import type { AnyKind } from '@binnacle/client';
import * as kinds from '@binnacle/client/kinds';
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

/** Where an operator is, and where its objects are. */
export interface RbacPlace {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Namespaces that it looks after: it has its rights there alone. Absent: in all. */
  readonly namespaces?: readonly string[];
}

/**
 * The ServiceAccount of an operator and the least it must be allowed: only kinds that its controllers name, no wildcard. In all namespaces, or by a Role in each of
 * those that it looks after, with a ClusterRole for what is in no namespace alone; but for its Lease, which is in its own. What only judges writes needs none.
 * Pure: the same operator gives the same objects.
 */
export function rbacOf(operator: Operator, { namespace, serviceAccount: name, namespaces }: RbacPlace): readonly RbacObject[] {
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const bound = (rules: readonly PolicyRule[], metadata: RbacObject['metadata']): readonly RbacObject[] => {
    if (rules.length === 0) return [];
    const prefix = metadata.namespace === undefined ? 'Cluster' : '';
    const roleRef = { apiGroup: RBAC, kind: `${prefix}Role`, name: metadata.name };
    return [
      { apiVersion: `${RBAC}/v1`, kind: `${prefix}Role`, metadata, rules },
      { apiVersion: `${RBAC}/v1`, kind: `${prefix}RoleBinding`, metadata, roleRef, subjects },
    ];
  };
  const rules = rulesOf(operator);
  const own =
    namespaces === undefined
      ? bound(rules.all, { name })
      : [...bound(rules.clusterScoped, { name }), ...namespaces.flatMap((one) => bound(rules.namespaced, { name, namespace: one }))];
  const leads = operator.controllers.length + operator.reconcilers.length > 0;
  const leader = leads ? bound(leaseRules(operator), { name: `${name}-leader-election`, namespace }) : [];
  return [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }, ...own, ...leader];
}

function leaseRules(operator: Operator): readonly PolicyRule[] {
  const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'] };
  return [
    { ...leases, verbs: ['create'] },
    { ...leases, resourceNames: [leaseName(operator)], verbs: ['get', 'update'] },
  ];
}

/** Rights of an operator: one rule for each group and set of verbs, sorted. */
interface Rules {
  readonly all: readonly PolicyRule[];
  readonly namespaced: readonly PolicyRule[];
  readonly clusterScoped: readonly PolicyRule[];
}

/** Resources of Kubernetes that are in no namespace, as `group/plural`. */
const CLUSTER_SCOPED: ReadonlySet<string> = new Set(
  Object.values(kinds)
    .filter(({ scope }) => scope === 'Cluster')
    .map(({ group, plural }) => `${group}/${plural}`),
);

function rulesOf(operator: Operator): Rules {
  const verbs = new Map<string, Set<string>>();
  const nowhere = new Set(CLUSTER_SCOPED);
  const allow = (group: string, resource: string, more: readonly string[], scope: string): void => {
    const key = `${group}/${resource}`;
    if (scope === 'Cluster') nowhere.add(key);
    verbs.set(key, new Set([...(verbs.get(key) ?? []), ...more]));
  };
  const each = (kinds: readonly AnyKind[] | undefined, more: readonly string[]): void => {
    for (const { group, plural, scope } of kinds ?? []) allow(group, plural, more, scope);
  };
  const grants: PolicyRule[] = [...operator.grants];
  for (const { kind, steps, watches } of operator.controllers) {
    const finalizes = steps.some((step) => step.finalizer !== undefined);
    each([kind], finalizes ? [...READ, 'patch'] : READ);
    allow(kind.group, `${kind.plural}/status`, ['patch'], kind.scope);
    // Owner references that block the owner's deletion need it (admission plugin OwnerReferencesPermissionEnforcement).
    if (steps.some((step) => (step.needs.owns ?? []).length > 0)) allow(kind.group, `${kind.plural}/finalizers`, ['update'], kind.scope);
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
    // Events about what is in no namespace are in `default`, which it need not look after: then the right is given in all.
    allow('events.k8s.io', 'events', ['create', 'patch'], kind.scope);
  }
  for (const reconciler of operator.reconcilers) each(kindsOf(reconciler), READ);
  for (const hook of operator.hooks) each(hook.reads, READ);
  const [outside, inside] = [(key: string) => nowhere.has(key), (key: string) => !nowhere.has(key)];
  return {
    all: [...grouped(verbs), ...unique(grants)],
    namespaced: [...grouped(only(verbs, inside)), ...unique(grants.flatMap((grant) => part(grant, inside)))],
    clusterScoped: [...grouped(only(verbs, outside)), ...unique(grants.flatMap((grant) => part(grant, outside)))],
  };
}

function only(verbs: ReadonlyMap<string, ReadonlySet<string>>, wanted: (key: string) => boolean): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map([...verbs].filter(([key]) => wanted(key)));
}

/** What of a rule is about these resources. */
function part(rule: PolicyRule, wanted: (key: string) => boolean): readonly PolicyRule[] {
  const resources = (rule.resources ?? []).filter((resource) => (rule.apiGroups ?? []).some((group) => wanted(`${group}/${resource}`)));
  return resources.length === 0 ? [] : [{ ...rule, resources }];
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
