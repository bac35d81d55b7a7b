import type { Backup } from '../../api/hot-backup.ts';

/** Which HotBackups stay: those that have not ended, the newest that succeeded and that failed, and those that a cluster is to be restored from. Pure. */
export function staying(
  made: readonly Backup[],
  limits: { readonly successful: number; readonly failed: number },
  restoredFrom: ReadonlySet<string>,
): readonly Backup[] {
  const newestFirst = made.toSorted((a, b) => (age(a) < age(b) ? 1 : -1));
  const successful = newestFirst.filter(({ status, metadata }) => status?.state === 'Success' && !restoredFrom.has(metadata.name));
  const failed = newestFirst.filter(({ status }) => status?.state === 'Failure');
  const going = new Set([...successful.slice(limits.successful), ...failed.slice(limits.failed)]);
  return made.filter((one) => !going.has(one));
}

const age = ({ metadata }: Backup) => `${metadata.creationTimestamp}/${metadata.name}`;
