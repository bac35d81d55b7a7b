import type { DeepReadonly } from '@binnacle/client';
import type { Bucket } from '../../api/common.ts';
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
export function initConfig(hz: Cluster, dir: BaseDir): string {
  return emit({ initContainer: given({ download: download(hz), restore: restore(hz, dir) }) });
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

function restore(hz: Cluster, { base }: BaseDir): object | undefined {
  const wanted = hz.spec.persistence?.restore;
  if (wanted === undefined) return undefined;
  const restoreID = restoreId(wanted);
  const { bucketConfig, localConfig } = wanted;
  if (bucketConfig !== undefined) return { bucket: { bucket: bucketConfig.bucketURI, destination: base, secretName: secretOf(bucketConfig), restoreID } };
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

/** The Secret of a bucket, by either of its fields. */
export function secretOf(wanted: DeepReadonly<Bucket>): string {
  return wanted.secretName || wanted.secret || '';
}
