import { forbidden, invalid, jsonEqual } from '@binnacle/schema';
import type { CustomObject, FieldError } from '@binnacle/schema';
import type { HotBackupSpec, HotBackupStatus } from '../hot-backup.ts';

type Object = CustomObject<HotBackupSpec, HotBackupStatus>;

const BUCKET = /^(s3|gs|azblob):\/\/./;

/** What is wrong with a HotBackup beyond its schema. Objects from before these rules stay editable: a fault that was there before is not one of the edit. */
export function* hotBackupFaults(now: Object, before: Object | undefined): Iterable<FieldError> {
  if (before === undefined || now.spec.bucketURI !== before.spec.bucketURI || now.spec.deletionPolicy !== before.spec.deletionPolicy)
    yield* bucketFaults('spec', now.spec);
  // A delete takes the finalizer away by an update: nothing may stand in its way.
  if (before === undefined || now.metadata?.deletionTimestamp !== undefined || !hasBegun(before)) return;
  const { deletionPolicy } = before.spec;
  if (!jsonEqual({ ...now.spec, deletionPolicy }, { ...before.spec, deletionPolicy }))
    yield forbidden('spec', 'field cannot be updated once the backup has begun: it is taken once. Create another HotBackup');
}

/** `path`: of the HotBackup's spec. */
export function* bucketFaults(path: string, { bucketURI = '', deletionPolicy }: HotBackupSpec): Iterable<FieldError> {
  if (bucketURI !== '' && !BUCKET.test(bucketURI)) yield invalid(`${path}.bucketURI`, bucketURI, 'must begin with s3://, gs:// or azblob://');
  // Agents take back only what they uploaded since they started, and the operator speaks to no bucket itself.
  if (bucketURI !== '' && deletionPolicy === 'Delete')
    yield forbidden(`${path}.deletionPolicy`, 'a backup in a bucket cannot be deleted from here: use the lifecycle rules of the bucket');
}

function hasBegun({ status }: Object): boolean {
  return status !== undefined && (status.run !== undefined || status.state === 'Success' || status.state === 'Failure');
}
