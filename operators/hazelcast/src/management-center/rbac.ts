import type { PolicyRule, Role, RoleBinding, ServiceAccount } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import type { Center } from '../api/management-center.ts';
import { metaOf } from './names.ts';

/** On OpenShift a pod gets a user id of the namespace's, unless its account may use a constraint that lets it choose. This one lets it be anybody but root. */
export const CONSTRAINT_RULES: readonly PolicyRule[] = [
  { apiGroups: ['security.openshift.io'], resources: ['securitycontextconstraints'], resourceNames: ['nonroot-v2'], verbs: ['use'] },
];

export const serviceAccount = (mc: Center): Desired<typeof ServiceAccount> => metaOf(mc);

export const role = (mc: Center): Desired<typeof Role> => ({ ...metaOf(mc), rules: CONSTRAINT_RULES });

export function roleBinding(mc: Center): Desired<typeof RoleBinding> {
  const { name, namespace = '' } = mc.metadata;
  return { ...metaOf(mc), subjects: [{ kind: 'ServiceAccount', name, namespace }], roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name } };
}
