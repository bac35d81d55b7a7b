import type { Live } from '@binnacle/client';
import type { StatefulSet, TopologySpreadConstraint } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import type { Cluster } from '../../api/hazelcast.ts';
import { given } from '../../given.ts';
import { restartChecksum } from '../config/checksum.ts';
import { isSmart, memberAccess } from '../effective.ts';
import { CONFIGURATION, CONFIG_CHECKSUM, MEMBER_ACCESS, SERVICE_PER_POD_COUNT, TAKEN_OVER, labelsOf, metaOf, selectorOf } from '../names.ts';
import { accountName } from './rbac.ts';
import { agentContainer, initContainer, memberContainer } from './pod.ts';
import { leaving } from './leaving.ts';
import { seccomp } from './seccomp.ts';
import { isTaken, takenTemplate } from './taken.ts';
import { claimOf, claims, volumes } from './volumes.ts';

/** Account and group of the member's process in its image. */
const NOBODY = 65_534;
/** What a member has to hand its data over and to flush it; seconds. */
const GRACE_SECONDS = 600;

const SPREAD_OVER = { NODE: 'kubernetes.io/hostname', ZONE: 'topology.kubernetes.io/zone' } as const;

/** How the StatefulSet is to be, besides what the spec says. */
export interface Rollout {
  readonly replicas: number;
  /** Ordinals from here on get a changed template; absent: all. */
  readonly partition?: number;
  readonly phoneHome: boolean;
  /** Which configuration members are to run with; empty: the one they were taken over with. */
  readonly configuration: string;
}

/** The members. `live`: what there is, for the fields that cannot change. Source: spec/hazelcast-core.md §2.10. */
export function statefulSet(hz: Cluster, rollout: Rollout, live: Live<typeof StatefulSet> | undefined): Desired<typeof StatefulSet> {
  const { annotations, ...meta } = metaOf(hz);
  const claimTemplates = claims(hz, live);
  const built = template(hz, live, rollout);
  const taken = takenTemplate(built, live);
  const counted = isSmart(hz) ? { [SERVICE_PER_POD_COUNT]: String(hz.spec.clusterSize) } : {};
  const noted = { ...annotations, ...counted, ...(taken === undefined ? {} : { [TAKEN_OVER]: 'true' }) };
  return {
    ...meta,
    ...(Object.keys(noted).length === 0 ? {} : { annotations: noted }),
    spec: {
      replicas: rollout.replicas,
      selector: { matchLabels: selectorOf(hz) },
      serviceName: hz.metadata.name,
      podManagementPolicy: 'Parallel',
      // Never with a member that leaves: a paused cluster has none.
      ...(hz.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted === 'Delete'
        ? { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' } }
        : {}),
      ...(rollout.partition === undefined ? {} : { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: rollout.partition } } }),
      template: taken ?? built,
      ...(claimTemplates.length === 0 ? {} : { volumeClaimTemplates: claimTemplates }),
    },
  };
}

function template(hz: Cluster, live: Live<typeof StatefulSet> | undefined, { phoneHome, configuration }: Rollout) {
  const { spec } = hz;
  const claim = claimOf(hz, live);
  const access = memberAccess(hz);
  return {
    metadata: {
      labels: labelsOf(hz),
      annotations: {
        ...spec.annotations,
        ...(access === undefined ? {} : { [MEMBER_ACCESS]: access }),
        [CONFIG_CHECKSUM]: restartChecksum(hz),
        ...(configuration === '' ? {} : { [CONFIGURATION]: configuration }),
      },
    },
    spec: given({
      serviceAccountName: accountName(hz),
      imagePullSecrets: spec.imagePullSecrets,
      securityContext: { fsGroup: NOBODY, runAsUser: NOBODY, runAsNonRoot: true, ...seccomp(live, isTaken(live)) },
      terminationGracePeriodSeconds: GRACE_SECONDS,
      affinity: spec.scheduling?.affinity,
      tolerations: spec.scheduling?.tolerations,
      nodeSelector: spec.scheduling?.nodeSelector,
      topologySpreadConstraints: spread(hz),
      initContainers: [initContainer(hz, claim)],
      containers: [memberContainer(hz, claim, { phoneHome, leaving: leaving(hz, live, configuration) }), agentContainer(hz, claim)],
      volumes: volumes(hz),
    }),
  };
}

/** The user's constraints, then one that keeps copies apart, unless the user has one for the same: server-side apply takes each once. */
function spread(hz: Cluster): readonly TopologySpreadConstraint[] | undefined {
  const mode = hz.spec.highAvailabilityMode;
  const own: readonly TopologySpreadConstraint[] =
    mode === undefined
      ? []
      : [{ maxSkew: 1, topologyKey: SPREAD_OVER[mode], whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: selectorOf(hz) } }];
  const users = hz.spec.scheduling?.topologySpreadConstraints ?? [];
  const same = (a: TopologySpreadConstraint) => users.some((b) => a.topologyKey === b.topologyKey && a.whenUnsatisfiable === b.whenUnsatisfiable);
  const all = [...users, ...own.filter((one) => !same(one))];
  return all.length === 0 ? undefined : all;
}
