import type { Backup, Remains } from '../../api/hot-backup.ts';
import { keyOfArchive } from './archive.ts';

/**
 * What a backup that fails may leave behind, whatever was done against it: members that were interrupted leave a part, agents take a folder off its volume only
 * once it is in the bucket, and say that an object is gone when it is not (spec/hazelcast-core.md §3.4). Undefined: nothing that is known. Pure.
 */
export function remainsOf({ spec, status }: Pick<Backup, 'spec' | 'status'>): Remains | undefined {
  const { run } = status ?? {};
  const folder = run?.sequence;
  if (run === undefined || folder === undefined) return undefined;
  const uri = spec.bucketURI ?? '';
  const objects = uri === '' ? [] : (run.uploads ?? []).map(({ uuid }) => keyOfArchive(uri, run.cluster, `${folder}/${uuid}`));
  return objects.length === 0 ? { folder } : { folder, objects };
}
