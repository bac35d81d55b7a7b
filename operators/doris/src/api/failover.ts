import { k } from '@binnacle/schema';
import { z } from 'zod';

/** Nodes in place of dead ones. */
export const failover = z.object({
  maxNodes: k.int32().min(0).describe('How many nodes are added at most. 0 adds none; those that were added stay.'),
  afterSeconds: k.int32().min(60).optional().describe('How long a node has to be dead, as Doris sees it. Default 300.'),
  withdraw: z
    .boolean()
    .optional()
    .describe('Takes a node that was added out again, its data moved away first, when the one that it was added for is back. Default: it stays.'),
});

export type Failover = z.output<typeof failover>;

/** Longer than a pod needs that Kubernetes takes off a lost node (300 s) and starts on another, in most clusters; seconds. */
export const FAILOVER_AFTER_SECONDS = 300;

/** One node that is dead, and whether one was added for it. */
export const failedNode = z.object({
  pod: z.string().describe('The pod of the node that is dead, or was.'),
  deadSince: z.string().describe('When it was first seen dead.'),
  addedAt: z.string().optional().describe('When a node was added for it. As long as it is listed here there is one node more than the spec says.'),
});

export type FailedNode = z.output<typeof failedNode>;
