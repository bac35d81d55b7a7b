import { k } from '@binnacle/schema';
import { z } from 'zod';
import { failedNode } from './failover.ts';

const reference = z.object({ name: z.string(), namespace: z.string() });

const node = z.object({
  host: z.string().describe('As Doris knows it.'),
  port: k.int32().describe('Edit log port of a front end, heartbeat port of a back end, ipc port of a broker.'),
  role: z.string().describe('`FOLLOWER`, `OBSERVER`, `mix`, `computation` or `broker`.'),
  alive: z.boolean().describe('As Doris sees it.'),
  master: z.boolean().optional().describe('Front ends: it is the master.'),
  version: z.string().optional().describe('Doris version that runs there.'),
  tablets: k.int32().optional().describe('Back ends: replicas of tablets on it.'),
  decommissioned: z.boolean().optional().describe('Back ends: its data is being moved away; `tablets` says how much is left.'),
  lastHeartbeat: z.string().optional().describe('Nodes that are not alive: when they last answered, as Doris writes times.'),
});

const member = {
  image: z.string().optional().describe('Image wanted.'),
  statefulSetRef: reference.optional(),
  members: z.array(z.string()).optional().describe('`<pod>.<namespace>` of every member wanted.'),
  readyMembers: z.array(z.string()).optional().describe('`<pod>.<namespace>` of every ready pod.'),
  conditions: k.conditions().optional().describe("The StatefulSet's."),
  nodes: z.array(node).optional().describe('Members as Doris lists them.'),
};

export const PHASES = ['Pending', 'Creating', 'Running', 'Updating', 'Suspended', 'Failed'] as const;
export type Phase = (typeof PHASES)[number];

/** DorisCluster.status: the existing operator's fields (spec/doris-operator.md §1.2), and `phase`, `conditions`, `observedGeneration`, `clusterId`, `nodes`. */
export const status = z.object({
  phase: z.enum(PHASES).optional().describe('In a word; conditions say more.'),
  observedGeneration: k.int64().optional().describe('Generation of the spec that the status is about.'),
  conditions: k.conditions().optional(),
  clusterId: z.string().optional().describe("Doris' own id of the cluster, remembered so that a second cluster under the same name is noticed."),
  schedulingBefore: z
    .object({ disable_balance: z.boolean(), disable_colocate_balance: z.boolean(), disable_tablet_scheduler: z.boolean() })
    .optional()
    .describe('While nodes restart one by one: what these settings of the master were before, and will be again.'),
  lastCopies: z
    .object({
      at: z.string().describe('When it was looked up; renewed every minute.'),
      away: z.array(z.string()).describe('Back ends that were not serving then.'),
      holders: z
        .array(z.object({ pod: z.string(), tablets: k.int32() }))
        .describe('Who held the only copies that could still be reached, and of how many tablets.'),
    })
    .optional()
    .describe('While back ends are away: what the webhook judges by whether another one may go.'),
  failover: z
    .object({ be: z.array(failedNode).optional(), cn: z.array(failedNode).optional() })
    .optional()
    .describe('Nodes that are dead where others may be added for them, and those that one was added for.'),
  lastApplySpecHash: z.string().optional().describe('MD5 of the spec that was last brought about as a whole.'),
  stage: z.string().optional().describe('`complete`, or the stage at work, e.g. `be/Statefulset`.'),
  stageStatus: z.string().optional().describe('`succeeded` or `failed`; absent while it waits.'),
  stageAction: z.string().optional().describe('`apply` while not complete.'),
  lastMessage: z.string().optional().describe('What the stage waits for or failed at.'),
  allReady: z.boolean().optional().describe('Every member wanted is ready and alive.'),
  fe: z
    .object({ ...member, serviceName: reference.optional() })
    .optional()
    .describe('Front ends.'),
  be: z.object(member).optional().describe('Back ends.'),
  cn: z.object(member).optional().describe('Compute nodes.'),
  broker: z.object(member).optional().describe('Brokers.'),
});

export type Status = z.output<typeof status>;
export type Node = z.output<typeof node>;
