import { ConfigMap, Secret, StatefulSet } from '@binnacle/client/kinds';
import { done, step, stop, tellDoubts, waitFor } from '@binnacle/runtime';
import type { Context, Outcome } from '@binnacle/runtime';
import type { CustomObject, FieldError } from '@binnacle/schema';
import { faults, newFaults } from '../../api/check.ts';
import { hasFormed } from '../../api/check/update.ts';
import { Hazelcast } from '../../api/hazelcast.ts';
import type { Cluster } from '../../api/hazelcast.ts';
import type { Spec } from '../../api/spec.ts';
import type { Status } from '../../api/status.ts';
import { secretOf } from '../config/init.ts';
import { parseCustom } from '../config/custom.ts';
import { licenceSecret, memberAccess, tlsOf } from '../effective.ts';
import { namespaceOf } from '../names.ts';
import type { Named, References } from '@binnacle/runtime';

type Checking = Context<typeof Hazelcast, never, typeof Secret | typeof ConfigMap | typeof StatefulSet>;

interface Options {
  readonly nodeDiscovery: boolean;
  readonly references: References;
}

/** The rules of admission once more, since an object may be older than they are, and what must exist beside it. Source: spec/hazelcast-core.md §2.4. */
export const validation = (options: Options) =>
  step('validation', Hazelcast, { reads: [Secret, ConfigMap, StatefulSet] }, (hz, cx) => validate(hz, cx, options), { whileInvalid: true });

async function validate(hz: Cluster, cx: Checking, options: Options): Promise<Outcome> {
  if (cx.faults.length > 0) return stop('InvalidSpec', `error validating Spec: ${cx.faults.join('; ')}`);
  options.references.note({ namespace: namespaceOf(hz), name: hz.metadata.name }, namedBy(hz));
  const found = [...faults(mutable(hz), undefined)].map(lineOf);
  if (!options.nodeDiscovery && memberAccess(hz) === 'NodePortExternalIP')
    found.push('spec.exposeExternally.memberAccess: Invalid value: "NodePortExternalIP": value not supported when Hazelcast node discovery is not enabled');
  const doubts = [...newFaults(mutable(hz), undefined)];
  // What is refused of a new cluster has nothing to lose here either; one that runs with it goes on.
  if (!hasFormed(hz) && (await cx.get(StatefulSet, hz.metadata.name)) === undefined) found.push(...doubts.map(lineOf));
  if (found.length > 0) return stop('InvalidSpec', `error validating Spec: ${found.join('; ')}`);
  tellDoubts(hz, cx, doubts);

  const missing: string[] = [];
  for (const [path, name, text] of secretsOf(hz)) {
    if ((await cx.get(Secret, name)) === undefined) missing.push(`${path}: Not found: "${name}": ${text}`);
  }
  const custom = hz.spec.customConfigCmName;
  if (custom !== undefined && custom !== '') {
    const problem = customProblem(await cx.get(ConfigMap, custom));
    if (problem !== undefined) missing.push(`spec.customConfigCmName: Not found: "${custom}": ${problem}`);
  }
  if (missing.length === 0) return done;
  return waitFor('NotFound', `error validating Spec: ${missing.join('; ')}`);
}

const lineOf = ({ field, message }: FieldError): string => `${field}: ${message}`;

/** What a change of wakes the cluster, missing or not. */
function namedBy(hz: Cluster): readonly Named[] {
  const custom = hz.spec.customConfigCmName;
  const restored = hz.spec.persistence?.restore?.hotBackupResourceName;
  return [
    ...secretsOf(hz).map(([, name]) => ({ kind: 'Secret' as const, name })),
    ...(restored === undefined || restored === '' ? [] : [{ kind: 'HotBackup' as const, name: restored }]),
    ...(custom === undefined || custom === '' ? [] : [{ kind: 'ConfigMap' as const, name: custom }]),
  ];
}

function secretsOf(hz: Cluster): readonly (readonly [path: string, name: string, text: string])[] {
  const licence = licenceSecret(hz.spec);
  const tls = tlsOf(hz);
  const bucket = hz.spec.jet.enabled && hz.spec.jet.bucketConfig !== undefined ? secretOf(hz.spec.jet.bucketConfig) : '';
  return [
    ...(licence === undefined ? [] : [['spec.licenseKeySecretName', licence, 'Hazelcast Enterprise licenseKeySecret is not found'] as const]),
    ...(tls === undefined ? [] : [['spec.tls.secretName', tls.secretName, 'TLS Secret not found'] as const]),
    ...(bucket === '' ? [] : [['spec.jet.bucketConfig.secretName', bucket, 'Bucket credentials Secret not found'] as const]),
  ];
}

function customProblem(map: { readonly data?: Readonly<Record<string, string>> } | undefined): string | undefined {
  if (map === undefined) return 'ConfigMap for Hazelcast custom configs not found';
  const text = map.data?.['hazelcast'];
  if (text === undefined) return "ConfigMap for Hazelcast custom configs must contain 'hazelcast' key";
  try {
    parseCustom(text);
    return undefined;
  } catch {
    return 'ConfigMap for Hazelcast custom configs is not a valid yaml';
  }
}

/** The rules take what admission has, which is not marked read-only; they only read. */
function mutable(hz: Cluster): CustomObject<Spec, Status> {
  return hz as CustomObject<Spec, Status>;
}
