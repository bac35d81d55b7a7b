import { crc32 } from 'node:zlib';
import type { Cluster } from '../../api/hazelcast.ts';
import { emit } from './emit.ts';
import { restartConfig } from './member.ts';

/** CRC-32 of the configuration that a member must be restarted for, in decimal. Golden vectors: spec/hazelcast-core.md §10.1. */
export function restartChecksum(hz: Cluster): string {
  return String(crc32(emit({ hazelcast: restartConfig(hz) })));
}
