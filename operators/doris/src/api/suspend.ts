import { forbidden } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import type { Spec } from './spec.ts';

/**
 * What an edit may not do together with a suspension, on the way in or out as well as during it. Everything else waits until the cluster is resumed; a component
 * that is gone from the spec would never come back to be asked for its data. `before` absent: it is being created.
 */
export function* suspendFaults(spec: Spec, before: Spec | undefined): Generator<FieldError> {
  if (before === undefined || (spec.suspend !== true && before.suspend !== true)) return;
  for (const name of ['be', 'cn', 'broker'] as const) {
    if (before[name] === undefined || spec[name] !== undefined) continue;
    const when = before.suspend === true ? 'resume the cluster first' : 'suspend the cluster after that';
    yield forbidden(`spec.${name}`, `cannot be taken out of a cluster that is suspended: its nodes leave Doris before they go; ${when}`);
  }
}
