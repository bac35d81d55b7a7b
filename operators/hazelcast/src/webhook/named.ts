import type { DeepReadonly } from '@binnacle/client';
import { licenceSecret } from '../api/check.ts';
import type { HotBackupSpec } from '../api/hot-backup.ts';
import type { ManagementCenterSpec } from '../api/management-center.ts';
import type { Spec } from '../api/spec.ts';
import { secretOf } from '../hazelcast/config/init.ts';

/** Another object that a spec names, and by which field. */
export interface Named {
  readonly field: string;
  readonly kind: 'Secret' | 'ConfigMap' | 'HotBackup';
  readonly name: string;
}

/** What a Hazelcast names. */
export function namedByCluster(spec: DeepReadonly<Spec>): readonly Named[] {
  const { jet, userCodeDeployment: code, persistence, tls } = spec;
  const restore = persistence?.restore;
  const maps = (field: string, names: readonly string[] = []) => names.flatMap((name, index) => to('ConfigMap', `${field}[${index}]`, name));
  return [
    ...to('Secret', 'spec.licenseKeySecretName', licenceSecret(spec)),
    ...to('Secret', 'spec.tls.secretName', tls?.secretName),
    ...to('Secret', 'spec.jet.bucketConfig.secretName', jet.bucketConfig && secretOf(jet.bucketConfig)),
    ...to('Secret', 'spec.userCodeDeployment.bucketConfig.secretName', code?.bucketConfig && secretOf(code.bucketConfig)),
    ...to('Secret', 'spec.persistence.restore.bucketConfig.secretName', restore?.bucketConfig && secretOf(restore.bucketConfig)),
    ...to('HotBackup', 'spec.persistence.restore.hotBackupResourceName', restore?.hotBackupResourceName),
    ...to('ConfigMap', 'spec.customConfigCmName', spec.customConfigCmName),
    ...maps('spec.jet.configMaps', jet.configMaps),
    ...maps('spec.userCodeDeployment.configMaps', code?.configMaps),
    ...pullSecrets(spec),
  ];
}

/** What a ManagementCenter names. */
export function namedByCenter(spec: DeepReadonly<ManagementCenterSpec>): readonly Named[] {
  return [
    ...to('Secret', 'spec.licenseKeySecretName', licenceSecret(spec)),
    ...to('Secret', 'spec.securityProvider.ldap.credentialsSecretName', spec.securityProvider?.ldap?.credentialsSecretName),
    ...(spec.hazelcastClusters ?? []).flatMap(({ tls }, index) => to('Secret', `spec.hazelcastClusters[${index}].tls.secretName`, tls?.secretName)),
    ...to('Secret', 'spec.externalConnectivity.ingress.tls.secretName', spec.externalConnectivity.ingress?.tls?.secretName),
    ...pullSecrets(spec),
  ];
}

/** What a HotBackup names, or the template of one, at `path`. Its Hazelcast may come long after it. */
export function namedByBackup(spec: DeepReadonly<HotBackupSpec>, path: string): readonly Named[] {
  return spec.bucketURI ? to('Secret', `${path}.secretName`, spec.secretName || spec.secret) : [];
}

function pullSecrets({ imagePullSecrets = [] }: { readonly imagePullSecrets?: readonly { readonly name?: string }[] | undefined }): readonly Named[] {
  return imagePullSecrets.flatMap(({ name }, index) => to('Secret', `spec.imagePullSecrets[${index}]`, name));
}

function to(kind: Named['kind'], field: string, name: string | undefined): readonly Named[] {
  return name === undefined || name === '' ? [] : [{ field, kind, name }];
}
