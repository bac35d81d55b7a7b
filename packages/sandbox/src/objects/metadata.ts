import { forbidden, invalid, required } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { equal, isObject, listAt, objectAt, stringAt } from './json.ts';
import type { JsonObject } from './json.ts';
import { dnsSubdomain, labelValue, qualifiedName } from './names.ts';
import type { NameRule } from './names.ts';

/** Bytes of all annotations of an object, names and values. Source: apimachinery's TotalAnnotationSizeLimitB. */
const ANNOTATION_BYTES = 256 * 1024;
const STANDARD_FINALIZERS = ['orphan', 'foregroundDeletion', 'kubernetes'];
const IMMUTABLE = 'field is immutable';

/** How a kind's metadata is judged. */
export interface MetadataRules {
  /** Default: RFC 1123 subdomain. */
  readonly name?: NameRule;
  /** Whether a finalizer without a domain must be one of Kubernetes' own: so for built-in kinds; custom ones may be named anything. */
  readonly standardFinalizers?: boolean;
}

/** What is wrong with an object's metadata, in the API server's words. `before` is the stored object; undefined for a create. Source: spec/sandbox.md §2.1, §2.6. */
export function metadataErrors(next: JsonObject, before: JsonObject | undefined, rules: MetadataRules = {}): readonly FieldError[] {
  const metadata = objectAt(next, 'metadata');
  const stored = before === undefined ? undefined : objectAt(before, 'metadata');
  return [
    ...(stored === undefined ? nameErrors(metadata, rules.name ?? dnsSubdomain) : identityErrors(metadata, stored)),
    ...generationErrors(metadata['generation']),
    ...labelErrors(metadata['labels'], 'metadata.labels'),
    ...annotationErrors(objectAt(metadata, 'annotations'), 'metadata.annotations'),
    ...ownerErrors(listAt(metadata, 'ownerReferences')),
    ...finalizerErrors(metadata, stored, rules.standardFinalizers ?? false),
  ];
}

function nameErrors(metadata: JsonObject, rule: NameRule): readonly FieldError[] {
  const name = stringAt(metadata, 'name') ?? '';
  const base = stringAt(metadata, 'generateName') ?? '';
  // A name is added to a base: a dash at its end is fine.
  const wrongBase = base === '' ? [] : rule(base.replace(/-$/, 'a')).map((text) => invalid('metadata.generateName', base, text));
  if (name === '') return [...wrongBase, required('metadata.name', 'name or generateName is required')];
  return [...wrongBase, ...rule(name).map((text) => invalid('metadata.name', name, text))];
}

/** Kinds that count their own never see what a client says here. */
function generationErrors(generation: unknown): readonly FieldError[] {
  return typeof generation === 'number' && generation < 0 ? [invalid('metadata.generation', generation, 'must be greater than or equal to 0')] : [];
}

function identityErrors(metadata: JsonObject, stored: JsonObject): readonly FieldError[] {
  return ['name', 'namespace', 'uid'].flatMap((key) => {
    const value = metadata[key];
    return value === undefined || equal(value, stored[key]) ? [] : [invalid(`metadata.${key}`, value, IMMUTABLE)];
  });
}

/** What is wrong with labels, or with a selector's `matchLabels`, at `field`. */
export function labelErrors(labels: unknown, field: string): readonly FieldError[] {
  if (!isObject(labels)) return [];
  return Object.entries(labels).flatMap(([name, value]) => [
    ...qualifiedName(name).map((text) => invalid(field, name, text)),
    ...(typeof value === 'string' ? labelValue(value).map((text) => invalid(field, value, text)) : []),
  ]);
}

/** What is wrong with annotations, at `field`. */
export function annotationErrors(annotations: JsonObject, field: string): readonly FieldError[] {
  const found = Object.keys(annotations).flatMap((name) => qualifiedName(name.toLowerCase()).map((text) => invalid(field, name, text)));
  let bytes = 0;
  for (const [name, value] of Object.entries(annotations)) bytes += Buffer.byteLength(name) + (typeof value === 'string' ? Buffer.byteLength(value) : 0);
  if (bytes <= ANNOTATION_BYTES) return found;
  return [...found, { reason: 'FieldValueTooLong', field, message: `Too long: may not be more than ${ANNOTATION_BYTES} bytes` }];
}

function ownerErrors(owners: readonly unknown[]): readonly FieldError[] {
  const found: FieldError[] = [];
  let controller: string | undefined;
  for (const owner of owners) {
    if (!isObject(owner)) continue;
    for (const key of ['apiVersion', 'kind', 'name', 'uid']) {
      if ((stringAt(owner, key) ?? '') === '') found.push(invalid(`metadata.ownerReferences.${key}`, '', 'must not be empty'));
    }
    if (owner['controller'] !== true) continue;
    const name = `${stringAt(owner, 'kind')}/${stringAt(owner, 'name')}`;
    if (controller === undefined) controller = name;
    else {
      const text = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${name}`;
      found.push(invalid('metadata.ownerReferences', owners, text));
    }
  }
  return found;
}

function finalizerErrors(metadata: JsonObject, stored: JsonObject | undefined, standard: boolean): readonly FieldError[] {
  const field = 'metadata.finalizers';
  // A null in a list of texts is an empty one, as Go reads JSON.
  const finalizers = listAt(metadata, 'finalizers').flatMap((name) => (name === null ? [''] : typeof name === 'string' ? [name] : []));
  const found = finalizers.flatMap((name) => qualifiedName(name).map((text) => invalid(field, name, text)));
  for (const [at, name] of finalizers.entries()) {
    if (!standard || name.includes('/') || STANDARD_FINALIZERS.includes(name)) continue;
    found.push(invalid(`${field}[${at}]`, name, 'name is neither a standard finalizer name nor is it fully qualified'));
  }
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    found.push(invalid(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  if (stored?.['deletionTimestamp'] === undefined) return found;
  const old = listAt(stored, 'finalizers');
  const added = finalizers.filter((name) => !old.includes(name)).toSorted((a, b) => (a < b ? -1 : 1));
  if (added.length === 0) return found;
  const list = `[]string{${added.map((name) => JSON.stringify(name)).join(', ')}}`;
  return [...found, forbidden(field, `no new finalizers can be added if the object is being deleted, found new finalizers ${list}`)];
}

/** Whether a field changed that never may. */
export function immutable(next: JsonObject, before: JsonObject, key: string, field: string): readonly FieldError[] {
  return equal(next[key], before[key]) ? [] : [invalid(field, next[key] ?? null, IMMUTABLE)];
}
