import type { DeepReadonly } from '@binnacle/client';
import type { Restore } from '../../api/persistence.ts';
import { given } from '../../given.ts';
import { fnv1a } from '../names.ts';

/**
 * Identifies a restore, so that a member that restarts does not repeat it: it is part of the name of a lock file on the volume. It must be what the existing
 * operator computes, to the letter: another one makes every restarted member throw its data away and restore the old backup (spec/hazelcast-core.md §3.7).
 */
export function restoreId(restore: DeepReadonly<Restore>): string {
  return String(fnv1a(goJson(canonical(restore))));
}

/** Fields in the order of the Go structure; of a bucket all three are written, elsewhere empty ones are left out. */
function canonical({ bucketConfig, hotBackupResourceName, localConfig }: DeepReadonly<Restore>): object {
  return given({
    bucketConfig:
      bucketConfig === undefined
        ? undefined
        : { secret: bucketConfig.secret ?? '', secretName: bucketConfig.secretName ?? '', bucketURI: bucketConfig.bucketURI },
    hotBackupResourceName: hotBackupResourceName || undefined,
    localConfig:
      localConfig === undefined
        ? undefined
        : given({
            pvcNamePrefix: localConfig.pvcNamePrefix,
            baseDir: localConfig.baseDir || undefined,
            backupDir: localConfig.backupDir || undefined,
            backupFolder: localConfig.backupFolder || undefined,
          }),
  });
}

/** JSON as Go writes it: what could end a script in HTML is escaped. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
