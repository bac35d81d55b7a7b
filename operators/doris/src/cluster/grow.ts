import { ApiError } from '@binnacle/client';
import type { Live } from '@binnacle/client';
import { PersistentVolumeClaim } from '@binnacle/client/kinds';
import { waitFor } from '@binnacle/runtime';
import type { AnyResource, Context, Outcome } from '@binnacle/runtime';
import { claimAs, isLarger, requested } from './claim.ts';
import { LOOK_LATER_MS } from './doris.ts';

/** Claims that are to have at least a size. `field`: where the spec says so. `claims`: those that there are. */
export interface Growth {
  readonly field: string;
  readonly storage: string;
  readonly claims: readonly Live<typeof PersistentVolumeClaim>[];
}

/** A claim that is smaller than wanted. */
export interface Small {
  readonly field: string;
  readonly claim: Live<typeof PersistentVolumeClaim>;
  readonly storage: string;
}

/** Claims that are there and smaller than wanted. One that is large enough is left alone: somebody may have grown it by hand. */
export function tooSmall(wanted: readonly Growth[]): readonly Small[] {
  return wanted.flatMap(({ field, storage, claims }) => claims.flatMap((claim) => (isLarger(storage, requested(claim)) ? [{ field, claim, storage }] : [])));
}

/**
 * Lets claims grow in place, each that can: one that is refused holds up none of the others. None is ever made smaller. `undefined`: all are as large as wanted;
 * otherwise why some are not.
 */
export async function grow(
  wanted: readonly Growth[],
  cx: Pick<Context<AnyResource, typeof PersistentVolumeClaim, never>, 'apply' | 'event'>,
): Promise<Outcome | undefined> {
  const refused: string[] = [];
  for (const { field, claim, storage } of tooSmall(wanted)) {
    try {
      await cx.apply(PersistentVolumeClaim, claimAs(claim, { storage }), { owner: 'none' });
    } catch (error) {
      // The storage class does not allow it, or a quota; somebody may change either.
      if (!(error instanceof ApiError) || (error.code !== 403 && error.code !== 422)) throw error;
      refused.push(`${doesNotGrow({ field, claim, storage })}: ${error.message}`);
      continue;
    }
    cx.event('Normal', 'VolumeGrows', `claim ${claim.metadata.name} is to have ${storage}`, 'Grow');
  }
  return refused.length === 0 ? undefined : cannotGrow(refused);
}

/** Waits for somebody to change the storage class, the quota or the size. */
export const cannotGrow = (refused: readonly string[]): Outcome => waitFor('VolumeCannotGrow', refused.join('; '), { afterMs: LOOK_LATER_MS });

export const doesNotGrow = ({ field, claim, storage }: Small): string => `${field}: claim ${claim.metadata.name} does not grow to ${storage}`;
