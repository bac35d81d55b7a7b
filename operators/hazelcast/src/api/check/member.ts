import { invalid, quantityNanos } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import type { Spec } from '../spec.ts';

/** Powers of two that members take as `nativeMemory.minBlockSize`; bytes. */
const BLOCK_BYTES_MOST = 65_536;
/** What a member takes for no text: Java trims control characters as well. */
const BLANK = /^[\s\p{Cc}]*$/u;
const CAPACITY_POLICIES = ['PER_NODE', 'PER_PARTITION'];

/**
 * Values that the schema of the kind we replace lets through and with which a member does not start: an edit restarts members, and the first would not come
 * back. Found by giving each to the configuration reader of a member (5.5.0).
 */
export function* memberFaults(spec: Spec): Iterable<FieldError> {
  for (const [path, name] of names(spec)) if (BLANK.test(name)) yield invalid(path, name, 'members do not start without a name');
  for (const [path, value, least] of [...computeNumbers(spec), ...storageNumbers(spec)]) {
    if (value !== undefined && value < least) yield invalid(path, value, `should be greater than or equal to ${least}: members do not start with less`);
  }
  for (const [index, { capacityPolicy }] of (spec.scheduledExecutorServices ?? []).entries()) {
    const path = `spec.scheduledExecutorServices[${index}].capacityPolicy`;
    if (!CAPACITY_POLICIES.includes(capacityPolicy)) yield invalid(path, capacityPolicy, `members know ${CAPACITY_POLICIES.join(' and ')}`);
  }
  const block = spec.nativeMemory?.minBlockSize;
  if (block !== undefined && (block < 1 || block > BLOCK_BYTES_MOST || (block & (block - 1)) !== 0))
    yield invalid('spec.nativeMemory.minBlockSize', block, `must be a power of two up to ${BLOCK_BYTES_MOST}`);
  for (const [path, size] of sizes(spec)) {
    if (size !== undefined && (quantityNanos(size) ?? 0n) <= 0n) yield invalid(path, size, 'must be greater than zero');
  }
}

function names({ clusterName, serialization }: Spec): readonly (readonly [path: string, name: string])[] {
  const { serializers = [], compactSerialization: compact } = serialization ?? {};
  const each = (list: string, classes: readonly string[] = []) => classes.map((name, index) => [`spec.serialization.${list}[${index}]`, name] as const);
  const global = serialization?.globalSerializer?.className;
  return [
    ['spec.clusterName', clusterName],
    ...each('dataSerializableFactories', serialization?.dataSerializableFactories),
    ...each('portableFactories', serialization?.portableFactories),
    ...(global === undefined ? [] : [['spec.serialization.globalSerializer.className', global] as const]),
    ...serializers.flatMap(({ typeClass, className }, index) => [
      [`spec.serialization.serializers[${index}].typeClass`, typeClass] as const,
      [`spec.serialization.serializers[${index}].className`, className] as const,
    ]),
    ...each('compactSerialization.serializers', compact?.serializers),
    ...each('compactSerialization.classes', compact?.classes),
  ];
}

function sizes({ nativeMemory, persistence, cpSubsystem, localDevices = [] }: Spec): readonly (readonly [path: string, size: string | number | undefined])[] {
  return [
    ['spec.nativeMemory.size', nativeMemory?.size],
    ['spec.persistence.pvc.requestStorage', persistence?.pvc?.requestStorage],
    ['spec.cpSubsystem.pvc.requestStorage', cpSubsystem?.pvc?.requestStorage],
    ...localDevices.map(({ pvc }, index) => [`spec.localDevices[${index}].pvc.requestStorage`, pvc?.requestStorage] as const),
  ];
}

type Least = readonly [path: string, value: number | undefined, least: number];

function computeNumbers({ jet, sql, executorServices = [], durableExecutorServices = [], scheduledExecutorServices = [] }: Spec): readonly Least[] {
  const { instance, edgeDefaults } = jet;
  return [
    ...executorServices.map(({ queueCapacity }, index): Least => [`spec.executorServices[${index}].queueCapacity`, queueCapacity, 0]),
    ...durableExecutorServices.map(({ capacity }, index): Least => [`spec.durableExecutorServices[${index}].capacity`, capacity, 1]),
    ...scheduledExecutorServices.map(({ capacity }, index): Least => [`spec.scheduledExecutorServices[${index}].capacity`, capacity, 0]),
    ['spec.jet.instance.backupCount', instance?.backupCount, 0],
    ['spec.jet.instance.flowControlPeriodMillis', instance?.flowControlPeriodMillis, 1],
    ['spec.jet.instance.scaleUpDelayMillis', instance?.scaleUpDelayMillis, 0],
    ['spec.jet.instance.maxProcessorAccumulatedRecords', instance?.maxProcessorAccumulatedRecords, 1],
    ['spec.jet.edgeDefaults.queueSize', edgeDefaults?.queueSize, 1],
    ['spec.jet.edgeDefaults.packetSizeLimit', edgeDefaults?.packetSizeLimit, 1],
    ['spec.jet.edgeDefaults.receiveWindowMultiplier', edgeDefaults?.receiveWindowMultiplier, 1],
    ['spec.sql.statementTimeout', sql?.statementTimeout, 0],
  ];
}

/** Of native memory 0 leaves a number to the member. */
function storageNumbers({ persistence, nativeMemory, cpSubsystem: cp }: Spec): readonly Least[] {
  return [
    ['spec.nativeMemory.pageSize', nativeMemory?.pageSize, 0],
    ['spec.nativeMemory.metadataSpacePercentage', nativeMemory?.metadataSpacePercentage, 0],
    ['spec.persistence.dataRecoveryTimeout', persistence?.dataRecoveryTimeout, 0],
    ['spec.cpSubsystem.sessionTTLSeconds', cp?.sessionTTLSeconds, 1],
    ['spec.cpSubsystem.sessionHeartbeatIntervalSeconds', cp?.sessionHeartbeatIntervalSeconds, 1],
    ['spec.cpSubsystem.missingCpMemberAutoRemovalSeconds', cp?.missingCpMemberAutoRemovalSeconds, 0],
  ];
}
