import type { EnvVar, Volume } from '@binnacle/client/kinds';
import type { Spec } from '../api/spec.ts';
import type { InitializerSpec } from '../api/doris-initializer.ts';
import type { MonitorSpec } from '../api/doris-monitor.ts';

/** Another object that a spec names, and the key in it that is needed. Never one that may be missing. */
export interface Reference {
  readonly field: string;
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly key?: string;
}

interface Named {
  readonly name?: string;
  readonly optional?: boolean;
  readonly key?: string;
}

/** What a DorisCluster names. */
export function* clusterReferences(spec: Spec): Generator<Reference> {
  yield* pullSecrets(spec);
  yield* to('Secret', 'spec.fe.tls.secretName', spec.fe?.tls && { name: spec.fe.tls.secretName, key: 'tls.crt' });
  yield* to('Secret', 'spec.fe.tls.clientSecretName', spec.fe?.tls && { name: spec.fe.tls.clientSecretName ?? '', key: 'tls.crt' });
  for (const name of ['fe', 'be', 'cn', 'broker'] as const) {
    const component = spec[name];
    yield* inEnvironment(`spec.${name}.additionalEnv`, component?.additionalEnv ?? []);
    for (const [index, volume] of (component?.additionalVolumes ?? []).entries()) yield* inVolume(`spec.${name}.additionalVolumes[${index}]`, volume);
    for (const [index, container] of (component?.additionalContainers ?? []).entries()) {
      yield* inEnvironment(`spec.${name}.additionalContainers[${index}].env`, container.env ?? []);
    }
  }
}

/** What a DorisInitializer names. */
export function* initializerReferences(spec: InitializerSpec): Generator<Reference> {
  yield* pullSecrets(spec);
  yield* to('Secret', 'spec.rootPasswordFrom', spec.rootPasswordFrom);
  yield* to('Secret', 'spec.adminPasswordFrom', spec.adminPasswordFrom);
  for (const [index, script] of (spec.initSqlScriptFrom ?? []).entries()) {
    yield* to('Secret', `spec.initSqlScriptFrom[${index}].secretKeyRef`, script.secretKeyRef);
    yield* to('ConfigMap', `spec.initSqlScriptFrom[${index}].configMapKeyRef`, script.configMapKeyRef);
  }
}

/** What a DorisMonitor names. */
export function* monitorReferences(spec: MonitorSpec): Generator<Reference> {
  yield* pullSecrets(spec);
  yield* to('Secret', 'spec.grafana.adminPasswordFrom', spec.grafana?.adminPasswordFrom);
}

function* pullSecrets({ imagePullSecrets = [] }: { readonly imagePullSecrets?: readonly Named[] | undefined }): Generator<Reference> {
  for (const [index, secret] of imagePullSecrets.entries()) yield* to('Secret', `spec.imagePullSecrets[${index}]`, secret);
}

function* inEnvironment(field: string, env: readonly EnvVar[]): Generator<Reference> {
  for (const [index, { valueFrom }] of env.entries()) {
    yield* to('Secret', `${field}[${index}].valueFrom.secretKeyRef`, valueFrom?.secretKeyRef);
    yield* to('ConfigMap', `${field}[${index}].valueFrom.configMapKeyRef`, valueFrom?.configMapKeyRef);
  }
}

function* inVolume(field: string, { secret, configMap, projected }: Volume): Generator<Reference> {
  if (secret?.secretName !== undefined && secret.optional !== true) yield* to('Secret', `${field}.secret`, { name: secret.secretName });
  yield* to('ConfigMap', `${field}.configMap`, configMap);
  for (const [index, source] of (projected?.sources ?? []).entries()) {
    yield* to('Secret', `${field}.projected.sources[${index}].secret`, source.secret);
    yield* to('ConfigMap', `${field}.projected.sources[${index}].configMap`, source.configMap);
  }
}

function* to(kind: Reference['kind'], field: string, named: Named | undefined): Generator<Reference> {
  if (named === undefined || named.optional === true || (named.name ?? '') === '') return;
  yield { field, kind, name: named.name!, ...(named.key === undefined ? {} : { key: named.key }) };
}
