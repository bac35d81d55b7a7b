import { forbidden } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import type { Spec } from '../spec.ts';

/**
 * Fields of the kind we replace whose effect we do not bring about. A field that is accepted and does nothing is worse than one that is refused:
 * the user would think the cluster is encrypted, or restored.
 */
export function* unsupportedFaults(spec: Spec): Iterable<FieldError> {
  if (spec.persistence?.startupAction !== undefined) yield not('spec.persistence.startupAction');
}

function not(path: string): FieldError {
  return forbidden(path, 'not supported yet');
}
