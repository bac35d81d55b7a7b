import type { DeepReadonly, Live } from '@binnacle/client';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { quantityNanos } from '@binnacle/schema';
import { namesOf, podName } from './names.ts';
import type { Place } from './names.ts';
import { META_VOLUME } from './objects/storage.ts';

type Claim = Live<typeof PersistentVolumeClaim>;

/** On a metadata claim: its front end was dropped by us, or is about to be. Written before the statement. */
export const DROPPED = 'al-assad.github.io/dropped-front-end';

/** `fe-meta-basic-fe-0` */
export const metaClaimName = (cluster: string, ordinal: number): string => `${META_VOLUME}-${podName(cluster, 'fe', ordinal)}`;

/** Whether a claim belongs to a front end that we dropped, or began to. Claims that anybody else left behind are never touched. */
export const isDropped = (claim: Claim): boolean => claim.metadata.annotations?.[DROPPED] !== undefined;

/** Whether a claim is the volume of that name of one of the component's pods. */
export function isClaimOf(cluster: Place, name: 'fe' | 'be', volume: string, claim: string): boolean {
  const prefix = `${volume}-${namesOf(cluster.name, name).statefulSet}-`;
  return claim.startsWith(prefix) && /^\d+$/.test(claim.slice(prefix.length));
}

/** The size that a claim asks for, as it is written; `0` when it says none. */
export function requested({ spec }: { readonly spec?: DeepReadonly<PersistentVolumeClaimSpec> | undefined }): string {
  return String(spec?.resources?.requests?.['storage'] ?? '0');
}

/** Whether the first quantity is more than the second. */
export const isLarger = (one: string, other: string): boolean => (quantityNanos(one) ?? 0n) > (quantityNanos(other) ?? 0n);

/**
 * A claim with all that we say of it. Always its size as well: what an earlier apply of ours said and a later one leaves out is taken back, and a size cannot be.
 */
export function claimAs(
  claim: Claim,
  { storage = requested(claim), dropped = isDropped(claim) }: { readonly storage?: string; readonly dropped?: boolean },
): Desired<typeof PersistentVolumeClaim> {
  return {
    name: claim.metadata.name,
    ...(dropped ? { annotations: { [DROPPED]: 'true' } } : {}),
    spec: { resources: { requests: { storage } } },
  };
}
