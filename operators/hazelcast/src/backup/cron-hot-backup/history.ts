import { parseTimestamp } from '@binnacle/client';
import { isFinished } from '../../backup-state.ts';
import type { Backup } from '../../api/hot-backup.ts';

/** How many stay, and for how long after they ended; ms. */
export interface Limits {
  readonly successful: number;
  readonly failed: number;
  readonly maxAgeMs?: number;
}

/** Which HotBackups stay, and when the next of them is too old; wall clock, ms. */
export interface History {
  readonly staying: readonly Backup[];
  readonly nextMs: number | undefined;
}

/**
 * Those stay that have not ended, those that a cluster is to be restored from, and of the others the newest that succeeded and that failed, unless they are too
 * old. The newest that succeeded is never too old: while backups fail, or none are made, age alone would take away the last one. Pure.
 */
export function history(made: readonly Backup[], limits: Limits, restoredFrom: ReadonlySet<string>, nowMs: number): History {
  const newestFirst = made.toSorted((a, b) => (age(a) < age(b) ? 1 : -1));
  const successful = newestFirst.filter(({ status, metadata }) => status?.state === 'Success' && !restoredFrom.has(metadata.name));
  const failed = newestFirst.filter(({ status }) => status?.state === 'Failure');
  const going = new Set([...successful.slice(limits.successful), ...failed.slice(limits.failed)]);
  const last = newestFirst.find(({ status, metadata }) => status?.state === 'Success' && metadata.deletionTimestamp === undefined);
  const { maxAgeMs = Infinity } = limits;
  const ends = made
    .filter((one) => isFinished(one) && one !== last && !restoredFrom.has(one.metadata.name) && !going.has(one))
    .map((one) => ({ one, endMs: endedMs(one) + maxAgeMs }));
  for (const { one, endMs } of ends) if (endMs <= nowMs) going.add(one);
  const nextMs = Math.min(...ends.flatMap(({ endMs }) => (endMs > nowMs ? endMs : [])));
  return { staying: made.filter((one) => !going.has(one)), nextMs: nextMs === Infinity ? undefined : nextMs };
}

const age = ({ metadata }: Backup) => `${metadata.creationTimestamp}/${metadata.name}`;

/** The existing operator did not write down when a backup ended. */
const endedMs = ({ status, metadata }: Backup) => parseTimestamp(status?.finishedAt ?? metadata.creationTimestamp);
