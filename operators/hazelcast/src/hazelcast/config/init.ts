import type { DeepReadonly } from '@binnacle/client';
import type { Bucket } from '../../api/common.ts';
import { hasFormed } from '../../api/check/update.ts';
import type { Cluster } from '../../api/hazelcast.ts';
import { given } from '../../given.ts';
import { PATHS } from '../names.ts';
import { emit } from './emit.ts';
import type { BaseDir } from './member.ts';
import { restoreId } from './restore-id.ts';

/**
 * What the init container downloads and restores: `config.yaml` of the `-init` ConfigMap. Source: spec/hazelcast-core.md §2.8.
 * Unlike the existing operator, which kept only the last source, all sources of jars are listed; jars by URL go where the class path has them.
 */
export function initConfig(hz: Cluster, dir: BaseDir, backup?: Taken): string {
  return emit({ initContainer: given({ download: download(hz), restore: hasFormed(hz) ? undefined : restore(hz, dir, backup) }) });
}

/** A HotBackup that was taken, as far as a restore needs it. */
export interface Taken {
  /** Where the backup of the first member is: folder on its volume, or object in the bucket. */
  readonly first: string;
  /** It is in a bucket. */
  readonly external: boolean;
  readonly secretName: string;
}

/** What new or restarted members download: what is restored is left out, since it happens once, before there is data. */
export function downloads(hz: Cluster): string {
  return emit({ initContainer: given({ download: download(hz) }) });
}

function download(hz: Cluster): object | undefined {
  const { jet, userCodeDeployment: code } = hz.spec;
  const buckets = [
    ...(code?.bucketConfig === undefined ? [] : [bucket(PATHS.bucket, code.bucketConfig)]),
    ...(jet.bucketConfig === undefined ? [] : [bucket(PATHS.jetJars, jet.bucketConfig)]),
  ];
  const urls = [...urlList(PATHS.bucket, code?.remoteURLs), ...urlList(PATHS.jetJars, jet.remoteURLs)];
  if (buckets.length === 0 && urls.length === 0) return undefined;
  return given({ buckets: buckets.length === 0 ? undefined : buckets, urls: urls.length === 0 ? undefined : urls });
}

function bucket(destination: string, wanted: DeepReadonly<Bucket>): object {
  return { destination, secretName: secretOf(wanted), bucketURI: wanted.bucketURI };
}

function urlList(destination: string, urls: readonly string[] | undefined): readonly object[] {
  return urls === undefined || urls.length === 0 ? [] : [{ destination, urls: urls.join(',') }];
}

/**
 * Once the cluster has formed this is written no more: whatever becomes of lock files on the volumes, no member that starts later throws live data away for
 * an old backup, and one that is added does not look for a part of it.
 */
function restore(hz: Cluster, { base }: BaseDir, backup: Taken | undefined): object | undefined {
  const wanted = hz.spec.persistence?.restore;
  if (wanted === undefined) return undefined;
  const restoreID = restoreId(wanted);
  const { bucketConfig, localConfig } = wanted;
  if (bucketConfig !== undefined) return { bucket: { bucket: bucketConfig.bucketURI, destination: base, secretName: secretOf(bucketConfig), restoreID } };
  if (backup !== undefined && backup.external)
    return { bucket: { bucket: directoryOf(backup.first), destination: base, secretName: backup.secretName, restoreID } };
  if (backup !== undefined) {
    const [folder = ''] = backup.first.split('/');
    return {
      pvc: { backupSequenceFolderName: folder, backupSourceBaseDir: base, backupDestinationBaseDir: base, backupDir: '/hot-backup', restoreID },
    };
  }
  if (localConfig === undefined) return undefined;
  return {
    pvc: {
      backupSequenceFolderName: localConfig.backupFolder ?? '',
      backupSourceBaseDir: localConfig.baseDir || base,
      backupDestinationBaseDir: base,
      backupDir: localConfig.backupDir || '/hot-backup',
      restoreID,
    },
  };
}

/** The folder of an object in a bucket, in which every member has its own: the last part of the query `prefix` goes. Source: spec/hazelcast-core.md §3.6. */
function directoryOf(uri: string): string {
  return uri.replace(/([?&]prefix=)([^&]*)/, (_, key: string, prefix: string) => `${key}${prefix.slice(0, prefix.lastIndexOf('/') + 1)}`);
}

/** The Secret of a bucket, by either of its fields. */
export function secretOf(wanted: DeepReadonly<Bucket>): string {
  return wanted.secretName || wanted.secret || '';
}
