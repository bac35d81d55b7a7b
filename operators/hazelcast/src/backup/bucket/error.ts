/**
 * `unreachable`: no answer, or one that says to come again; it may have been done. `denied`: the account may not. `missing`: there is no such bucket.
 * `credentials`: the Secret has not what it takes. `refused`: the provider said no for another reason.
 */
export type BucketErrorCode = 'unreachable' | 'denied' | 'missing' | 'credentials' | 'refused';

/** A bucket did not do it, or did not say. The message names the place and the provider's own word for the reason; never a credential, nor what was answered. */
export class BucketError extends Error {
  override readonly name = 'BucketError';
  readonly code: BucketErrorCode;
  constructor(code: BucketErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
