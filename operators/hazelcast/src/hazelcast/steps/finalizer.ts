import { ClusterRole, ClusterRoleBinding, ConfigMap } from '@binnacle/client/kinds';
import { done, finalizer as finalizerStep } from '@binnacle/runtime';
import { Hazelcast } from '../../api/hazelcast.ts';
import { HotBackup } from '../../api/hot-backup.ts';
import { clusterOf, mayKeepPassive } from '../../backup-state.ts';
import type { Members } from '../../protocol/members.ts';
import { noteMadePassive } from '../made-passive.ts';
import { keyOf } from '../members/see.ts';
import { FINALIZER, clusterRoleName, namespaceOf } from '../names.ts';
import type { References } from '@binnacle/runtime';

/**
 * Takes away what no owner reference can: the cluster-scoped rights, and our connections. Volumes stay: they are the user's data. With them stays the state of the
 * cluster, so it is written down first if a backup may have made that PASSIVE: the backup fails with its cluster, and whoever makes it anew is to find it ACTIVE.
 */
export const finalizer = ({ members, references }: { readonly members: Members; readonly references: References }) =>
  finalizerStep(FINALIZER, Hazelcast, { owns: [ClusterRole, ClusterRoleBinding, ConfigMap], reads: [HotBackup] }, async (hz, cx) => {
    const backup = (await cx.list(HotBackup)).find((hb) => clusterOf(hb) === hz.metadata.name && mayKeepPassive(hb));
    const kept = hz.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted !== 'Delete';
    if (backup !== undefined && kept) await noteMadePassive(hz, backup.metadata.name, cx);
    await cx.delete(ClusterRoleBinding, clusterRoleName(hz));
    await cx.delete(ClusterRole, clusterRoleName(hz));
    members.forget(keyOf(hz));
    references.note({ namespace: namespaceOf(hz), name: hz.metadata.name }, []);
    return done;
  });
