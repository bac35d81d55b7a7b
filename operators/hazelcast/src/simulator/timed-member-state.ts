import type { Clock } from '@binnacle/client';
import { STATE_AGE_MS } from '../protocol/member-state.ts';
import type { SimulatedCluster } from './cluster.ts';
import type { MemberConfig } from './config.ts';

/** A member's statistics, as far as an operator reads them: spec/hazelcast-members.md §6.5. Addresses have the member port. */
export function timedMemberState(cluster: SimulatedCluster, config: MemberConfig): string {
  const { self, state, table } = cluster;
  const address = (ip: string) => `${ip}:5702`;
  const partitions = table.owners.flatMap((owner, id) => (owner === self.uuid ? [id] : []));
  return JSON.stringify({
    timedMemberState: {
      master: cluster.master().uuid === self.uuid,
      clusterName: config.clusterName,
      memberList: cluster.members().map(({ ip }) => address(ip)),
      memberState: {
        address: address(self.ip),
        uuid: self.uuid,
        name: config.clusterName,
        memberPartitionState: { partitions, memberStateSafe: cluster.safe() },
        nodeState: {
          clusterState: state,
          nodeState: state === 'PASSIVE' ? 'PASSIVE' : 'ACTIVE',
          clusterVersion: config.version.split('.').slice(0, 2).join('.'),
          memberVersion: config.version,
          weakConfigs: {},
        },
        hotRestartState: {
          backupTaskState: cluster.backup.task,
          backupTaskCompleted: cluster.backup.progress.completed,
          backupTaskTotal: cluster.backup.progress.total,
          isHotBackupEnabled: false,
          backupDirectory: null,
        },
        clusterHotRestartStatus: {
          dataRecoveryPolicy: 'FULL_RECOVERY_ONLY',
          hotRestartStatus: config.persistence === undefined ? 'UNKNOWN' : 'SUCCEEDED',
          remainingValidationTimeMillis: -1,
          remainingDataLoadTimeMillis: -1,
          memberHotRestartStatuses: [],
        },
      },
      sslEnabled: false,
      lite: false,
      socketInterceptorEnabled: false,
      scriptingEnabled: false,
      consoleEnabled: false,
      mcDataAccessEnabled: false,
    },
  });
}

/** A member's statistics as it tells them: gathered anew only when the last ones are old. */
export function statistics(clock: Clock, gather: () => string): () => string {
  let last: { readonly text: string; readonly at: number } | undefined;
  return () => {
    if (last === undefined || clock.monotonic() - last.at > STATE_AGE_MS) last = { text: gather(), at: clock.monotonic() };
    return last.text;
  };
}
