import type { Context } from '@binnacle/runtime';
import type { HotBackup } from '../../api/hot-backup.ts';
import type { Heard } from './activate.ts';

/** Says whether the cluster that a backup may have made PASSIVE is ACTIVE again. While it is not, it is tried once a pass, for ever. */
export function tellPassive(cx: Pick<Context<typeof HotBackup, never, never>, 'condition'>, heard: Heard): void {
  if ('problem' in heard) cx.condition('ClusterPassive', 'Unknown', 'MembersUnreachable', `cannot tell whether the cluster is ACTIVE again: ${heard.problem}`);
  else if (heard.clusterState === 'PASSIVE')
    cx.condition('ClusterPassive', true, 'ActivationFails', 'the cluster may have been made PASSIVE for the backup, and could not be made ACTIVE again yet');
  else cx.condition('ClusterPassive', false, 'Activated', 'the backup does not keep the cluster PASSIVE');
}
