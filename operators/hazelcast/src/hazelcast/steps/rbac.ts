import { ClusterRole, ClusterRoleBinding, Role, RoleBinding, ServiceAccount } from '@binnacle/client/kinds';
import { done, step } from '@binnacle/runtime';
import { Hazelcast } from '../../api/hazelcast.ts';
import { clusterRoleName } from '../names.ts';
import { MEMBER_RULES, NODE_RULES, PERSISTENCE_RULES, clusterRole, clusterRoleBinding, role, roleBinding, serviceAccount } from '../objects/rbac.ts';

/** Rights of the members: to find one another, and, with node discovery, to read the nodes they run on. We must hold ourselves what we hand on. */
export const rbac = (options: { readonly nodeDiscovery: boolean }) =>
  step(
    'rbac',
    Hazelcast,
    {
      owns: [ServiceAccount, Role, RoleBinding, ClusterRole, ClusterRoleBinding],
      grants: [...MEMBER_RULES, ...PERSISTENCE_RULES, ...NODE_RULES],
    },
    async (hz, cx) => {
      const account = serviceAccount(hz);
      if (account !== undefined) await cx.apply(ServiceAccount, account);
      await cx.apply(Role, role(hz));
      await cx.apply(RoleBinding, roleBinding(hz));
      if (options.nodeDiscovery) {
        await cx.apply(ClusterRole, clusterRole(hz), { owner: 'none' });
        await cx.apply(ClusterRoleBinding, clusterRoleBinding(hz), { owner: 'none' });
      } else {
        await cx.delete(ClusterRoleBinding, clusterRoleName(hz));
        await cx.delete(ClusterRole, clusterRoleName(hz));
      }
      return done;
    },
  );
