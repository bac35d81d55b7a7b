import { conditionOf } from '@binnacle/client';
import type { Live } from '@binnacle/client';
import type { FieldError } from '@binnacle/schema';
import type { AnyResource, Context } from './context.ts';

/**
 * Says by the condition `SpecValid` what would be refused of a new object and is let be in this one, which exists and runs with it. Never set on an object
 * that was always well.
 */
export function tellDoubts(object: Live<AnyResource>, cx: Pick<Context<AnyResource, never, never>, 'condition'>, doubts: readonly FieldError[]): void {
  if (doubts.length > 0) {
    const lines = doubts.map(({ field, message }) => `${field}: ${message}`);
    cx.condition('SpecValid', false, 'InvalidSpec', `would be refused of a new ${object.kind}: ${lines.join('; ')}`);
  } else if (conditionOf(object, 'SpecValid') !== undefined) {
    cx.condition('SpecValid', true, 'Valid', `nothing in the spec would be refused of a new ${object.kind}`);
  }
}
