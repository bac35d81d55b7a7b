import { k } from '@binnacle/schema';
import { z } from 'zod';
import { bucket } from './common.ts';

/** Jet: streams, batches and SQL. */
export const jet = z.object({
  enabled: z.boolean().default(true).describe('Run the Jet engine.'),
  resourceUploadEnabled: z.boolean().default(false).describe('Let clients upload job code.'),
  bucketConfig: bucket.optional().describe('Jars that the init container downloads from object storage.'),
  configMaps: z.array(z.string()).optional().describe('ConfigMaps with jars.'),
  remoteURLs: z.array(z.string()).optional().describe('Jars that the init container downloads by HTTP.'),
  instance: z
    .object({
      cooperativeThreadCount: k.int32().min(1).optional().describe('Threads of the cooperative executor. Absent: as many as cores.'),
      flowControlPeriodMillis: k.int32().default(100).describe('How often flow-control packets are sent; ms.'),
      backupCount: k.int32().max(6).default(1).describe('Copies of a job’s metadata and snapshots.'),
      scaleUpDelayMillis: k.int32().default(10_000).describe('How long after a member joined jobs restart to use it; ms.'),
      losslessRestartEnabled: z.boolean().default(false).describe('Snapshots survive a restart of the cluster; needs persistence.'),
      maxProcessorAccumulatedRecords: k.int64().optional().describe('Records that a processor may collect.'),
    })
    .optional()
    .describe('The engine.'),
  edgeDefaults: z
    .object({
      queueSize: k.int32().optional().describe('Capacity of the queues between processors.'),
      packetSizeLimit: k.int32().optional().describe('Limit of a packet; bytes.'),
      receiveWindowMultiplier: k.int32().optional().describe('Scaling factor of the receive window.'),
    })
    .optional()
    .describe('Defaults of the edges of a job.'),
});

/** Deprecated: classes added to the members' class path. */
export const userCodeDeployment = z.object({
  clientEnabled: z.boolean().optional().describe('Let clients send classes.'),
  triggerSequence: z.string().optional().describe('Change it to restart the members with changed ConfigMaps.'),
  bucketConfig: bucket.optional().describe('Jars from object storage.'),
  configMaps: z.array(z.string()).optional().describe('ConfigMaps with jars.'),
  remoteURLs: z.array(z.string()).optional().describe('Jars by HTTP.'),
});

const userCodeNamespace = z.string().min(1).optional().describe('UserCodeNamespace whose classes its tasks see.');

export const executorService = z.object({
  name: z.string().default('default').describe('Name of the executor.'),
  poolSize: k.int32().min(1).default(8).describe('Threads on each member.'),
  queueCapacity: k.int32().default(0).describe('Tasks that may wait; 0: no limit.'),
  userCodeNamespace,
});

export const durableExecutorService = z.object({
  name: z.string().default('default').describe('Name of the executor.'),
  poolSize: k.int32().min(1).default(16).describe('Threads on each member.'),
  durability: k.int32().min(1).default(1).describe('Copies of each task.'),
  capacity: k.int32().default(100).describe('Tasks that may wait, for each partition.'),
  userCodeNamespace,
});

export const scheduledExecutorService = z.object({
  name: z.string().default('default').describe('Name of the executor.'),
  poolSize: k.int32().min(1).default(16).describe('Threads on each member.'),
  durability: k.int32().min(1).default(1).describe('Copies of each task.'),
  capacity: k.int32().default(100).describe('Tasks that may wait.'),
  // Free text in the kind this replaces: stored objects may hold anything.
  capacityPolicy: z.string().default('PER_NODE').describe('What `capacity` counts: `PER_NODE` or `PER_PARTITION`.'),
  userCodeNamespace,
});

export const sql = z.object({
  statementTimeout: k.int32().default(0).describe('Time limit of a statement; ms, 0: none.'),
  catalogPersistenceEnabled: z.boolean().default(false).describe('Mappings survive a restart of the cluster; needs persistence.'),
});
