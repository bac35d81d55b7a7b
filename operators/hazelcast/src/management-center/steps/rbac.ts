import { Role, RoleBinding, ServiceAccount } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { ManagementCenter } from '../../api/management-center.ts';
import { CONSTRAINT_RULES, role, roleBinding, serviceAccount } from '../rbac.ts';

/** An account that lets the pod use the user id that it wants, on OpenShift. We must hold ourselves what we hand on. */
export const rbac = step('rbac', ManagementCenter, { owns: [ServiceAccount, Role, RoleBinding], grants: CONSTRAINT_RULES }, async (mc, cx) => {
  await cx.apply(ServiceAccount, serviceAccount(mc));
  await cx.apply(Role, role(mc));
  await cx.apply(RoleBinding, roleBinding(mc));
  return done;
});
