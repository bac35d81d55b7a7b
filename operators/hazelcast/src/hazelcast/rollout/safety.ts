import type { Health } from '../../protocol/health.ts';

/** A member's pod, as a plan sees it. */
export interface Member {
  readonly ordinal: number;
  readonly terminating: boolean;
  /** Kubernetes' revision of the template it was made from. */
  readonly revision: string | undefined;
  readonly ready: boolean;
  /** What the member says of its cluster; undefined: it does not answer. */
  readonly health: Health | undefined;
}

/**
 * Why a member may not be stopped now, or undefined when it may: all who answer are one cluster, in which every partition has its copies. Readiness does not
 * tell: a member is ready while the copies it lost are still being made again (spec/hazelcast-members.md §7).
 */
export function unsafe(members: readonly Member[]): string | undefined {
  const joined = members.filter(({ health }) => health !== undefined);
  for (const { ordinal, health } of joined) {
    if (health === undefined) continue;
    if (health.clusterState !== 'ACTIVE') return `the cluster is ${health.clusterState}, in which no copies are made`;
    if (health.clusterSize !== joined.length) return `member ${ordinal} sees ${health.clusterSize} members, ${joined.length} answer`;
    if (!health.clusterSafe || health.migrationQueueSize > 0)
      return `member ${ordinal} waits for ${Math.max(1, health.migrationQueueSize)} partitions to be copied`;
  }
  return undefined;
}

/** Whether a member that does not answer is no part of the cluster either: those who answer do not count it. */
export function outside(member: Member, members: readonly Member[]): boolean {
  const joined = members.filter(({ health }) => health !== undefined);
  return member.health === undefined && !(member.ready && joined.length === 0) && joined.every(({ health }) => health?.clusterSize === joined.length);
}
