import { k } from '@binnacle/schema';
import { z } from 'zod';
import { classFilter } from './common.ts';

export const jvm = z.object({
  memory: z
    .object({
      initialRAMPercentage: z.string().optional().describe('-XX:InitialRAMPercentage.'),
      minRAMPercentage: z.string().optional().describe('-XX:MinRAMPercentage.'),
      maxRAMPercentage: z.string().optional().describe('-XX:MaxRAMPercentage.'),
    })
    .optional()
    .describe('Heap, as a share of the container’s memory.'),
  gc: z
    .object({
      logging: z.boolean().optional().describe('Log collections.'),
      collector: z.enum(['Serial', 'Parallel', 'G1']).optional().describe('Which collector.'),
    })
    .optional()
    .describe('Garbage collection.'),
  args: z.array(z.string()).optional().describe('Further arguments of the JVM.'),
});

/** Memory outside the heap. */
export const nativeMemory = z.object({
  allocatorType: z.enum(['STANDARD', 'POOLED']).default('STANDARD').describe('How memory is managed.'),
  size: k.quantity().default('512M').describe('How much.'),
  minBlockSize: k.int32().optional().describe('Smallest block; bytes.'),
  pageSize: k.int32().default(4_194_304).describe('Size of a page; bytes.'),
  metadataSpacePercentage: k.int32().default(12).describe('Share for metadata; percent.'),
});

export const serialization = z.object({
  byteOrder: z.enum(['Native', 'BigEndian', 'LittleEndian']).default('BigEndian').describe('Order of bytes.'),
  overrideDefaultSerializers: z.boolean().default(false).describe('Let built-in serializers be replaced.'),
  enableCompression: z.boolean().default(false).describe('Compress what Java serializes.'),
  enableSharedObject: z.boolean().default(false).describe('Write an object that is referred to twice once.'),
  allowUnsafe: z.boolean().default(false).describe('Use sun.misc.Unsafe.'),
  dataSerializableFactories: z.array(z.string()).optional().describe('Factories of IdentifiedDataSerializable, by class name; ids count from 0.'),
  portableFactories: z.array(z.string()).optional().describe('Factories of Portable, by class name; ids count from 0.'),
  globalSerializer: z
    .object({
      overrideJavaSerialization: z.boolean().optional().describe('Use it in place of Java’s serialization.'),
      className: z.string().describe('Its class.'),
    })
    .optional()
    .describe('The serializer of whatever has none.'),
  serializers: z
    .array(z.object({ typeClass: z.string().describe('The class to serialize.'), className: z.string().describe('Its serializer.') }))
    .optional()
    .describe('Serializers of classes.'),
  compactSerialization: z
    .object({
      serializers: z.array(z.string()).optional().describe('Compact serializers, by class name.'),
      classes: z.array(z.string()).optional().describe('Classes to serialize compactly.'),
    })
    .meta({ minProperties: 1 })
    .optional()
    .describe('Compact serialization.'),
  javaSerializationFilter: classFilter.optional().describe('Which classes Java may deserialize.'),
});
export type Serialization = z.output<typeof serialization>;
