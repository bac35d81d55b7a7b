import { ClusterRole, ClusterRoleBinding } from '@binnacle/client/kinds';
import { done, finalizer as finalizerStep } from '@binnacle/runtime';
import { Hazelcast } from '../../api/hazelcast.ts';
import type { Members } from '../../protocol/members.ts';
import { keyOf } from '../members/see.ts';
import { FINALIZER, clusterRoleName, namespaceOf } from '../names.ts';
import type { References } from '@binnacle/runtime';

/** Takes away what no owner reference can: the cluster-scoped rights, and our connections. Volumes stay: they are the user's data. */
export const finalizer = ({ members, references }: { readonly members: Members; readonly references: References }) =>
  finalizerStep(FINALIZER, Hazelcast, { owns: [ClusterRole, ClusterRoleBinding] }, async (hz, cx) => {
    await cx.delete(ClusterRoleBinding, clusterRoleName(hz));
    await cx.delete(ClusterRole, clusterRoleName(hz));
    members.forget(keyOf(hz));
    references.note({ namespace: namespaceOf(hz), name: hz.metadata.name }, []);
    return done;
  });
