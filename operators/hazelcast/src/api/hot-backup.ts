import type { DeepReadonly, Live } from '@binnacle/client';
import { k, resource } from '@binnacle/schema';
import { z } from 'zod';
import { hotBackupFaults } from './check/hot-backup.ts';

/** `HotBackup.spec`, and the template of a CronHotBackup. */
export const hotBackupSpec = z.object({
  hazelcastResourceName: z.string().describe('The Hazelcast to back up, in the same namespace.'),
  // Objects in the field write '' for "leave it on the members' volumes", so empty and absent mean the same.
  bucketURI: z.string().optional().describe('Bucket to copy to: `s3://`, `gs://` or `azblob://`. Absent: it stays on the volumes of the members.'),
  secret: z.string().optional().describe('Deprecated: use `secretName`.'),
  secretName: z.string().optional().describe('Secret with the credentials of the bucket. Absent: the identity of the pods.'),
  activeDeadlineSeconds: k
    .int64()
    .min(1)
    .optional()
    .describe('Give the backup up when it takes longer than this, and clean up after it. Absent: never; after an hour the condition `Stalled` tells.'),
  deletionPolicy: z
    .enum(['Retain', 'Delete'])
    .optional()
    .describe(
      'What becomes of a backup, and of what one that failed has left behind, when the HotBackup is deleted. `Delete` takes it off the volumes first, or out of the bucket, which takes a `secretName`. `Retain`, or absent: it stays. May be changed at any time.',
    ),
});
export type HotBackupSpec = z.output<typeof hotBackupSpec>;

const STATES = ['Unknown', 'Pending', 'NotStarted', 'InProgress', 'Failure', 'Success'] as const;
export type BackupState = (typeof STATES)[number];

const upload = z.object({
  member: z.string().describe('The pod whose backup it is.'),
  uuid: z.string().describe('Name of its folder on the volume.'),
  askedAt: z.string().describe('When its agent was to be asked for it: written before it is asked.'),
  attempt: k.int32().describe('How often it was asked, this time included.'),
  id: z.string().optional().describe('Its number at the agent. Absent: the agent was not asked, or its answer got lost.'),
  key: z.string().optional().describe('Where it is in the bucket. Absent: it is not there yet.'),
});
export type Upload = DeepReadonly<z.output<typeof upload>>;

const run = z.object({
  cluster: z.string().describe('The Hazelcast that it is taken of.'),
  uid: z.string().optional().describe('UID of that Hazelcast: one of its name that is made later is another.'),
  startedAt: z.string().describe('When it began.'),
  since: z.string().describe('The newest backup on the volumes before this one; empty: there was none.'),
  members: z.array(z.string()).describe('The pods it is taken of, by ordinal.'),
  activate: z.boolean().describe('The cluster was ACTIVE, may have been made PASSIVE, and is to be ACTIVE again.'),
  triggeredAt: z.string().optional().describe('When the members took the order.'),
  sequence: z.string().optional().describe('The backup on the volumes. Absent: it has not been seen yet.'),
  uploads: z.array(upload).optional().describe('Copies to the bucket. Absent: the members are not done yet.'),
  failure: z.string().optional().describe('Why it fails: what it has begun is being ended.'),
});
const remains = z.object({
  folder: z.string().optional().describe('Folder on the volumes.'),
  objects: z.array(z.string()).optional().describe('Objects in the bucket.'),
});
export type Remains = DeepReadonly<z.output<typeof remains>>;

const removal = z.object({
  startedAt: z.string().describe('When the first object was to be deleted.'),
  left: z.array(z.string()).describe('Those of `backupUUIDs`, or of `remains.objects`, that may still be there.'),
});

/** What is needed to go on after a restart. Once it is there, members may have been told to take the backup. */
export type Run = DeepReadonly<z.output<typeof run>>;

const MEMBER_STATES = ['Waiting', 'Copying', 'Copied', 'Uploading', 'Uploaded', 'Failed'] as const;
const member = z.object({
  pod: z.string().describe('The pod of the member.'),
  state: z.enum(MEMBER_STATES).describe('How far its part is.'),
  completed: k.int32().optional().describe('How many parts it has copied, as it counts them.'),
  total: k.int32().optional().describe('Of how many.'),
});
/** How far one member is. */
export type MemberProgress = DeepReadonly<z.output<typeof member>>;

const status = z.object({
  state: z.enum(STATES).optional().describe('How far it is.'),
  message: z.string().optional().describe('What it waits for or why it failed. Empty: nothing.'),
  backupUUIDs: z.array(z.string()).optional().describe('Where the backup of each member is: folder on the volume, or object in the bucket.'),
  members: z.array(member).optional().describe('How far each member is, by ordinal.'),
  startedAt: z.string().optional().describe('When it began.'),
  finishedAt: z.string().optional().describe('When it ended, well or not.'),
  run: run.optional().describe('The backup while it is being taken.'),
  remains: remains
    .optional()
    .describe('What a backup that failed may have left behind. It goes with the HotBackup as a finished one does: see `deletionPolicy`.'),
  removal: removal.optional().describe('The backup while it is being deleted from its bucket: it is not whole any more.'),
  observedGeneration: k.int64().optional().describe('Generation of the spec that this status is about.'),
  conditions: k.conditions().optional(),
});
export type HotBackupStatus = z.output<typeof status>;

/** One backup of one Hazelcast, taken once. Drop-in for the kind of the existing operator. Source: spec/hazelcast-core.md §1.2, §3. */
export const HotBackup = resource({
  group: 'hazelcast.com',
  version: 'v1alpha1',
  kind: 'HotBackup',
  plural: 'hotbackups',
  shortNames: ['hb'],
  description: 'One backup of one Hazelcast cluster, taken once.',
  columns: {
    Status: '.status.state',
    'Hazelcast-Resource': { type: 'string', jsonPath: '.spec.hazelcastResourceName', priority: 1 },
    Message: { type: 'string', jsonPath: '.status.message', priority: 1 },
    Age: '.metadata.creationTimestamp',
  },
  spec: hotBackupSpec,
  status,
  check: hotBackupFaults,
});

/** A HotBackup as the API server stored it. */
export type Backup = Live<typeof HotBackup>;
