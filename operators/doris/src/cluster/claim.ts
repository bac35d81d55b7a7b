import type { DeepReadonly, Live } from '@binnacle/client';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '@binnacle/client/kinds';
import type { Desired } from '@binnacle/runtime';
import { quantityNanos } from '@binnacle/schema';
import { given } from '../given.ts';
import { labelsOf, namesOf, podName } from './names.ts';
import type { Place } from './names.ts';
import { META_VOLUME } from './objects/storage.ts';

type Claim = Live<typeof PersistentVolumeClaim>;

/** On a metadata claim: its front end was dropped by us, or is about to be. Written before the statement. */
export const DROPPED = 'al-assad.github.io/dropped-front-end';

/** On a back end's claim: we moved its data away, and Doris let its node go. Written before its pod goes, taken back before there is one again. */
export const EMPTIED = 'al-assad.github.io/emptied-back-end';
/** On a claim: when it is deleted, RFC 3339. Whoever writes another time there is obeyed. */
export const DELETE_AT = 'al-assad.github.io/delete-at';
/** On a claim: `true` keeps it, whatever the policy is. */
export const KEEP = 'al-assad.github.io/keep';

/** `fe-meta-basic-fe-0` */
export const metaClaimName = (cluster: string, ordinal: number): string => `${META_VOLUME}-${podName(cluster, 'fe', ordinal)}`;

/** Whether a claim belongs to a front end that we dropped, or began to. Claims that anybody else left behind are never touched. */
export const isDropped = (claim: Claim): boolean => claim.metadata.annotations?.[DROPPED] !== undefined;

/** Whether a claim's back end left empty, by us. */
export const isEmptied = (claim: Claim): boolean => claim.metadata.annotations?.[EMPTIED] !== undefined;

/** Which of the component's pods a claim belongs to, whatever its volume's name is; `undefined`: none. By its labels too: of `prod` and `my-prod` names end alike. */
export function claimOrdinal(cluster: Place, name: 'fe' | 'be', { metadata }: Claim): number | undefined {
  const ours = Object.entries(labelsOf(cluster.name, name)).every(([key, value]) => metadata.labels?.[key] === value);
  const ordinal = /-(0|[1-9]\d*)$/.exec(metadata.name)?.[1];
  return ours && ordinal !== undefined && metadata.name.endsWith(`-${podName(cluster.name, name, Number(ordinal))}`) ? Number(ordinal) : undefined;
}

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
  said: { readonly storage?: string; readonly dropped?: boolean; readonly emptied?: boolean; readonly deleteAt?: string | undefined },
): Desired<typeof PersistentVolumeClaim> {
  const { storage = requested(claim), dropped = isDropped(claim), emptied = isEmptied(claim) } = said;
  const deleteAt = 'deleteAt' in said ? said.deleteAt : claim.metadata.annotations?.[DELETE_AT];
  const annotations = given({ [DROPPED]: dropped ? 'true' : undefined, [EMPTIED]: emptied ? 'true' : undefined, [DELETE_AT]: deleteAt });
  return {
    name: claim.metadata.name,
    ...(Object.keys(annotations).length === 0 ? {} : { annotations: annotations as Readonly<Record<string, string>> }), // sound: given() left out what is not there
    spec: { resources: { requests: { storage } } },
  };
}
