import { k } from '@binnacle/schema';
import { z } from 'zod';
import { bucket, pvc } from './common.ts';

const localBackup = z.object({
  pvcNamePrefix: z
    .enum(['persistence', 'hot-restart-persistence'])
    .default('persistence')
    .describe('Name of the claim template whose volumes hold the backup.'),
  baseDir: z.string().optional().describe('Directory of the backup on the volume. Absent: the base directory of the members.'),
  backupDir: z.string().optional().describe('Directory of backups below `baseDir`. Absent: `/hot-backup`.'),
  backupFolder: z.string().min(1).optional().describe('Folder of the backup to restore, e.g. `backup-1659034855438`.'),
});

/** Exactly one source. */
export const restore = z
  .object({
    bucketConfig: bucket.optional().describe('Restore from object storage.'),
    hotBackupResourceName: z.string().optional().describe('Restore from a HotBackup of this namespace.'),
    localConfig: localBackup.optional().describe('Restore from a folder that is on the volume already.'),
  })
  .meta({ maxProperties: 1 });
export type Restore = z.output<typeof restore>;

/** Data on disk. Its presence switches it on. */
export const persistence = z.object({
  baseDir: z.string().optional().describe('Deprecated and without effect.'),
  clusterDataRecoveryPolicy: z
    .enum(['FullRecoveryOnly', 'PartialRecoveryMostRecent', 'PartialRecoveryMostComplete'])
    .default('FullRecoveryOnly')
    .describe('What a cluster does when not every member finds its data.'),
  startupAction: z.enum(['ForceStart', 'PartialStart']).optional().describe('What to do with a cluster that cannot recover: once for one written wish.'),
  dataRecoveryTimeout: k.int32().optional().describe('Seconds to wait for members and for their data. Absent or 0: 120.'),
  pvc: pvc.optional().describe('The volume of each member.'),
  restore: restore.optional().describe('What to start from.'),
});

/** A disk for tiered storage. */
export const localDevice = z.object({
  name: z.string().describe('Name of the device, and of its volume.'),
  blockSize: k.int32().min(512).default(4096).describe('Block or sector size; bytes.'),
  readIOThreadCount: k.int32().min(1).default(4).describe('Threads that read.'),
  writeIOThreadCount: k.int32().min(1).default(4).describe('Threads that write.'),
  pvc: pvc.optional().describe('The volume of each member.'),
});

/** Strongly consistent structures. Its presence switches them on. */
export const cpSubsystem = z.object({
  sessionTTLSeconds: k.int32().optional().describe('How long a session lives without a heartbeat; seconds. Members take 300.'),
  sessionHeartbeatIntervalSeconds: k.int32().optional().describe('Interval of session heartbeats; seconds. Members take 5.'),
  missingCpMemberAutoRemovalSeconds: k.int32().optional().describe('When a missing CP member is removed; seconds, 0 never. Members take 14400.'),
  failOnIndeterminateOperationState: z.boolean().optional().describe('Fail operations whose result is not known.'),
  dataLoadTimeoutSeconds: k.int32().min(1).optional().describe('Time limit of loading data at start; seconds.'),
  pvc: pvc.optional().describe('A volume of its own. Absent: that of `persistence`.'),
});
