import { createHash } from 'node:crypto';
import type { Live } from '@binnacle/client';
import type { Job } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import type { Cluster } from '../../../api/hazelcast.ts';
import type { Backup } from '../../../api/hot-backup.ts';
import { given } from '../../../given.ts';
import { memberImage } from '../../../hazelcast/effective.ts';
import { PATHS, POD_NAME, memberName } from '../../../hazelcast/names.ts';
import type { VolumeState } from './plan.ts';

/** Account and group of the member's process, to which the files belong. */
const NOBODY = 65_534;
const RETRIES = 3;
/** What is left of Jobs when nobody takes them away any more; seconds. */
const FORGOTTEN_SECONDS = 3_600;
const NAME_MOST = 40;
const VOLUME = 'persistence';

/** Short for the HotBackup: its name may be too long for a Job's, and its UID no other of that name had. */
export function jobName({ metadata }: Backup, ordinal: number): string {
  const hash = createHash('sha256').update(metadata.uid).digest('hex').slice(0, 8);
  return `${metadata.name.slice(0, NAME_MOST).replace(/[-.]+$/, '')}-${hash}-${ordinal}`;
}

/** Of all Jobs that take backups off volumes. */
export const JOB_LABELS = { 'app.kubernetes.io/name': 'hot-backup-removal', 'app.kubernetes.io/managed-by': 'hazelcast-platform-operator' } as const;

/** Whether a Job of this name is the HotBackup's, for whichever member. */
export function isJobOf(hb: Backup, name: string): boolean {
  const ordinal = name.split('-').at(-1) ?? '';
  return /^\d+$/.test(ordinal) && name === jobName(hb, Number(ordinal));
}

/** What a Job has come to. */
export function jobState(job: Live<typeof Job> | undefined): VolumeState['job'] {
  const holds = (type: string) => job?.status?.conditions?.some((one) => one.type === type && one.status === 'True') === true;
  if (job === undefined) return 'none';
  return holds('Complete') ? 'done' : holds('Failed') ? 'failed' : 'running';
}

/** Where the claim's files are, and what goes. */
export interface Removal {
  readonly volume: Pick<VolumeState, 'claim' | 'ordinal'>;
  /** Folder of all backups. */
  readonly dir: string;
  /** `backup-<13 digits>`, nothing else. */
  readonly folder: string;
  /** The member's pod is there: a volume for one node has to be mounted on that one. */
  readonly mounted: boolean;
}

/**
 * Removes one folder of one claim, with the image that the member runs: it is on the node, and has the account to which the files belong. Of no owner, so that it
 * is not swept away with the HotBackup that waits for it.
 */
export function removalJob(hb: Backup, hz: Cluster, { volume, dir, folder, mounted }: Removal): Desired<typeof Job> {
  const beside = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { [POD_NAME]: memberName(hz, volume.ordinal) } } };
  return {
    name: jobName(hb, volume.ordinal),
    labels: JOB_LABELS,
    spec: {
      backoffLimit: RETRIES,
      ttlSecondsAfterFinished: FORGOTTEN_SECONDS,
      template: {
        metadata: { labels: JOB_LABELS },
        spec: given({
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          imagePullSecrets: hz.spec.imagePullSecrets,
          affinity: mounted ? { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [beside] } } : undefined,
          nodeSelector: hz.spec.scheduling?.nodeSelector,
          tolerations: hz.spec.scheduling?.tolerations,
          securityContext: { fsGroup: NOBODY, runAsUser: NOBODY, runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'remove',
              image: memberImage(hz),
              imagePullPolicy: hz.spec.imagePullPolicy,
              command: ['rm', '-rf', '--', `${dir}/${folder}`],
              resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '64Mi' } },
              volumeMounts: [{ name: VOLUME, mountPath: PATHS.persistence }],
              securityContext: { readOnlyRootFilesystem: true, allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
          volumes: [{ name: VOLUME, persistentVolumeClaim: { claimName: volume.claim } }],
        }),
      },
    },
  };
}
