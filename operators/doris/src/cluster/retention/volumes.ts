import type { Live } from '@binnacle/client';
import { parseTimestamp } from '@binnacle/client';
import { PersistentVolumeClaim } from '@binnacle/client/kinds';
import type { Pod } from '../../pod.ts';
import { DELETE_AFTER_SECONDS } from '../../api/retention.ts';
import type { RetentionPolicy } from '../../api/retention.ts';
import type { Spec } from '../../api/spec.ts';
import type { Context } from '@binnacle/runtime';
import type { DorisCluster } from '../../api/doris-cluster.ts';
import { DELETE_AT, KEEP, claimAs, claimOrdinal, isDropped, isEmptied } from '../claim.ts';
import { labelsOf, podName } from '../names.ts';
import type { Place } from '../names.ts';
import type { Volume } from './plan.ts';

/** Components with volumes. */
export const WITH_VOLUMES = ['fe', 'be'] as const;
export type WithVolumes = (typeof WITH_VOLUMES)[number];

/** What is to become of a component's volumes; `undefined`: they stay. */
export const policyOf = (spec: Spec, name: WithVolumes): RetentionPolicy | undefined => spec[name]?.persistentVolumeClaimRetentionPolicy;

/** Whether the cluster's volumes end with it. */
export const endsWithVolumes = (spec: Spec): boolean => WITH_VOLUMES.some((name) => policyOf(spec, name)?.whenDeleted === 'Delete');

export const afterMs = (policy: RetentionPolicy | undefined): number => (policy?.deleteAfterSeconds ?? DELETE_AFTER_SECONDS) * 1_000;

/** A component's volumes, from claims that have its labels. */
export function volumesOf(
  cluster: Place,
  name: WithVolumes,
  claims: readonly Live<typeof PersistentVolumeClaim>[],
  pods: readonly Live<typeof Pod>[],
): readonly Volume[] {
  return claims.flatMap((claim) => {
    const { metadata } = claim;
    const ordinal = claimOrdinal(cluster, name, claim);
    if (ordinal === undefined || metadata.deletionTimestamp !== undefined) return [];
    const at = metadata.annotations?.[DELETE_AT];
    const volume: Volume = {
      claim: metadata.name,
      ordinal,
      left: name === 'fe' ? isDropped(claim) : isEmptied(claim),
      kept: metadata.annotations?.[KEEP] === 'true',
      deleteAtMs: at === undefined ? undefined : parseTimestamp(at),
      used: pods.some((pod) => pod.metadata.name === podName(cluster.name, name, ordinal)),
    };
    return [volume];
  });
}

type Marking = Pick<Context<typeof DorisCluster, typeof PersistentVolumeClaim, never>, 'list' | 'apply'>;

/** Writes on a back end's claims that it left empty. Before its pod goes. */
export async function markEmptied(cluster: Place, ordinal: number, cx: Marking): Promise<void> {
  for (const claim of await cx.list(PersistentVolumeClaim, { labels: labelsOf(cluster.name, 'be') })) {
    if (claimOrdinal(cluster, 'be', claim) !== ordinal || isEmptied(claim)) continue;
    await cx.apply(PersistentVolumeClaim, claimAs(claim, { emptied: true }), { owner: 'none' });
  }
}

/** Takes that back, and what was to follow from it, for all back ends below `replicas`. Before there are such pods. */
export async function takeBackEmptied(cluster: Place, replicas: number, cx: Marking): Promise<void> {
  for (const claim of await cx.list(PersistentVolumeClaim, { labels: labelsOf(cluster.name, 'be') })) {
    if (!isEmptied(claim) || (claimOrdinal(cluster, 'be', claim) ?? Infinity) >= replicas) continue;
    await cx.apply(PersistentVolumeClaim, claimAs(claim, { emptied: false, deleteAt: undefined }), { owner: 'none' });
  }
}
