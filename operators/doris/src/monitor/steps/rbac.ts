import { Role, RoleBinding, ServiceAccount } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { DorisMonitor } from '../../api/doris-monitor.ts';
import { RULES, role, roleBinding, serviceAccount } from '../objects/rbac.ts';

/** The right to find pods, for Prometheus and Promtail. Without an owner: other monitors of the namespace use it as well. */
export const rbac = step('rbac', DorisMonitor, { owns: [Role, ServiceAccount, RoleBinding], grants: RULES }, async (object, cx) => {
  if (object.spec.cluster === '') return done;
  await cx.apply(Role, role, { owner: 'none' });
  await cx.apply(ServiceAccount, serviceAccount, { owner: 'none' });
  await cx.apply(RoleBinding, roleBinding(object.metadata.namespace ?? ''), { owner: 'none' });
  return done;
});
