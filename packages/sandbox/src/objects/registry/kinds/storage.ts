import { forbidden, invalid, quantityNanos, required, unsupported } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { equal, listAt, objectAt, stringAt, withKey } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { immutable } from '../../metadata.ts';
import { dnsSubdomain } from '../../names.ts';
import type { KindRules } from '../strategy.ts';

const MODES = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

function withFinalizer(object: JsonObject, name: string): JsonObject {
  const metadata = objectAt(object, 'metadata');
  const finalizers = listAt(metadata, 'finalizers');
  return finalizers.includes(name) ? object : { ...object, metadata: { ...metadata, finalizers: [...finalizers, name] } };
}

/** Claims: get the default class, may only grow, and only when bound. Source: spec/sandbox.md §2.18. */
export const claim: KindRules = {
  newStatus: { phase: 'Pending' },
  // The phase of a new claim is empty until somebody writes it, and read as Pending. Source: pkg/apis/core/v1/defaults.go, `SetDefaults_PersistentVolumeClaim`.
  completedByWrite: () => true,
  create: (object, env) => {
    const spec = objectAt(object, 'spec');
    const standard = spec['storageClassName'] === undefined ? env.defaultStorageClass() : undefined;
    return withFinalizer(standard === undefined ? object : { ...object, spec: { ...spec, storageClassName: standard } }, 'kubernetes.io/pvc-protection');
  },
  validate: (object) => claimErrors(objectAt(object, 'spec')),
  validateUpdate: claimChanges,
};

/** Rules for the spec of a claim, or of a template of one, at `path`. */
export function claimErrors(spec: JsonObject, path = 'spec'): readonly FieldError[] {
  const modes = listAt(spec, 'accessModes');
  const found: FieldError[] = modes.length === 0 ? [required(`${path}.accessModes`, 'at least 1 access mode is required')] : [];
  for (const mode of modes.map((one) => one ?? ''))
    if (typeof mode === 'string' && !MODES.includes(mode)) found.push(unsupported(`${path}.accessModes`, mode, MODES));
  if (modes.includes('ReadWriteOncePod') && modes.length > 1)
    found.push(forbidden(`${path}.accessModes`, 'may not use ReadWriteOncePod with other access modes'));
  const name = stringAt(spec, 'storageClassName') ?? '';
  if (name !== '') found.push(...dnsSubdomain(name).map((text) => invalid(`${path}.storageClassName`, name, text)));
  const mode = spec['volumeMode'];
  const modesOfVolumes = ['Block', 'Filesystem'];
  if (typeof mode === 'string' && !modesOfVolumes.includes(mode)) found.push(unsupported(`${path}.volumeMode`, mode, modesOfVolumes));
  const size = requested(spec);
  if (size === undefined) return [...found, required(`${path}.resources[storage]`)];
  const bytes = quantityNanos(size);
  return bytes !== undefined && bytes > 0n ? found : [...found, invalid(`${path}.resources[storage]`, size, 'must be greater than zero')];
}

const requested = (spec: JsonObject) => stringAt(objectAt(objectAt(spec, 'resources'), 'requests'), 'storage');

function claimChanges(next: JsonObject, before: JsonObject): readonly FieldError[] {
  const spec = objectAt(next, 'spec');
  let stored = objectAt(before, 'spec');
  if (stored['volumeName'] === undefined) stored = withKey(stored, 'volumeName', spec['volumeName']);
  // A claim that got no class may be given the default one later.
  if (stored['storageClassName'] === undefined) stored = withKey(stored, 'storageClassName', spec['storageClassName']);
  let allowed = spec;
  if (objectAt(next, 'status')['phase'] === 'Bound') {
    const resources = objectAt(spec, 'resources');
    allowed = { ...allowed, resources: { ...resources, requests: { ...objectAt(resources, 'requests'), storage: requested(stored) } } };
    allowed = withKey(allowed, 'volumeAttributesClassName', stored['volumeAttributesClassName']);
  }
  const found: FieldError[] = [];
  if (!equal(allowed, stored)) {
    const keys = [...new Set([...Object.keys(allowed), ...Object.keys(stored)])].filter((key) => !equal(allowed[key], stored[key]));
    const lines = keys.map((key) => `-\t${key}: ${JSON.stringify(stored[key])}\n+\t${key}: ${JSON.stringify(allowed[key])}`).join('\n');
    found.push(forbidden('spec', `spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n${lines}\n`));
  }
  found.push(...immutable(spec, stored, 'volumeMode', 'volumeMode'));
  const [now, old] = [quantityNanos(requested(spec) ?? '0'), quantityNanos(requested(stored) ?? '0')];
  const capacity = quantityNanos(stringAt(objectAt(objectAt(before, 'status'), 'capacity'), 'storage') ?? '0');
  // Smaller than asked for last time is fine while an expansion has not happened yet; smaller than the volume never.
  if (now !== undefined && old !== undefined && capacity !== undefined && now < old && now <= capacity) {
    found.push(forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity'));
  }
  return found;
}

export const volume: KindRules = {
  newStatus: { phase: 'Pending' },
  create: (object) => withFinalizer(object, 'kubernetes.io/pv-protection'),
  validate: (object) => {
    const spec = objectAt(object, 'spec');
    const found: FieldError[] = [];
    if (listAt(spec, 'accessModes').length === 0) found.push(required('spec.accessModes'));
    if (stringAt(objectAt(spec, 'capacity'), 'storage') === undefined) found.push(required('spec.capacity'));
    return found;
  },
};

export const storageClass: KindRules = {
  validate: (object) => ((stringAt(object, 'provisioner') ?? '') === '' ? [required('provisioner')] : []),
  validateUpdate: (next, before) => ['parameters', 'provisioner', 'reclaimPolicy', 'volumeBindingMode'].flatMap((key) => immutable(next, before, key, key)),
};
