import { forbidden, required } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import type { Spec } from '../spec.ts';

/** The Secret with the licence; undefined: open source. The deprecated field counts where the new one is empty. */
export function licenceSecret(spec: {
  readonly licenseKeySecretName?: string | undefined;
  readonly licenseKeySecret?: string | undefined;
}): string | undefined {
  return spec.licenseKeySecretName || spec.licenseKeySecret || undefined;
}

/** Sections with which an open-source member exits at start, or which it ignores. Source: spec/hazelcast-members.md §4. */
export function* licenceFaults(spec: Spec): Iterable<FieldError> {
  if (licenceSecret(spec) !== undefined) return;
  const enterprise: readonly (readonly [path: string, used: boolean])[] = [
    ['spec.persistence', spec.persistence !== undefined],
    ['spec.cpSubsystem', spec.cpSubsystem !== undefined],
    ['spec.tls', spec.tls !== undefined && spec.tls.secretName !== ''],
    ['spec.userCodeNamespaces', spec.userCodeNamespaces !== undefined],
    ['spec.jet.instance.losslessRestartEnabled', spec.jet.instance?.losslessRestartEnabled === true],
    ['spec.sql.catalogPersistenceEnabled', spec.sql?.catalogPersistenceEnabled === true],
    ['spec.nativeMemory', spec.nativeMemory !== undefined],
    ['spec.localDevices', (spec.localDevices ?? []).length > 0],
  ];
  const used = enterprise.filter(([, is]) => is).map(([path]) => path);
  if (used.length === 0) return;
  yield required('spec.licenseKeySecretName', `without a licence members are open source, which have no ${used.join(', ')}`);
  for (const path of used) yield forbidden(path, 'needs Hazelcast Enterprise: set spec.licenseKeySecretName');
}
