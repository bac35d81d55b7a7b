import { forbidden, invalid, jsonEqual } from '@binnacle/schema';
import type { CustomObject, FieldError } from '@binnacle/schema';
import { unnameable } from '../bucket-uri.ts';
import type { HotBackupSpec, HotBackupStatus } from '../hot-backup.ts';
import { fresh } from './fresh.ts';

type Object = CustomObject<HotBackupSpec, HotBackupStatus>;

const BUCKET = /^(s3|gs|azblob):\/\/./;

/** What is wrong with a HotBackup beyond its schema. Objects from before these rules stay editable: a fault that was there before is not one of the edit. */
export function* hotBackupFaults(now: Object, before: Object | undefined): Iterable<FieldError> {
  yield* fresh((spec) => bucketFaults('spec', spec), now.spec, before?.spec);
  // A delete takes the finalizer away by an update: nothing may stand in its way.
  if (before === undefined || now.metadata?.deletionTimestamp !== undefined || !hasBegun(before)) return;
  const { deletionPolicy } = before.spec;
  if (!jsonEqual({ ...now.spec, deletionPolicy }, { ...before.spec, deletionPolicy }))
    yield forbidden('spec', 'field cannot be updated once the backup has begun: it is taken once. Create another HotBackup');
}

/** `path`: of the HotBackup's spec. */
export function* bucketFaults(path: string, { bucketURI = '', deletionPolicy, secretName, secret }: HotBackupSpec): Iterable<FieldError> {
  if (bucketURI === '') return;
  if (!BUCKET.test(bucketURI)) return yield invalid(`${path}.bucketURI`, bucketURI, 'must begin with s3://, gs:// or azblob://');
  if (deletionPolicy !== 'Delete') return;
  if (!secretName && !secret)
    yield forbidden(`${path}.deletionPolicy`, 'deleting from a bucket takes secretName: the operator has not the identity of the pods');
  const problem = unnameable(bucketURI);
  if (problem !== undefined) yield forbidden(`${path}.deletionPolicy`, `what is in this bucketURI cannot be deleted from here: ${problem}`);
}

function hasBegun({ status }: Object): boolean {
  return status !== undefined && (status.run !== undefined || status.state === 'Success' || status.state === 'Failure');
}
