import { z } from 'zod';
import { MemberError } from './error.ts';

/**
 * How old what a member says of itself may be; ms: it gathers that once a second at most. Source: `TMS_CACHE_TIMEOUT_NANOS` of `ManagementCenterService`, 5.3 to
 * 5.7. The page about its health is always new.
 */
export const STATE_AGE_MS = 1_000;

/** What a member says of itself, up to `STATE_AGE_MS` ago. */
export interface MemberState {
  readonly uuid: string;
  readonly version: string;
  /** ACTIVE, PASSIVE, SHUT_DOWN or STARTING. */
  readonly nodeState: string;
  /** ACTIVE, NO_MIGRATION, FROZEN, PASSIVE or IN_TRANSITION, of the cluster it is in. */
  readonly clusterState: string;
  readonly master: boolean;
  readonly lite: boolean;
  /** Partitions that it holds the first copy of; 0 in a cluster that has had no data yet. */
  readonly ownedPartitions: number;
  /** What it holds has all its copies elsewhere. */
  readonly safe: boolean;
  /** `ip:port` of all members that it knows, itself among them. */
  readonly members: readonly string[];
  /** The last backup of this process: NO_TASK, IN_PROGRESS, SUCCESS or FAILURE. */
  readonly backupTask: string;
  /** Parts that it has copied, of how many; 0 of 0 before it begins. */
  readonly backupProgress: { readonly completed: number; readonly total: number };
  readonly hotRestart: { readonly status: string; readonly remainingValidationMs: number; readonly remainingDataLoadMs: number };
}

const partitions = z.object({ partitions: z.array(z.number()).default([]), memberStateSafe: z.boolean().default(true) }).optional();
/** Unknown fields are dropped, missing ones that a version may lack have a default. */
const Document = z.object({
  timedMemberState: z.object({
    master: z.boolean(),
    lite: z.boolean().default(false),
    memberList: z.array(z.string()),
    // Beside the member's state in old versions, in it since (spec/hazelcast-members.md §6.5).
    memberPartitionState: partitions,
    memberState: z.object({
      uuid: z.string(),
      memberPartitionState: partitions,
      nodeState: z.object({ clusterState: z.string(), nodeState: z.string(), memberVersion: z.string() }),
      hotRestartState: z
        .object({ backupTaskState: z.string(), backupTaskCompleted: z.number().default(0), backupTaskTotal: z.number().default(0) })
        .default({ backupTaskState: 'NO_TASK', backupTaskCompleted: 0, backupTaskTotal: 0 }),
      clusterHotRestartStatus: z
        .object({ hotRestartStatus: z.string(), remainingValidationTimeMillis: z.number(), remainingDataLoadTimeMillis: z.number() })
        .default({ hotRestartStatus: 'UNKNOWN', remainingValidationTimeMillis: -1, remainingDataLoadTimeMillis: -1 }),
    }),
  }),
});

/**
 * The JSON answer to MC.getTimedMemberState. Source: spec/hazelcast-members.md §6.5, 5.3 to 5.7.
 * @throws {MemberError} `unreadable`: a field is missing or not what it was (named in the message).
 */
export function parseMemberState(json: string | null): MemberState {
  let value: unknown;
  try {
    value = JSON.parse(json ?? 'null');
  } catch (error) {
    throw new MemberError('unreadable', 'the state of a member is no JSON', { cause: error });
  }
  const read = Document.safeParse(value);
  if (!read.success) throw new MemberError('unreadable', `the state of a member: ${z.prettifyError(read.error)}`, { cause: read.error });
  const { timedMemberState: timed } = read.data;
  const { memberState: member } = timed;
  const held = member.memberPartitionState ?? timed.memberPartitionState;
  return {
    uuid: member.uuid,
    version: member.nodeState.memberVersion,
    nodeState: member.nodeState.nodeState,
    clusterState: member.nodeState.clusterState,
    master: timed.master,
    lite: timed.lite,
    ownedPartitions: held?.partitions.length ?? 0,
    safe: held?.memberStateSafe ?? true,
    members: timed.memberList,
    backupTask: member.hotRestartState.backupTaskState,
    backupProgress: { completed: member.hotRestartState.backupTaskCompleted, total: member.hotRestartState.backupTaskTotal },
    hotRestart: {
      status: member.clusterHotRestartStatus.hotRestartStatus,
      remainingValidationMs: member.clusterHotRestartStatus.remainingValidationTimeMillis,
      remainingDataLoadMs: member.clusterHotRestartStatus.remainingDataLoadTimeMillis,
    },
  };
}
