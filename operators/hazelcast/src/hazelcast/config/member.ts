import type { Cluster } from '../../api/hazelcast.ts';
import { given } from '../../given.ts';
import { PATHS } from '../names.ts';
import { memberAccess } from '../effective.ts';
import { classFilter } from './class-filter.ts';
import { advancedNetwork } from './network.ts';
import { executors, jet } from './compute.ts';
import { nativeMemory, serialization } from './memory.ts';
import { sectionsIn } from './read.ts';
import { restartSsl } from './ssl.ts';
import { bytes } from './quantity.ts';

/** Sections of `hazelcast.yaml` under the root, in the order in which they are written. Absent sections are missing keys. */
export type Sections = Readonly<Record<string, unknown>>;

/** Where persistence keeps its files. The first clusters of the existing operator had them at the root of the volume. */
export interface BaseDir {
  readonly base: string;
}
export const BASE_DIR: BaseDir = { base: `${PATHS.persistence}/base-dir` };
export const LEGACY_BASE_DIR: BaseDir = { base: PATHS.persistence };

/**
 * Which of the two a cluster has. Once its Secret says another directory, or none, the data is in the old place: the member would start empty in the new one.
 * `existing`: the `hazelcast.yaml` there is, undefined for a new cluster. Source: spec/hazelcast-core.md §2.7.1.
 */
export function baseDirOf(existing: string | undefined): BaseDir {
  if (existing === undefined) return BASE_DIR;
  const found = sectionsIn(existing)['persistence'] as { readonly 'base-dir'?: unknown } | null | undefined;
  return found?.['base-dir'] === BASE_DIR.base ? BASE_DIR : LEGACY_BASE_DIR;
}

/** Seconds that members wait for one another when nothing is said. */
const VALIDATION_TIMEOUT = 120;
const POLICIES = {
  FullRecoveryOnly: 'FULL_RECOVERY_ONLY',
  PartialRecoveryMostRecent: 'PARTIAL_RECOVERY_MOST_RECENT',
  PartialRecoveryMostComplete: 'PARTIAL_RECOVERY_MOST_COMPLETE',
} as const;

/** The configuration that follows from the Hazelcast alone. Source, with the order of sections: spec/hazelcast-core.md §2.7.1. */
export function memberConfig(hz: Cluster, dir: BaseDir = BASE_DIR): Sections {
  const { spec } = hz;
  return given({
    jet: jet(spec.jet),
    'cluster-name': spec.clusterName,
    persistence: persistence(hz, dir),
    ...executors(spec),
    'user-code-deployment': userCodeDeployment(hz),
    properties: properties(hz),
    'partition-group': partitionGroup(hz),
    'native-memory': nativeMemory(spec.nativeMemory),
    'advanced-network': advancedNetwork(hz, memberAccess(hz)),
    'management-center': managementCenter(hz),
    serialization: serialization(spec.serialization),
    sql: sql(hz),
    'local-device': localDevices(hz),
    'cp-subsystem': cpSubsystem(hz),
    'user-code-namespaces': userCodeNamespaces(hz),
  });
}

/** What a member must be restarted for. Its CRC-32 is in the pod template. Source: spec/hazelcast-core.md §2.11. */
export function restartConfig(hz: Cluster): Sections {
  return given({
    jet: jet(hz.spec.jet),
    'cluster-name': hz.spec.clusterName,
    'user-code-deployment': userCodeDeployment(hz),
    'advanced-network': restartSsl(hz),
    'cp-subsystem': cpSubsystem(hz),
  });
}

function persistence(hz: Cluster, { base }: BaseDir): Sections | undefined {
  const wanted = hz.spec.persistence;
  if (wanted === undefined) return undefined;
  return {
    enabled: true,
    'base-dir': base,
    'backup-dir': `${base}/hot-backup`,
    parallelism: 1,
    'validation-timeout-seconds': wanted.dataRecoveryTimeout || VALIDATION_TIMEOUT,
    'cluster-data-recovery-policy': POLICIES[wanted.clusterDataRecoveryPolicy],
    'auto-remove-stale-data': wanted.clusterDataRecoveryPolicy !== 'FullRecoveryOnly',
  };
}

/** Ours win over the user's: without them a rolling upgrade or a restart of the whole cluster would stick half-way. */
function properties(hz: Cluster): Sections {
  const merged: Record<string, string> = {
    ...hz.spec.properties,
    'hazelcast.cluster.version.auto.upgrade.enabled': 'true',
    'hazelcast.persistence.auto.cluster.state': 'true',
    ...((hz.spec.localDevices ?? []).length === 0 ? {} : { 'hazelcast.tiered.store.force.enabled': 'true' }),
  };
  return Object.fromEntries(Object.entries(merged).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function userCodeDeployment(hz: Cluster): Sections | undefined {
  const enabled = hz.spec.userCodeDeployment?.clientEnabled;
  return enabled === undefined ? undefined : { enabled };
}

function partitionGroup(hz: Cluster): Sections | undefined {
  const mode = hz.spec.highAvailabilityMode;
  return mode === undefined ? undefined : { enabled: true, 'group-type': `${mode}_AWARE` };
}

function managementCenter(hz: Cluster): Sections | undefined {
  const wanted = hz.spec.managementCenter;
  const flags = given({
    'scripting-enabled': wanted?.scriptingEnabled || undefined,
    'console-enabled': wanted?.consoleEnabled || undefined,
    'data-access-enabled': wanted?.dataAccessEnabled || undefined,
  });
  return Object.keys(flags).length === 0 ? undefined : flags;
}

function sql(hz: Cluster): Sections | undefined {
  const wanted = hz.spec.sql;
  return wanted === undefined
    ? undefined
    : { 'statement-timeout-millis': wanted.statementTimeout, 'catalog-persistence-enabled': wanted.catalogPersistenceEnabled };
}

function localDevices(hz: Cluster): Sections | undefined {
  const devices = hz.spec.localDevices ?? [];
  if (devices.length === 0) return undefined;
  const entry = (device: (typeof devices)[number]) => ({
    'base-dir': `${PATHS.tiered}/${device.name}`,
    capacity: { value: bytes(device.pvc?.requestStorage ?? '8Gi'), unit: 'BYTES' },
    'block-size': device.blockSize,
    'read-io-thread-count': device.readIOThreadCount,
    'write-io-thread-count': device.writeIOThreadCount,
  });
  return Object.fromEntries(devices.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((device) => [device.name, entry(device)]));
}

function cpSubsystem(hz: Cluster): Sections | undefined {
  const cp = hz.spec.cpSubsystem;
  if (cp === undefined) return undefined;
  return given({
    'cp-member-count': hz.spec.clusterSize,
    'persistence-enabled': true,
    'base-dir': hz.spec.persistence !== undefined && cp.pvc === undefined ? PATHS.cpShared : PATHS.cp,
    'group-size': hz.spec.clusterSize,
    'session-time-to-live-seconds': cp.sessionTTLSeconds,
    'session-heartbeat-interval-seconds': cp.sessionHeartbeatIntervalSeconds,
    'missing-cp-member-auto-removal-seconds': cp.missingCpMemberAutoRemovalSeconds,
    'fail-on-indeterminate-operation-state': cp.failOnIndeterminateOperationState,
    'data-load-timeout-seconds': cp.dataLoadTimeoutSeconds,
  });
}

function userCodeNamespaces(hz: Cluster): Sections | undefined {
  const wanted = hz.spec.userCodeNamespaces;
  if (wanted === undefined) return undefined;
  return given({ enabled: true, 'class-filter': wanted.classFilter === undefined ? undefined : classFilter(wanted.classFilter) });
}
