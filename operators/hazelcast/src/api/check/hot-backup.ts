import { invalid } from '@binnacle/schema';
import type { CustomObject, FieldError } from '@binnacle/schema';
import type { HotBackupSpec, HotBackupStatus } from '../hot-backup.ts';

const BUCKET = /^(s3|gs|azblob):\/\/./;

/** What is wrong with a HotBackup beyond its schema. */
export function hotBackupFaults(now: CustomObject<HotBackupSpec, HotBackupStatus>): Iterable<FieldError> {
  return bucketFaults('spec', now.spec);
}

/** `path`: of the HotBackup's spec. */
export function* bucketFaults(path: string, { bucketURI = '' }: HotBackupSpec): Iterable<FieldError> {
  if (bucketURI !== '' && !BUCKET.test(bucketURI)) yield invalid(`${path}.bucketURI`, bucketURI, 'must begin with s3://, gs:// or azblob://');
}
