import { invalid, rootSchema, setDefaults, setDefaultsKeepingNulls, validate } from '@binnacle/schema';
import type { FieldError, ValidateOptions } from '@binnacle/schema';
import { equal } from '../../objects/json.ts';
import { metadataErrors } from '../../objects/metadata.ts';
import type { CustomVersion } from '../catalog/served.ts';
import type { Rules } from '../crud/rules.ts';
import { withMetadata, without } from '../object.ts';
import type { ApiObject } from '../object.ts';
import { valueAt } from '../subresource/replicas.ts';

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
    // Nulls of a body are gone by then; those that a patch has written are for validation to refuse.
    prepareForCreate: (object) => setDefaultsKeepingNulls(schema, custom.status ? without(told(object), 'status') : told(object)),
    prepareForUpdate: (next, before, subresource) =>
      counted(custom, setDefaultsKeepingNulls(schema, isolated(custom, told(next), before, subresource)), before, subresource),
    validateCreate: (object) => [...metadataErrors(object, undefined), ...checked(object, '')],
    validateUpdate(next, before, subresource, warn) {
      const onRatcheted = (error: FieldError) => warn(`${error.field}: ${error.message}`);
      return [...metadataErrors(next, before), ...checked(next, subresource, { old: before, onRatcheted })];
    },
  };
}

/** Metadata without what says nothing: it is read as the type that all kinds share, which leaves out what is empty. */
function told(object: ApiObject): ApiObject {
  const empty = (['labels', 'annotations', 'finalizers', 'ownerReferences'] as const).filter((key) => {
    const value = object.metadata[key];
    return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  });
  return empty.length === 0 ? object : withMetadata(object, Object.fromEntries(empty.map((key) => [key, undefined])));
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

/** What autoscalers and `kubectl scale` read and write may not be negative, whatever the schema says; a write of the status answers for the status alone. */
function scaleErrors({ scale }: CustomVersion, object: ApiObject, subresource: string): readonly FieldError[] {
  if (scale === undefined) return [];
  return [...(subresource === 'status' ? [] : [scale.spec]), scale.status].flatMap((path) => {
    const replicas = valueAt(object, path);
    return typeof replicas === 'number' && replicas < 0 ? [invalid(path, replicas, 'should be a non-negative integer')] : [];
  });
}
