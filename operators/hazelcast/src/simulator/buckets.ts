import type { Bucket, Buckets } from '../backup/bucket/client.ts';
import { BucketError } from '../backup/bucket/error.ts';

/** Keys that agents read of a bucket's Secret, all of which must be there. Source: spec/hazelcast-core.md §3.5. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  s3: ['access-key-id', 'secret-access-key', 'region'],
  gs: ['google-credentials-path'],
  azblob: ['storage-account', 'storage-key'],
};

/** Where a bucket is, and what an agent makes of its URI. */
export interface Place {
  readonly scheme: string;
  readonly bucket: string;
  /** What the name of each object begins with. */
  readonly prefix: string;
  /** The same for whoever is told: joined with a slash. */
  readonly told: (archive: string) => string;
}

/** All buckets there are, for the agents that fill them and for the operator. They hold names: what is in an archive nobody asks. */
export interface SimulatedBuckets extends Buckets {
  put(place: Place, archive: string): void;
  take(place: Place, archive: string): void;
  /** `s3://bucket/prod/2026-01-01-00-00-00/<uuid>.tar.gz`, sorted. */
  stored(): readonly string[];
}

/** Buckets of every provider, empty. One is there as soon as somebody speaks of it. */
export function simulatedBuckets(): SimulatedBuckets {
  const objects = new Set<string>();
  const nameOf = ({ scheme, bucket }: Pick<Place, 'scheme' | 'bucket'>, key: string) => `${scheme}://${bucket}/${key}`;
  return {
    put: (place, archive) => void objects.add(nameOf(place, `${place.prefix}${archive}`)),
    take: (place, archive) => void objects.delete(nameOf(place, `${place.prefix}${archive}`)),
    stored: () => [...objects].toSorted(),
    async delete({ uri, credentials }: Bucket, key, { signal }) {
      await Promise.resolve();
      signal.throwIfAborted();
      const place = placeOf(uri);
      const absent = (KEYS[place.scheme] ?? []).find((name) => credentials[name] === undefined);
      if (absent !== undefined) throw new BucketError('credentials', `the Secret has no ${absent}`);
      objects.delete(nameOf(place, key));
    },
  };
}

/** As the agent reads a bucket's URI; a path goes before a `prefix` of the query. Source: spec/hazelcast-core.md §3.4. */
export function placeOf(uri: string): Place {
  const { protocol, host, pathname, searchParams } = new URL(uri);
  const path = pathname.replace(/^\//, '');
  const prefix = path === '' ? (searchParams.get('prefix') ?? '') : `${path.replace(/\/$/, '')}/`;
  const region = searchParams.get('region');
  const told = (archive: string) => {
    const query = path === '' ? new Map(searchParams) : new Map(region === null ? [] : [['region', region]]);
    query.set('prefix', prefix === '' || prefix.endsWith('/') ? `${prefix}${archive}` : `${prefix}/${archive}`);
    const parts = [...query].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => `${name}=${value}`);
    return `${protocol}//${host}?${parts.join('&')}`;
  };
  return { scheme: protocol.replace(':', ''), bucket: host, prefix, told };
}
