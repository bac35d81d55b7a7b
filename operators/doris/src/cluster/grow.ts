import { ApiError } from '@binnacle/client';
import { PersistentVolumeClaim } from '@binnacle/client/kinds';
import { waitFor } from '@binnacle/runtime';
import type { AnyResource, Context, Outcome } from '@binnacle/runtime';
import { claimAs, isLarger, requested } from './claim.ts';
import { LOOK_LATER_MS } from './doris.ts';

/** Claims that are to have at least a size. `field`: where the spec says so. */
export interface Growth {
  readonly field: string;
  readonly storage: string;
  readonly isOurs: (claim: string) => boolean;
}

/**
 * Lets claims grow in place. One that is large enough is left alone: somebody may have grown it by hand. None is ever made smaller. `undefined`: all are
 * as large as wanted; otherwise why one is not, of all that there are.
 */
export async function grow(
  wanted: readonly Growth[],
  cx: Pick<Context<AnyResource, typeof PersistentVolumeClaim, never>, 'list' | 'apply' | 'event'>,
): Promise<Outcome | undefined> {
  const there = await cx.list(PersistentVolumeClaim);
  for (const { field, storage, isOurs } of wanted) {
    for (const claim of there) {
      if (!isOurs(claim.metadata.name) || !isLarger(storage, requested(claim))) continue;
      try {
        await cx.apply(PersistentVolumeClaim, claimAs(claim, { storage }), { owner: 'none' });
      } catch (error) {
        // The storage class does not allow it, or a quota; somebody may change either.
        if (!(error instanceof ApiError) || (error.code !== 403 && error.code !== 422)) throw error;
        const message = `${field}: claim ${claim.metadata.name} does not grow to ${storage}: ${error.message}`;
        return waitFor('VolumeCannotGrow', message, { afterMs: LOOK_LATER_MS });
      }
      cx.event('Normal', 'VolumeGrows', `claim ${claim.metadata.name} is to have ${storage}`, 'Grow');
    }
  }
  return undefined;
}
