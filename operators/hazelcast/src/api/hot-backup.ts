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
});
export type HotBackupSpec = z.output<typeof hotBackupSpec>;

const STATES = ['Unknown', 'Pending', 'NotStarted', 'InProgress', 'Failure', 'Success'] as const;
export type BackupState = (typeof STATES)[number];

const upload = z.object({
  member: z.string().describe('The pod whose backup it is.'),
  id: z.string().describe('Its number at the agent of the pod.'),
  key: z.string().optional().describe('Where it is in the bucket. Absent: it is not there yet.'),
});
export type Upload = DeepReadonly<z.output<typeof upload>>;

const run = z.object({
  startedAt: z.string().describe('When it began.'),
  since: z.string().describe('The newest backup on the volumes before this one; empty: there was none.'),
  members: z.array(z.string()).describe('The pods it is taken of, by ordinal.'),
  activate: z.boolean().describe('The cluster was ACTIVE, and is to be again.'),
  triggeredAt: z.string().optional().describe('When the members took the order.'),
  sequence: z.string().optional().describe('The backup on the volumes. Absent: it has not been seen yet.'),
  uploads: z.array(upload).optional().describe('Copies to the bucket. Absent: the members are not done yet.'),
});
/** What is needed to go on after a restart. Once it is there, members may have been told to take the backup. */
export type Run = DeepReadonly<z.output<typeof run>>;

const status = z.object({
  state: z.enum(STATES).optional().describe('How far it is.'),
  message: z.string().optional().describe('What it waits for or why it failed. Empty: nothing.'),
  backupUUIDs: z.array(z.string()).optional().describe('Where the backup of each member is: folder on the volume, or object in the bucket.'),
  run: run.optional().describe('The backup while it is being taken.'),
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
  },
  spec: hotBackupSpec,
  status,
  check: hotBackupFaults,
});

/** A HotBackup as the API server stored it. */
export type Backup = Live<typeof HotBackup>;
