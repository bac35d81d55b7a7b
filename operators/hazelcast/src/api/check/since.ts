import { forbidden } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import type { Spec } from '../spec.ts';
import { minorOf } from './version.ts';

/** The minor of 5 that user code namespaces came with. */
const NAMESPACES = 4;

/**
 * What members of an older version do not know, and do not start with or ignore. Found by holding what follows from any spec against the schemas that members of
 * 5.0 to 5.7 have in their jars. Tags that are no version are the user's own business.
 */
export function* sinceFaults(spec: Spec): Iterable<FieldError> {
  const version = minorOf(spec.version);
  if (version === undefined || version.major > 5) return;
  const minor = version.major < 5 ? -1 : version.minor;
  const since: readonly (readonly [path: string, minor: number, used: boolean])[] = [
    ['spec.userCodeNamespaces', NAMESPACES, spec.userCodeNamespaces !== undefined],
    ['spec.sql', 3, spec.sql !== undefined],
    ['spec.serialization.compactSerialization', 2, spec.serialization?.compactSerialization !== undefined],
    ['spec.localDevices', 1, (spec.localDevices ?? []).length > 0],
    ['spec.managementCenter.consoleEnabled', 1, spec.managementCenter?.consoleEnabled === true],
    ['spec.managementCenter.dataAccessEnabled', 1, spec.managementCenter?.dataAccessEnabled === true],
  ];
  for (const [path, first, used] of since)
    if (used && minor < first) yield forbidden(path, `members of ${spec.version} do not start with it: it came with 5.${first}`);
  if (minor >= NAMESPACES) return;
  for (const field of ['executorServices', 'durableExecutorServices', 'scheduledExecutorServices'] as const)
    for (const [index, { userCodeNamespace }] of (spec[field] ?? []).entries())
      if (userCodeNamespace !== undefined)
        yield forbidden(`spec.${field}[${index}].userCodeNamespace`, `members of ${spec.version} ignore it: it came with 5.${NAMESPACES}`);
}
