import { timestamp } from '@binnacle/client';
import { bucketUri } from '../../api/bucket-uri.ts';

/** `hazelcast/2022-08-02-16-31-20/<uuid>.tar.gz`: where an agent puts `backup-<ms>/<uuid>` of this cluster, below the bucket's prefix. */
export function archiveOf(cluster: string, folder: string): string {
  const [sequence = '', uuid = ''] = folder.split('/');
  const ms = Number(sequence.slice('backup-'.length));
  return `${cluster}/${timestamp(ms).replace(/[T:]/g, '-').replace(/Z$/, '')}/${uuid}.tar.gz`;
}

/** The key that an agent would tell for this folder, when it has no voice any more: it takes a folder off its volume only once the object is in the bucket. */
export function keyOfArchive(bucketURI: string, cluster: string, folder: string): string {
  const { scheme, bucket, prefix, query } = bucketUri(bucketURI);
  return `${scheme}${bucket}?${[...query, `prefix=${prefix}${archiveOf(cluster, folder)}`].join('&')}`;
}
