/** A bucket's URI as agents read it. */
export interface BucketUri {
  /** `s3://`, `gs://` or `azblob://`. */
  readonly scheme: string;
  readonly bucket: string;
  /** What the name of each object begins with; nothing is put between it and the rest. */
  readonly prefix: string;
  /** The rest of the query, `name=value`, as it was written. */
  readonly query: readonly string[];
}

/**
 * What the agent makes of a bucket's URI: of a path a prefix, with a slash at its end; of the query `region` stays beside it. Without a path the query stays.
 * Source: spec/hazelcast-core.md §3.4.
 */
export function bucketUri(uri: string): BucketUri {
  const [location = '', text = ''] = uri.split('?', 2);
  const [, scheme = '', bucket = '', path = ''] = /^([a-z0-9]+:\/\/)([^/]*)\/?(.*)$/.exec(location) ?? [];
  const query = text === '' ? [] : text.split('&');
  if (path !== '') return { scheme, bucket, prefix: path.endsWith('/') ? path : `${path}/`, query: query.filter((one) => one.startsWith('region=')) };
  const prefix = query.find((one) => one.startsWith('prefix='))?.slice('prefix='.length) ?? '';
  return { scheme, bucket, prefix, query: query.filter((one) => !one.startsWith('prefix=')) };
}

/** A value of the query; undefined: it has none of that name. */
export function queryValue({ query }: BucketUri, name: string): string | undefined {
  const value = query.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  return value === undefined || value === '' ? undefined : unescaped(value);
}

/** What the library of agents takes for S3, and we do as well: https://gocloud.dev/howto/blob/#s3-compatible. `awssdk` chooses between two that do the same. */
const S3_QUERY: ReadonlySet<string> = new Set(['region', 'endpoint', 'disableSSL', 's3ForcePathStyle', 'awssdk']);
const SCHEMES: ReadonlySet<string> = new Set(['s3://', 'gs://', 'azblob://']);
/** Names that no library writes in another way than they are. */
const BUCKET = /^[a-z0-9][a-z0-9._-]+$/;
const SEGMENT = /^[\w.~=-]*[\w~=-]$/;

/**
 * Why an agent's objects in this bucket cannot be named with certainty; undefined: they can. Agents escape a path twice, and their library writes some characters
 * differently in each kind of bucket: what is deleted must be what was uploaded, and never something else, so paths of plain characters alone are taken.
 */
export function unnameable(uri: string): string | undefined {
  const { scheme, bucket, prefix, query } = bucketUri(uri);
  if (!SCHEMES.has(scheme)) return 'it is none of s3://, gs:// and azblob://';
  if (!BUCKET.test(bucket)) return 'the name of the bucket has other characters than a to z, 0 to 9, dot, underscore and dash';
  const segments = prefix.replace(/\/$/, '').split('/');
  if (prefix !== '' && !segments.every((segment) => SEGMENT.test(segment)))
    return 'its path has an empty part, a part that ends in a dot, or characters other than letters, digits and ._~=-';
  if (scheme === 'gs://') return undefined; // agents look at nothing else there
  const other = query.map((one) => one.split('=', 1)[0] ?? '').find((name) => scheme !== 's3://' || !S3_QUERY.has(name));
  if (other !== undefined) return `its query has ${other === '' ? 'something without a name' : other}, which the operator does not know`;
  return scheme === 's3://' && endpointOf(uri) === 'unreadable' ? 'its endpoint is no address' : undefined;
}

/** The S3-compatible server that a URI names; undefined: none, so that it is Amazon's. */
export function endpointOf(uri: string): URL | 'unreadable' | undefined {
  const parsed = bucketUri(uri);
  const text = queryValue(parsed, 'endpoint');
  if (text === undefined) return undefined;
  const whole = /^https?:\/\//.test(text) ? text : `${queryValue(parsed, 'disableSSL') === 'true' ? 'http' : 'https'}://${text}`;
  if (!URL.canParse(whole)) return 'unreadable';
  const url = new URL(whole);
  return url.username === '' && url.password === '' && url.pathname === '/' && url.search === '' ? url : 'unreadable';
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
