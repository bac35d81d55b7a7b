import type { PolicyRule, Role, RoleBinding, ServiceAccount } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { labelsBeside } from '../../labels.ts';
import { ACCOUNT, BINDING } from '../names.ts';

/** To find the pods of the namespace. The existing rules also named nodes, which a Role cannot grant, and a group of ingresses that is no more. */
export const RULES: readonly PolicyRule[] = [{ apiGroups: [''], resources: ['services', 'endpoints', 'pods'], verbs: ['get', 'list', 'watch'] }];

// Shared by all monitors of a namespace: hence of no cluster.
const labels = labelsBeside('', 'monitor');

export const role: Desired<typeof Role> = { name: ACCOUNT, labels, rules: RULES };
export const serviceAccount: Desired<typeof ServiceAccount> = { name: ACCOUNT, labels };
export const roleBinding = (namespace: string): Desired<typeof RoleBinding> => ({
  name: BINDING,
  labels,
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: ACCOUNT },
  subjects: [{ kind: 'ServiceAccount', name: ACCOUNT, namespace }],
});
