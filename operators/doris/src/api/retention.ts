import { k } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { z } from 'zod';
import type { Spec } from './spec.ts';

const policy = (when: string) => z.enum(['Retain', 'Delete']).optional().describe(`What becomes of volumes ${when}. Default \`Retain\`.`);

/** What becomes of a component's volumes when nobody uses them any more: the words of Kubernetes' own StatefulSets, and a time in which it can be taken back. */
export const retentionPolicy = z.object({
  whenScaled: policy('of nodes that left by scale-in, all their data elsewhere'),
  whenDeleted: policy('when the DorisCluster is deleted; the same for fe and be'),
  deleteAfterSeconds: k
    .int32()
    .min(0)
    .optional()
    .describe(
      'How long they are kept before that. Until then the annotation `al-assad.github.io/keep: "true"` on a claim keeps it for good. Default 86400, a day.',
    ),
});

export type RetentionPolicy = z.output<typeof retentionPolicy>;

/** A day: somebody notices what he did not mean; seconds. */
export const DELETE_AFTER_SECONDS = 86_400;

const FIELD = 'persistentVolumeClaimRetentionPolicy';

/** Metadata without its data, and data without the metadata that knows it, are both lost: they go together or stay together. */
export function* retentionFaults({ fe, be }: Spec): Generator<FieldError> {
  const [front, back] = [fe?.[FIELD], be?.[FIELD]];
  if (fe !== undefined && be !== undefined && (front?.whenDeleted ?? 'Retain') !== (back?.whenDeleted ?? 'Retain')) {
    const message = 'front ends have the metadata of what back ends hold, and neither is any use without the other: both Retain, or both Delete';
    yield {
      reason: 'FieldValueInvalid',
      field: `spec.be.${FIELD}.whenDeleted`,
      message: `Invalid value: ${JSON.stringify(back?.whenDeleted ?? 'Retain')}: ${message}`,
    };
  }
  for (const [name, one] of [
    ['fe', front],
    ['be', back],
  ] as const) {
    if (one?.deleteAfterSeconds === undefined || one.whenDeleted === 'Delete' || one.whenScaled === 'Delete') continue;
    yield {
      reason: 'FieldValueForbidden',
      field: `spec.${name}.${FIELD}.deleteAfterSeconds`,
      message: 'Forbidden: nothing is deleted: neither whenScaled nor whenDeleted is Delete',
    };
  }
}
