import type { DeepReadonly } from '@binnacle/client';
import type { Spec } from '../../api/spec.ts';
import { given } from '../../given.ts';

/** The Jet section, in the form that carries the restart checksum: `instance` is deprecated by members and still works. */
export function jet(wanted: DeepReadonly<Spec['jet']>): Readonly<Record<string, unknown>> {
  const { instance, edgeDefaults } = wanted;
  return given({
    enabled: wanted.enabled,
    'resource-upload-enabled': wanted.resourceUploadEnabled,
    instance:
      instance === undefined
        ? undefined
        : given({
            'cooperative-thread-count': instance.cooperativeThreadCount,
            'flow-control-period': instance.flowControlPeriodMillis,
            'backup-count': instance.backupCount,
            'scale-up-delay-millis': instance.scaleUpDelayMillis,
            'lossless-restart-enabled': instance.losslessRestartEnabled,
            'max-processor-accumulated-records': instance.maxProcessorAccumulatedRecords,
          }),
    'edge-defaults':
      edgeDefaults === undefined
        ? undefined
        : given({
            'queue-size': edgeDefaults.queueSize,
            'packet-size-limit': edgeDefaults.packetSizeLimit,
            'receive-window-multiplier': edgeDefaults.receiveWindowMultiplier,
          }),
  });
}

/** The three executor sections, names sorted. */
export function executors(spec: DeepReadonly<Spec>): Readonly<Record<string, unknown>> {
  return given({
    'executor-service': byName(spec.executorServices, (one) => ({ 'pool-size': one.poolSize, 'queue-capacity': one.queueCapacity })),
    'durable-executor-service': byName(spec.durableExecutorServices, (one) => ({
      'pool-size': one.poolSize,
      durability: one.durability,
      capacity: one.capacity,
    })),
    'scheduled-executor-service': byName(spec.scheduledExecutorServices, (one) => ({
      'pool-size': one.poolSize,
      durability: one.durability,
      capacity: one.capacity,
      'capacity-policy': one.capacityPolicy,
    })),
  });
}

interface Named {
  readonly name: string;
  readonly userCodeNamespace?: string | undefined;
}

function byName<T extends Named>(list: readonly T[] | undefined, section: (one: T) => object): Readonly<Record<string, unknown>> | undefined {
  if (list === undefined || list.length === 0) return undefined;
  const sorted = list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return Object.fromEntries(sorted.map((one) => [one.name, given({ ...section(one), 'user-code-namespace': one.userCodeNamespace })]));
}
