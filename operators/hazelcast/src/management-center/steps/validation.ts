import { Secret } from '@binnacle/client/kinds';
import { done, step, stop, waitFor } from '@binnacle/runtime';
import type { CustomObject } from '@binnacle/schema';
import { licenceSecret } from '../../api/check.ts';
import { managementCenterFaults } from '../../api/check/management-center.ts';
import { ManagementCenter } from '../../api/management-center.ts';
import type { References } from '@binnacle/runtime';
import { encryption } from '../config.ts';
import { storesOf } from '../stores.ts';
import type { Center, ManagementCenterSpec, ManagementCenterStatus } from '../../api/management-center.ts';

/** The rules of admission once more, since an object may be older than they are, and the Secrets that must exist beside it. */
export const validation = (references: References) =>
  step('validation', ManagementCenter, { reads: [Secret] }, async (mc, cx) => {
    const named = [...secretsOf(mc).map(([, name]) => name), ...(mc.spec.hazelcastClusters ?? []).flatMap((cluster) => encryption(cluster)?.secretName ?? [])];
    references.note(
      { namespace: mc.metadata.namespace ?? '', name: mc.metadata.name },
      named.map((name) => ({ kind: 'Secret', name })),
    );
    // Sound: the rules take what admission has, which is not marked read-only; they only read.
    const found = [...managementCenterFaults(mc as CustomObject<ManagementCenterSpec, ManagementCenterStatus>, undefined)];
    if (found.length > 0) return stop('InvalidSpec', `error validating Spec: ${found.map(({ field, message }) => `${field}: ${message}`).join('; ')}`);
    const missing: string[] = [];
    for (const [path, name, keys] of secretsOf(mc)) {
      const data = (await cx.get(Secret, name))?.data;
      if (data === undefined) missing.push(`${path}: Not found: "${name}"`);
      else for (const key of keys) if (data[key] === undefined) missing.push(`${path}: Not found: "${name}" has no key ${key}`);
    }
    missing.push(...(await storesOf(mc, async (name) => await cx.get(Secret, name))).problems);
    return missing.length === 0 ? done : waitFor('NotFound', `error validating Spec: ${missing.join('; ')}`);
  });

function secretsOf({ spec }: Center): readonly (readonly [path: string, name: string, keys: readonly string[]])[] {
  const licence = licenceSecret(spec);
  const ldap = spec.securityProvider?.ldap?.credentialsSecretName;
  return [
    ...(licence === undefined ? [] : [['spec.licenseKeySecretName', licence, ['license-key']] as const]),
    ...(ldap === undefined ? [] : [['spec.securityProvider.ldap.credentialsSecretName', ldap, ['username', 'password']] as const]),
  ];
}
