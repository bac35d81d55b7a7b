import type { DeepReadonly } from '@binnacle/client';
import { k } from '@binnacle/schema';
import { z } from 'zod';

/** `Paused` is ours: the kind this replaces stays Pending for ever with no members wanted. */
export const PHASES = ['Running', 'Failed', 'Pending', 'Terminating', 'Paused'] as const;
export type Phase = (typeof PHASES)[number];

/** One pod, and what its member says of itself. */
export const memberStatus = z.object({
  podName: z.string().optional().describe('The pod.'),
  uid: z.string().optional().describe('UUID of the member.'),
  ip: z.string().optional().describe('Address of the pod.'),
  version: z.string().optional().describe('Version of Hazelcast.'),
  state: z.enum(['PASSIVE', 'ACTIVE', 'SHUT_DOWN', 'STARTING']).optional().describe('State of the member.'),
  master: z.boolean().optional().describe('Whether it is the oldest member, which coordinates the others.'),
  lite: z.boolean().optional().describe('Whether it holds no data.'),
  ownedPartitions: k.int32().optional().describe('Partitions it holds the first copy of.'),
  connected: z.boolean().describe('Whether the operator is connected to it.'),
  ready: z.boolean().optional().describe('Whether its pod is ready.'),
  configuration: z
    .string()
    .optional()
    .describe('Which configuration it was started with: equal values, equal configuration. Absent: the one it was taken over with.'),
  message: z.string().optional().describe('What is wrong with the pod.'),
  reason: z.string().optional().describe('Why, in one word.'),
  restartCount: k.int32().optional().describe('How often its container was started again.'),
});
export type MemberStatus = z.output<typeof memberStatus>;

const startup = z.object({
  action: z.enum(['ForceStart', 'PartialStart']).describe('The wish.'),
  state: z.enum(['Wanted', 'Done', 'NotNeeded']).describe('`NotNeeded`: the cluster runs without it, or the pods it was wished for are gone.'),
  pods: z.array(z.string()).describe('UIDs of the pods it was wished for.'),
});
export type Startup = DeepReadonly<z.output<typeof startup>>;

/** `Hazelcast.status`. Source: spec/hazelcast-core.md §1.1.2; `conditions`, `observedGeneration` and `ready` of a member are ours. */
export const status = z.object({
  phase: z.enum(PHASES).optional().describe('Where the cluster is.'),
  message: z.string().optional().describe('What it waits for or what is wrong. Empty: nothing.'),
  clusterSize: k.int32().optional().describe('Pods there are.'),
  selector: z.string().optional().describe('Label selector of the pods, for autoscalers.'),
  hazelcastClusterStatus: z
    .object({
      readyMembers: z.string().optional().describe('Members that the operator is connected to, of those wanted: `3/3`.'),
      state: z.string().optional().describe('State of the cluster, as members say it: in any but `ACTIVE` no copies are made. Absent: none tells.'),
    })
    .optional()
    .describe('The cluster in short.'),
  members: z.array(memberStatus).optional().describe('The members, by pod.'),
  dynamic: z
    .object({
      configuration: z.string().describe('The configuration that members were started with.'),
      executorServices: z.array(z.string()).describe('Executors they were given since.'),
    })
    .optional()
    .describe('What members were given while they run.'),
  restore: z
    .object({
      state: z.enum(['Unknown', 'Failed', 'InProgress', 'Succeeded']).optional().describe('How far the recovery of data is.'),
      remainingValidationTime: k.int64().optional().describe('Time left for members to appear; seconds.'),
      remainingDataLoadTime: k.int64().optional().describe('Time left for loading; seconds.'),
    })
    .optional()
    .describe('Recovery of data from disk.'),
  startup: startup.optional().describe('What became of `persistence.startupAction`: it is carried out once for one written wish.'),
  observedGeneration: k.int64().optional().describe('Generation of the spec that this status is about.'),
  conditions: k.conditions().optional(),
});
export type Status = z.output<typeof status>;
