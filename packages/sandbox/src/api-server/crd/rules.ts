import { fillDefaults, invalid, rootSchema, setDefaults, validate } from '@binnacle/schema';
import type { FieldError, ValidateOptions } from '@binnacle/schema';
import { equal } from '../../objects/json.ts';
import { metadataErrors } from '../../objects/metadata.ts';
import { canonicalMetadata } from '../../objects/registry/index.ts';
import type { CustomVersion } from '../catalog/served.ts';
import type { Rules } from '../crud/rules.ts';
import { record, withMetadata, without } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { accessError, valueAt } from '../subresource/replicas.ts';

/** The rules of a custom kind: defaults, schema and CEL of its CRD, a status that only its endpoint writes (spec/sandbox.md §2.2, §2.3, §2.9). */
export function customRules(custom: CustomVersion): Rules {
  const schema = rootSchema(custom.schema);
  const checked = (object: ApiObject, subresource: string, options: ValidateOptions = {}) => [
    ...validate(schema, object, options),
    ...scaleErrors(custom, object, subresource),
  ];
  return {
    hasGeneration: true,
    hasStatus: custom.status,
    allowCreateOnUpdate: false,
    allowUnconditionalUpdate: false,
    decode: (object) => setDefaults(schema, object),
    // What was read has no nulls any more; those that an apply or a webhook leaves are for validation to refuse.
    prepareForCreate: (object) => fillDefaults(schema, custom.status ? without(told(object), 'status') : told(object)),
    prepareForUpdate: (next, before, subresource) =>
      counted(custom, fillDefaults(schema, isolated(custom, told(next), before, subresource)), before, subresource),
    warnings: (object, before, subresource) => (subresource === '' ? finalizerWarnings(object, before) : []),
    validateCreate(object) {
      const beside = metadataErrors(object, undefined);
      return kindError(custom, object) ?? [...beside, ...checked(object, '', { beside })];
    },
    validateUpdate(next, before, subresource, warn) {
      const wrong = kindError(custom, next);
      if (wrong !== undefined) return wrong;
      const onRatcheted = (error: FieldError) => warn(`${error.field}: ${error.message}`);
      const beside = metadataErrors(next, before);
      return [...beside, ...checked(next, subresource, { old: before, beside, onRatcheted })];
    },
  };
}

/** Finalizers that another writer may use as well. Source: apiextensions-apiserver, pkg/registry/customresource/validator.go, `validateKubeFinalizerName`. */
function finalizerWarnings(object: ApiObject, before: ApiObject | undefined): readonly string[] {
  const known = new Set(before?.metadata.finalizers);
  const added = new Set((object.metadata.finalizers ?? []).filter((one) => !known.has(one) && !one.includes('/') && !STANDARD.has(one)));
  return [...added].toSorted().map((one) => {
    const path = one.includes('.') ? ' including a path (/)' : '';
    return `metadata.finalizers: ${JSON.stringify(one)}: prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`;
  });
}

const STANDARD: ReadonlySet<string> = new Set(['foregroundDeletion', 'orphan', 'kubernetes']);

/** Of an object that is of another kind nothing else is told. Source: apiextensions-apiserver, pkg/registry/customresource/validator.go, `ValidateTypeMeta`. */
function kindError({ kind }: CustomVersion, object: ApiObject): readonly FieldError[] | undefined {
  return object.kind === kind ? undefined : [invalid('kind', object.kind, `must be ${kind}`)];
}

/** Metadata without what says nothing: it is read as the type that all kinds share, which leaves out what is empty. Also of an apply, which may say null there. */
function told(object: ApiObject): ApiObject {
  const metadata = canonicalMetadata(record(object.metadata));
  // Sound: what was metadata is metadata.
  return metadata === object.metadata ? object : { ...object, metadata: metadata as ApiObject['metadata'] };
}

/** Each endpoint writes its own part: of `/status` nothing but the status counts, not even labels. */
function isolated(custom: CustomVersion, next: ApiObject, before: ApiObject, subresource: string): ApiObject {
  if (!custom.status) return next;
  const status = (object: ApiObject) => (object['status'] === undefined ? {} : { status: object['status'] });
  if (subresource !== 'status') return { ...without(next, 'status'), ...status(before) };
  const metadata = withMetadata(before, { managedFields: next.metadata.managedFields }).metadata;
  return { ...without(before, 'status'), metadata, ...status(next) };
}

/** Everything but metadata counts; what the status subresource writes does not. */
function counted(custom: CustomVersion, next: ApiObject, before: ApiObject, subresource: string): ApiObject {
  if (subresource === 'status' && custom.status) return next;
  if (equal(without(next, 'metadata'), without(before, 'metadata'))) return next;
  return withMetadata(next, { generation: (before.metadata.generation ?? 0) + 1 });
}

const MAX_INT32 = 2_147_483_647;

/**
 * What autoscalers and `kubectl scale` read and write is a number of replicas, whatever the schema says; a write of the status answers for the status alone.
 * Source: apiextensions-apiserver, pkg/registry/customresource/validator.go, `ValidateScaleSpec` and `ValidateScaleStatus`.
 */
function scaleErrors({ scale }: CustomVersion, object: ApiObject, subresource: string): readonly FieldError[] {
  if (scale === undefined) return [];
  const numbers = [...(subresource === 'status' ? [] : [scale.spec]), scale.status].flatMap((path) => {
    const why = accessError(object, path, 'int64');
    if (why !== undefined) return [invalid(path, 0, why)];
    const replicas = Number(valueAt(object, path) ?? 0);
    if (replicas < 0) return [invalid(path, replicas, 'should be a non-negative integer')];
    return replicas > MAX_INT32 ? [invalid(path, replicas, `should be less than or equal to ${MAX_INT32}`)] : [];
  });
  const why = scale.selector === undefined ? undefined : accessError(object, scale.selector, 'string');
  return why === undefined ? numbers : [...numbers, invalid(scale.selector!, '', why)];
}
