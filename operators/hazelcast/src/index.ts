import type { Clock, Network } from '@binnacle/client';
import { operator } from '@binnacle/runtime';
import type { Logger, Operator } from '@binnacle/runtime';
import { Hazelcast } from './api/hazelcast.ts';
import { CronHotBackup } from './api/cron-hot-backup.ts';
import { HazelcastEndpoint } from './api/hazelcast-endpoint.ts';
import { HotBackup } from './api/hot-backup.ts';
import { ManagementCenter } from './api/management-center.ts';
import { hazelcastController } from './hazelcast/controller.ts';
import { endpointController } from './hazelcast/endpoints/controller.ts';
import { agents } from './backup/agent/client.ts';
import type { Agents } from './backup/agent/client.ts';
import { buckets } from './backup/bucket/client.ts';
import type { Buckets } from './backup/bucket/client.ts';
import { cronHotBackupController } from './backup/cron-hot-backup/controller.ts';
import { hotBackupController } from './backup/hot-backup/controller.ts';
import { managementCenterController } from './management-center/controller.ts';
import { routeWithoutOpenShift } from './management-center/guards.ts';
import { CONSTRAINT_RULES } from './management-center/rbac.ts';
import { ROUTE_RULES } from './management-center/route.ts';
import { members } from './protocol/members.ts';
import { turns } from './turns.ts';
import { advice } from './webhook/advice.ts';
import { fillers } from './webhook/fill.ts';

export { Hazelcast } from './api/hazelcast.ts';
export { HazelcastEndpoint } from './api/hazelcast-endpoint.ts';
export { CronHotBackup } from './api/cron-hot-backup.ts';
export { HotBackup } from './api/hot-backup.ts';
export { ManagementCenter } from './api/management-center.ts';

/** The kinds that this operator brings, for CRDs, RBAC and reference pages. */
export const hazelcastResources = [Hazelcast, HazelcastEndpoint, HotBackup, CronHotBackup, ManagementCenter] as const;

/**
 * The Hazelcast operator. `network` reaches members by pod address, `clock` is all its time; both are the sandbox's there.
 * It keeps connections to members, until it stops running.
 */
export function hazelcastOperator(doors: {
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Logger;
  /** To what is outside of the cluster. Default: `network`. */
  readonly internet?: Network;
  /** Default: over `network`. */
  readonly agents?: Agents;
  /** Default: over `internet`, and those of servers in the cluster over `network`. */
  readonly buckets?: Buckets;
  /** Default true: members may read nodes, for zones and external addresses. */
  readonly nodeDiscovery?: boolean;
  /** Default true, as it is for members everywhere: it is part of the pod template. */
  readonly phoneHome?: boolean;
  /** Default false. */
  readonly openShift?: boolean;
}): Operator {
  const connections = members(doors);
  const shared = turns();
  const { nodeDiscovery = true, phoneHome = true, openShift = false } = doors;
  return operator({
    name: 'hazelcast',
    // The existing operator's program is called so, and signs with that. Source: client-go names a manager after the program where it is told no other name.
    formerly: ['manager'],
    controllers: [
      hazelcastController({ members: connections, turns: shared, nodeDiscovery, phoneHome }),
      endpointController({ nodeDiscovery }),
      cronHotBackupController(),
      hotBackupController({ members: connections, agents: doors.agents ?? agents(doors), buckets: doors.buckets ?? buckets(doors) }, shared),
      managementCenterController({ phoneHome, openShift }),
    ],
    hooks: [...(openShift ? [] : [routeWithoutOpenShift]), ...advice, ...fillers],
    // Granted everywhere: one manifest serves both, and rights to what does not exist are none.
    grants: [...ROUTE_RULES, ...CONSTRAINT_RULES],
    close: async () => connections[Symbol.asyncDispose](),
  });
}
