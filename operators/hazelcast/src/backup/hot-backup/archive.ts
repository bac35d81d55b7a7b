import { timestamp } from '@binnacle/client';

/**
 * What the agent makes of a bucket's URI: of a path a prefix, with a slash at its end; of the query `region` stays beside it. Without a path the query stays.
 * Source: spec/hazelcast-core.md §3.4.
 */
function parts(uri: string): { readonly bucket: string; readonly prefix: string; readonly rest: readonly string[] } {
  const [location = '', query = ''] = uri.split('?', 2);
  const [, scheme = '', host = '', path = ''] = /^([a-z0-9]+:\/\/)([^/]*)\/?(.*)$/.exec(location) ?? [];
  const given = query === '' ? [] : query.split('&');
  const bucket = `${scheme}${host}`;
  if (path !== '') return { bucket, prefix: path.endsWith('/') ? path : `${path}/`, rest: given.filter((one) => one.startsWith('region=')) };
  const prefix = given.find((one) => one.startsWith('prefix='))?.slice('prefix='.length) ?? '';
  return { bucket, prefix, rest: given.filter((one) => !one.startsWith('prefix=')) };
}

/** `hazelcast/2022-08-02-16-31-20/<uuid>.tar.gz`: where an agent puts `backup-<ms>/<uuid>` of this cluster, below the bucket's prefix. */
export function archiveOf(cluster: string, folder: string): string {
  const [sequence = '', uuid = ''] = folder.split('/');
  const ms = Number(sequence.slice('backup-'.length));
  return `${cluster}/${timestamp(ms).replace(/[T:]/g, '-').replace(/Z$/, '')}/${uuid}.tar.gz`;
}

/** The key that an agent would tell for this folder, when it has no voice any more: it takes a folder off its volume only once the object is in the bucket. */
export function keyOfArchive(bucketURI: string, cluster: string, folder: string): string {
  const { bucket, prefix, rest } = parts(bucketURI);
  return `${bucket}?${[...rest, `prefix=${prefix}${archiveOf(cluster, folder)}`].join('&')}`;
}
