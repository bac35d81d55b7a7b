import type { Context, Outcome } from '@binnacle/runtime';
import { stop, waitFor } from '@binnacle/runtime';
import { hasFormed } from '../../api/check/update.ts';
import type { Cluster, Hazelcast } from '../../api/hazelcast.ts';
import { HotBackup } from '../../api/hot-backup.ts';
import type { Taken } from '../config/init.ts';
import { secretOf } from '../config/init.ts';

/** The HotBackup that a new cluster starts from; undefined: it starts from none, or has started long ago; an outcome: what that waits for. */
export async function restoreSource(hz: Cluster, cx: Pick<Context<typeof Hazelcast, never, typeof HotBackup>, 'get'>): Promise<Taken | Outcome | undefined> {
  const name = hz.spec.persistence?.restore?.hotBackupResourceName;
  if (name === undefined || name === '' || hasFormed(hz)) return undefined;
  const backup = await cx.get(HotBackup, name);
  const path = 'spec.persistence.restore.hotBackupResourceName';
  if (backup === undefined) return waitFor('NotFound', `${path}: Not found: "${name}": There is not hot backup found with name ${name}`);
  // What has begun to be deleted is not whole, whatever is wished now.
  if (backup.status?.removal !== undefined || (backup.metadata.deletionTimestamp !== undefined && backup.spec.deletionPolicy === 'Delete'))
    return waitFor('BackupGoing', `${path}: HotBackup ${name} is being deleted, and its backup with it`);
  const { state = 'Unknown', backupUUIDs = [] } = backup.status ?? {};
  if (state === 'Failure') return stop('BackupFailed', `${path}: HotBackup ${name} failed: there is nothing to restore`);
  const [first] = backupUUIDs;
  if (state !== 'Success' || first === undefined) return waitFor('BackupPending', `${path}: HotBackup ${name} is ${state}, restored is what was taken`);
  const external = (backup.spec.bucketURI ?? '') !== '';
  // Backups that were not copied are on the volumes of their members, and those belong to a cluster by its name.
  if (!external && backup.spec.hazelcastResourceName !== hz.metadata.name)
    return stop('BackupElsewhere', `${path}: HotBackup ${name} is on the volumes of ${backup.spec.hazelcastResourceName} alone: take one to a bucket`);
  return { first, external, secretName: secretOf({ ...backup.spec, bucketURI: backup.spec.bucketURI ?? '' }) };
}
