import { alarm } from '@binnacle/client';
import type { Clock, Network } from '@binnacle/client';
import type { Mandate } from '@binnacle/runtime';
import { bucketUri } from '../../api/bucket-uri.ts';
import { deleteBlob } from './azure.ts';
import { BucketError } from './error.ts';
import { deleteGoogleObject } from './google.ts';
import { deleteS3Object } from './s3.ts';
import { sender } from './send.ts';

/** A bucket, and what opens it. */
export interface Bucket {
  /** `bucketURI` of the HotBackup. */
  readonly uri: string;
  /** Namespace of the HotBackup: a bare name of a server means the one in there. */
  readonly namespace: string;
  /** What the Secret holds. */
  readonly credentials: Readonly<Record<string, string>>;
}

/** Buckets of object storage. */
export interface Buckets {
  /**
   * Deletes one object, by its whole name; one that is not there is deleted. Takes no longer than its time limit.
   * @throws {BucketError} with what may be done about it; the signal's reason when aborted, and when it must not be done any more.
   */
  delete(bucket: Bucket, key: string, mandate: Mandate): Promise<void>;
}

/** Time limit of a deletion; ms. A pass is held up by it, and passes are few: it is short, and tried again. */
const LIMIT_MS = 15_000;

/**
 * Buckets over the network: what the provider documents, and no library of its own. Three requests are all that is needed, and those libraries bring tens of
 * packages each. `internet`: to the providers; absent: as `network`, which leads to servers in the cluster.
 */
export function buckets({ network, internet = network, clock }: { readonly network: Network; readonly internet?: Network; readonly clock: Clock }): Buckets {
  return {
    async delete(bucket, key, { signal, mustLead }) {
      using limit = alarm(clock, LIMIT_MS);
      const send = sender({ network, internet }, { signal: AbortSignal.any([signal, limit.signal]), mustLead });
      const provider = PROVIDERS[bucketUri(bucket.uri).scheme];
      if (provider === undefined) throw new BucketError('refused', 'there is no such kind of bucket');
      try {
        await provider(bucket, key, send, clock.now());
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
    },
  };
}

const PROVIDERS: Readonly<Record<string, typeof deleteS3Object>> = { 's3://': deleteS3Object, 'gs://': deleteGoogleObject, 'azblob://': deleteBlob };
