import type { Live } from '@binnacle/client';
import { k, resource } from '@binnacle/schema';
import { z } from 'zod';
import { cronHotBackupFaults } from './check/cron-hot-backup.ts';
import { hotBackupSpec } from './hot-backup.ts';

const spec = z.object({
  schedule: z
    .string()
    .min(1)
    .describe(
      'When: five fields of cron, six with seconds first, `@hourly` and the like, or `@every 1h30m`. UTC unless `timeZone`, or `CRON_TZ=Zone/City ` before it, says otherwise.',
    ),
  timeZone: z.string().min(1).optional().describe('Zone of the schedule, e.g. `Europe/Berlin`. Not together with `CRON_TZ=` in the schedule.'),
  concurrencyPolicy: z
    .enum(['Allow', 'Forbid', 'Replace'])
    .default('Allow')
    .describe(
      'While an earlier HotBackup has not ended: `Allow` makes the next one all the same, which waits for its turn (ten at most wait); `Forbid` makes none; `Replace` deletes the earlier ones, which ends them.',
    ),
  startingDeadlineSeconds: k
    .int64()
    .min(0)
    .optional()
    .describe('A time that was missed for longer than this is not made up for. Absent: the newest that was missed always is.'),
  hotBackupTemplate: z
    .object({
      metadata: z
        // Whatever else is in the metadata of a template was always let pass, such as the null that Go writes for a time.
        .looseObject({
          labels: k.stringMap().optional().describe('Labels of the HotBackups.'),
          annotations: k.stringMap().optional().describe('Annotations of the HotBackups.'),
        })
        .optional()
        .describe('Labels and annotations of the HotBackups; anything else has no effect.'),
      spec: hotBackupSpec.describe('Spec of the HotBackups.'),
    })
    .describe('What is made each time.'),
  successfulHotBackupsHistoryLimit: k
    .int32()
    .min(0)
    .default(5)
    .describe('How many HotBackups that succeeded stay. The data of the others stays too, unless `deletionPolicy` in the template says otherwise.'),
  failedHotBackupsHistoryLimit: k.int32().min(0).default(3).describe('How many HotBackups that failed stay.'),
  historyMaxAgeSeconds: k
    .int64()
    .min(1)
    .optional()
    .describe(
      'How long HotBackups stay after they ended, at most: of those that the limits let stay, older ones go too. The newest that succeeded always stays. Absent: they do not age.',
    ),
  suspend: z.boolean().default(false).describe('Make none for now. What would have been due meanwhile is not made up for.'),
});
export type CronHotBackupSpec = z.output<typeof spec>;

const status = z.object({
  schedule: z.string().optional().describe('The schedule that `lastScheduleTime` is of, with its zone.'),
  lastScheduleTime: z.string().optional().describe('Up to here all is done: a HotBackup was made, or none is to be.'),
  lastHotBackup: z.string().optional().describe('The HotBackup that was made last.'),
  lastSuccessfulTime: z.string().optional().describe('When one of its HotBackups last ended well.'),
  active: z.array(z.string()).optional().describe('Its HotBackups that have not ended, the oldest first.'),
  nextScheduleTime: z.string().optional().describe('When the next is due. Absent: never, or suspended.'),
  observedGeneration: k.int64().optional().describe('Generation of the spec that this status is about.'),
  conditions: k.conditions().optional(),
});
export type CronHotBackupStatus = z.output<typeof status>;

/** Backups of one Hazelcast by the clock. Drop-in for the kind of the existing operator. Source: spec/hazelcast-core.md §1.3, §3.3. */
export const CronHotBackup = resource({
  group: 'hazelcast.com',
  version: 'v1alpha1',
  kind: 'CronHotBackup',
  plural: 'cronhotbackups',
  shortNames: ['chb'],
  description: 'Backups of one Hazelcast cluster by the clock.',
  columns: {
    Schedule: '.spec.schedule',
    SUSPENDED: { type: 'boolean', jsonPath: '.spec.suspend' },
    Ready: '.status.conditions[?(@.type=="Ready")].status',
    // Not `lastScheduleTime`: that is there from the first minute on, when nothing has been backed up.
    'Last-Success': { type: 'date', jsonPath: '.status.lastSuccessfulTime', description: 'Since when there is a backup that succeeded.' },
    Next: '.status.nextScheduleTime',
    'Hazelcast-Resource': { type: 'string', jsonPath: '.spec.hotBackupTemplate.spec.hazelcastResourceName', priority: 1 },
    'Last-HotBackup': { type: 'string', jsonPath: '.status.lastHotBackup', priority: 1 },
    Message: { type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].message', priority: 1 },
    Age: '.metadata.creationTimestamp',
  },
  spec,
  status,
  check: cronHotBackupFaults,
});

/** A CronHotBackup as the API server stored it. */
export type CronBackup = Live<typeof CronHotBackup>;
