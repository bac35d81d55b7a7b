import type { DeepReadonly } from '@binnacle/client';
import type { Serialization } from '../../api/memory.ts';
import type { Spec } from '../../api/spec.ts';
import { given } from '../../given.ts';
import { classFilter } from './class-filter.ts';
import { megabytes } from './quantity.ts';

type Section = Readonly<Record<string, unknown>> | undefined;

/** Memory outside the heap. */
export function nativeMemory(wanted: DeepReadonly<Spec['nativeMemory']>): Section {
  if (wanted === undefined) return undefined;
  return given({
    enabled: true,
    'allocator-type': wanted.allocatorType,
    size: { value: megabytes(wanted.size), unit: 'MEGABYTES' },
    'min-block-size': wanted.minBlockSize || undefined,
    'page-size': wanted.pageSize || undefined,
    'metadata-space-percentage': wanted.metadataSpacePercentage || undefined,
  });
}

/** Serialization, with compact classes and filters in the form members accept: the existing operator's stopped them (spec/hazelcast-members.md §4). */
export function serialization(wanted: DeepReadonly<Serialization> | undefined): Section {
  if (wanted === undefined) return undefined;
  return given({
    'portable-version': 0,
    'use-native-byte-order': wanted.byteOrder === 'Native',
    'enable-compression': wanted.enableCompression,
    'enable-shared-object': wanted.enableSharedObject,
    'allow-override-default-serializers': wanted.overrideDefaultSerializers,
    'allow-unsafe': wanted.allowUnsafe,
    'byte-order': wanted.byteOrder === 'LittleEndian' ? 'LITTLE_ENDIAN' : 'BIG_ENDIAN',
    'data-serializable-factories': factories(wanted.dataSerializableFactories),
    'portable-factories': factories(wanted.portableFactories),
    'global-serializer':
      wanted.globalSerializer === undefined
        ? undefined
        : given({ 'override-java-serialization': wanted.globalSerializer.overrideJavaSerialization, 'class-name': wanted.globalSerializer.className }),
    serializers: list(wanted.serializers, ({ typeClass, className }) => ({ 'type-class': typeClass, 'class-name': className })),
    'java-serialization-filter': wanted.javaSerializationFilter === undefined ? undefined : classFilter(wanted.javaSerializationFilter),
    'compact-serialization':
      wanted.compactSerialization === undefined
        ? undefined
        : given({
            serializers: list(wanted.compactSerialization.serializers, (serializer) => ({ serializer })),
            classes: list(wanted.compactSerialization.classes, (name) => ({ class: name })),
          }),
  });
}

function factories(classes: readonly string[] | undefined) {
  return list(classes, (name, index) => ({ 'factory-id': index, 'class-name': name }));
}

function list<T, R>(items: readonly T[] | undefined, entry: (item: T, index: number) => R): readonly R[] | undefined {
  return items === undefined || items.length === 0 ? undefined : items.map(entry);
}
