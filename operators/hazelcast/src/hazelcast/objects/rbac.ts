import { ClusterRole, ClusterRoleBinding, Role, RoleBinding, ServiceAccount } from '@binnacle/client/kinds';
import type { PolicyRule } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import type { Cluster } from '../../api/hazelcast.ts';
import { clusterRoleName, metaOf, namespaceOf } from '../names.ts';

/** What members and their agents may do in the namespace: find one another, and read the Secrets of buckets. Source: spec/hazelcast-core.md §2.5. */
export const MEMBER_RULES: readonly PolicyRule[] = [
  { apiGroups: [''], resources: ['secrets'], verbs: ['get'] },
  { apiGroups: [''], resources: ['endpoints', 'pods', 'services'], verbs: ['get', 'list'] },
];

/** With persistence they tell a restart from a shutdown by their StatefulSet. */
export const PERSISTENCE_RULES: readonly PolicyRule[] = [{ apiGroups: ['apps'], resources: ['statefulsets'], verbs: ['watch', 'list'] }];

/** Zones and external addresses of nodes. */
export const NODE_RULES: readonly PolicyRule[] = [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }];

/** The account that the members run as. */
export const accountName = (hz: Cluster): string => hz.spec.serviceAccountName || hz.metadata.name;

/** Absent when the user brings one. */
export function serviceAccount(hz: Cluster): Desired<typeof ServiceAccount> | undefined {
  return hz.spec.serviceAccountName ? undefined : metaOf(hz);
}

export function role(hz: Cluster): Desired<typeof Role> {
  return { ...metaOf(hz), rules: hz.spec.persistence === undefined ? MEMBER_RULES : [...MEMBER_RULES, ...PERSISTENCE_RULES] };
}

export function roleBinding(hz: Cluster): Desired<typeof RoleBinding> {
  return { ...metaOf(hz), subjects: [subject(hz)], roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: hz.metadata.name } };
}

export function clusterRole(hz: Cluster): Desired<typeof ClusterRole> {
  return { ...metaOf(hz, clusterRoleName(hz)), rules: NODE_RULES };
}

export function clusterRoleBinding(hz: Cluster): Desired<typeof ClusterRoleBinding> {
  const name = clusterRoleName(hz);
  return { ...metaOf(hz, name), subjects: [subject(hz)], roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name } };
}

function subject(hz: Cluster) {
  return { kind: 'ServiceAccount', name: accountName(hz), namespace: namespaceOf(hz) };
}
