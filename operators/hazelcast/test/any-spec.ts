import { admit } from '@binnacle/schema';
import type { Schema } from '@binnacle/schema';
import fc from 'fast-check';
import { Hazelcast } from '../src/api/hazelcast.ts';
import type { Cluster } from '../src/api/hazelcast.ts';

/** Minors of 5 whose members there are. */
export const MINORS = [0, 1, 2, 3, 4, 5, 6, 7] as const;
/** That of `spec.version` when nobody says anything. */
export const DEFAULT_MINOR = 5;
export const VERSIONS: readonly string[] = [...MINORS.map((minor) => `5.${minor}.0`), '5.3.8', '5.5.0-SNAPSHOT', 'latest'];

const LABELS = fc.stringMatching(/^[a-z][a-z0-9]{0,7}$/);
const MODES = fc.constant(['ReadWriteOnce']);
/** Fields of which hardly any value of chance is taken, by path with `[]` for any index; and parts of pods, which have rules of their own: one of each will do. */
const NARROW: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  'spec.clusterSize': fc.constantFrom(0, 3, 4, 5, 7),
  'spec.version': fc.constantFrom(...VERSIONS),
  'spec.imagePullSecrets': fc.constant([{ name: 's' }]),
  'spec.resources': fc.constant({ limits: { cpu: '1' } }),
  'spec.agent.resources': fc.constant({ limits: { cpu: '1' } }),
  'spec.scheduling.affinity': fc.constant({ podAntiAffinity: {} }),
  'spec.scheduling.tolerations': fc.constant([{ key: 'k' }]),
  'spec.scheduling.topologySpreadConstraints': fc.constant([{ maxSkew: 1, topologyKey: 'k', whenUnsatisfiable: 'DoNotSchedule' }]),
  'spec.env': fc.constant([{ name: 'A', value: 'b' }]),
  'spec.exposeExternally.discoveryServiceType': fc.constantFrom('LoadBalancer', 'NodePort'),
  'spec.persistence.pvc.accessModes': MODES,
  'spec.localDevices[].pvc.accessModes': MODES,
  'spec.cpSubsystem.pvc.accessModes': MODES,
  'spec.nativeMemory.allocatorType': fc.constantFrom('POOLED', 'POOLED', 'STANDARD'),
  'spec.nativeMemory.minBlockSize': fc.constantFrom(1, 16, 1_024, 65_536),
  'spec.localDevices[].name': LABELS,
  'spec.advancedNetwork.wan[].name': LABELS,
  'spec.advancedNetwork.wan[].serviceType': fc.constantFrom('LoadBalancer', 'ClusterIP', ''),
  'spec.advancedNetwork.wan[].port': fc.integer({ min: 60, max: 460 }).map((hundred) => hundred * 100),
  'spec.advancedNetwork.wan[].portCount': fc.integer({ min: 1, max: 99 }),
  'spec.scheduledExecutorServices[].capacityPolicy': fc.constantFrom('PER_NODE', 'PER_PARTITION'),
};
/** What admission wants beside the field, though no schema says so. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  spec: ['licenseKeySecretName', 'nativeMemory'],
  'spec.persistence': ['pvc'],
  'spec.persistence.pvc': ['accessModes'],
  'spec.localDevices[]': ['pvc'],
  'spec.localDevices[].pvc': ['accessModes'],
  'spec.advancedNetwork.wan[]': ['name', 'port', 'portCount'],
};

const INT32 = 2 ** 31;
/** What a YAML reader may take for something else, and what members may choke on. */
const TEXTS = ['', 'a', 'com.example.A', '10.10.1.*', 'on', '0x10', '1e3', '~', ': - #', '"\'\n\t', '日本 ', '*', 's3://bucket/path?region=x&y=z'];

function valueOf(schema: Schema, path: string): fc.Arbitrary<unknown> {
  const narrow = NARROW[path];
  if (narrow !== undefined) return narrow;
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  if (schema['x-kubernetes-int-or-string'] === true) return fc.constantFrom('8Gi', '512M', '1.5Gi', '100m', 4_096, '1e9', '0');
  switch (schema.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer': {
      const [min, max] = [schema.minimum ?? -INT32, schema.maximum ?? INT32 - 1];
      const usual = fc.integer({ min: Math.max(min, 1), max: Math.max(min, Math.min(max, 2_000)) });
      return fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom(0, 1, min, max).filter((value) => value >= min) });
    }
    case 'string': {
      const { minLength = 0, maxLength = 12 } = schema;
      return fc.oneof(fc.constantFrom(...TEXTS.filter(({ length }) => length >= minLength)), fc.string({ unit: 'binary', minLength, maxLength }));
    }
    case 'array':
      return fc.array(valueOf(schema.items ?? {}, `${path}[]`), { maxLength: 3 });
    default: {
      if (typeof schema.additionalProperties === 'object') return fc.dictionary(fc.string({ minLength: 1 }), valueOf(schema.additionalProperties, `${path}{}`));
      const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [name, valueOf(field, `${path}.${name}`)] as const);
      if (schema.maxProperties === 1) return fc.oneof(...fields.map(([name, field]) => field.map((value) => ({ [name]: value }))));
      return fc.record(Object.fromEntries(fields), { requiredKeys: [...(schema.required ?? []), ...(NEEDED[path] ?? [])] });
    }
  }
}

/** A cluster as the API server stores it, with a spec of any fields: what admission refuses is taken out until it refuses nothing. */
export function anyCluster(): fc.Arbitrary<Cluster> {
  return valueOf(Hazelcast.schema.properties?.['spec'] ?? {}, 'spec')
    .map(admitted)
    .filter((hz) => hz !== undefined);
}

/** Undefined: what is wrong with it is no field that could be taken out. */
function admitted(some: unknown): Cluster | undefined {
  const object = {
    apiVersion: 'hazelcast.com/v1alpha1',
    kind: 'Hazelcast',
    metadata: { name: 'hazelcast', namespace: 'default' },
    spec: structuredClone(some),
  };
  for (;;) {
    const { object: stored, errors } = admit(Hazelcast, object);
    // Sound: it passed the schema, and nothing here asks for what the API server adds.
    if (errors.length === 0) return stored as unknown as Cluster;
    // Not each of them: one may have been in what another took out, and one says only that there are others.
    if (errors.filter(({ field }) => takeOut(object, field)).length === 0) return undefined;
  }
}

/** Paths of fields of a spec that have none of their own, and of those that are taken as a whole here. */
export function* leaves(schema: Schema = Hazelcast.schema.properties?.['spec'] ?? {}, path = 'spec'): Iterable<string> {
  const inner = Object.entries(schema.properties ?? {});
  if (inner.length > 0 && !(path in NARROW)) for (const [name, field] of inner) yield* leaves(field, `${path}.${name}`);
  else if (schema.items !== undefined && !(path in NARROW)) yield* leaves(schema.items, `${path}[]`);
  else yield path;
}

/** Those of them that this spec has. */
export function* present(value: unknown, path = 'spec'): Iterable<string> {
  yield path;
  if (Array.isArray(value)) for (const item of value) yield* present(item, `${path}[]`);
  else if (typeof value === 'object' && value !== null) for (const [name, one] of Object.entries(value)) yield* present(one, `${path}.${name}`);
}

/** Takes the field away; where it is absent, what it is required in, down to a section of the spec. Whether there was any. */
function takeOut(object: object, field: string): boolean {
  const names = field.replaceAll(/\[(\d+)\]/g, '.$1').split('.');
  for (let length = names.length; length >= 2; length--) {
    const parent = names.slice(0, length - 1).reduce<unknown>((one, name) => (one as Readonly<Record<string, unknown>> | undefined)?.[name], object);
    const name = names[length - 1]!;
    if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, name)) continue;
    if (Array.isArray(parent)) parent.splice(Number(name), 1);
    else Reflect.deleteProperty(parent, name);
    return true;
  }
  return false;
}
