import { bucketUri } from '../../../api/bucket-uri.ts';
import type { Backup } from '../../../api/hot-backup.ts';

/** An archive of a backup in its bucket. */
export interface Archive {
  /** As the status has it. */
  readonly entry: string;
  /** Its whole name in the bucket. */
  readonly key: string;
}

/** `2022-08-02-16-31-20/<uuid of the member>.tar.gz`, below the name of the cluster. Source: spec/hazelcast-core.md §3.4. */
const BELOW_CLUSTER = /^\d{4}(-\d\d){5}\/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.tar\.gz$/;

/**
 * The objects of a backup, or those that it may have left behind when it failed: each is one that its status names, and has the form of what an agent writes for
 * this backup's cluster into this backup's bucket, so that no status, whoever wrote it, leads to anything else. What has another form is `strange`. Pure.
 */
export function archivesOf({ spec, status }: Pick<Backup, 'spec' | 'status'>): { readonly own: readonly Archive[]; readonly strange: readonly string[] } {
  const own: Archive[] = [];
  const strange: string[] = [];
  for (const entry of (status?.state === 'Success' ? status.backupUUIDs : status?.remains?.objects) ?? []) {
    const key = keyOf(entry, spec.bucketURI ?? '', spec.hazelcastResourceName);
    if (key === undefined) strange.push(entry);
    else own.push({ entry, key });
  }
  return { own, strange };
}

function keyOf(entry: string, uri: string, cluster: string): string | undefined {
  const [wanted, told] = [bucketUri(uri), bucketUri(entry)];
  if (told.scheme !== wanted.scheme || told.bucket !== wanted.bucket) return undefined;
  // A prefix without a slash at its end is told with one, and is without it in the bucket: so agents have it.
  const joined = wanted.prefix === '' || wanted.prefix.endsWith('/') ? wanted.prefix : `${wanted.prefix}/`;
  const isArchive = (rest: string) => rest.startsWith(`${cluster}/`) && BELOW_CLUSTER.test(rest.slice(cluster.length + 1));
  for (const start of [joined, wanted.prefix]) {
    const rest = told.prefix.slice(start.length);
    if (told.prefix.startsWith(start) && isArchive(rest)) return `${wanted.prefix}${rest}`;
  }
  return undefined;
}

/** Whether who restores from that URI takes these into account. An agent looks at all that begins with the prefix. Source: spec/hazelcast-core.md §3.7. */
export function restoresFrom(uri: string, backupURI: string, archives: readonly Archive[]): boolean {
  const [source, mine] = [bucketUri(uri), bucketUri(backupURI)];
  return source.scheme === mine.scheme && source.bucket === mine.bucket && archives.some(({ key }) => key.startsWith(source.prefix));
}
