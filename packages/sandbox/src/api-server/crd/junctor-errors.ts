import type { FieldError, Schema } from '@binnacle/schema';
import { equal } from '../../objects/json.ts';

/** What only the schema itself may say, and not what `anyOf` and its like say about its values. Source: apiextensions-apiserver/pkg/apiserver/schema/validation.go. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  type: 'must be empty to be structural',
  additionalProperties: 'must be undefined to be structural',
  default: 'must be undefined to be structural',
  title: 'must be empty to be structural',
  description: 'must be empty to be structural',
  nullable: 'must be false to be structural',
  externalDocs: 'must be undefined to be structural',
  'x-kubernetes-preserve-unknown-fields': 'must be false to be structural',
  'x-kubernetes-embedded-resource': 'must be false to be structural',
  'x-kubernetes-int-or-string': 'must be false to be structural',
  'x-kubernetes-list-map-keys': 'must be empty to be structural',
  'x-kubernetes-list-type': 'must be undefined to be structural',
  'x-kubernetes-map-type': 'must be undefined to be structural',
  'x-kubernetes-validations': 'must be empty to be structural',
};

/** The one place where types may stand under `anyOf`, in this order. */
const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];

/** Faults of `anyOf`, `allOf`, `oneOf` and `not` of a schema, those within them included. */
export function junctorErrors(schema: Schema, path: string): readonly FieldError[] {
  return junctors(schema, path, isIntOrString(schema));
}

const isIntOrString = ({ anyOf }: Schema): boolean => equal(anyOf, INT_OR_STRING);

function junctors({ anyOf = [], allOf = [], oneOf = [], not }: Schema, path: string, eitherAllowed: boolean): readonly FieldError[] {
  return [
    ...(eitherAllowed ? [] : anyOf.flatMap((one, index) => nested(one, `${path}.anyOf[${index}]`, false))),
    ...allOf.flatMap((one, index) => nested(one, `${path}.allOf[${index}]`, index === 0 && isIntOrString(one))),
    ...oneOf.flatMap((one, index) => nested(one, `${path}.oneOf[${index}]`, false)),
    ...(not === undefined ? [] : nested(not, `${path}.not`, false)),
  ];
}

function nested(schema: Schema, path: string, eitherAllowed: boolean): readonly FieldError[] {
  const said = schema as Readonly<Record<string, unknown>>;
  const own = Object.keys(FORBIDDEN).filter((name) => isSaid(said[name]));
  return [
    ...own.map((name) => forbidden(`${path}.${name}`, FORBIDDEN[name]!)),
    ...(schema.properties?.['metadata'] === undefined ? [] : [forbidden(`${path}.properties[metadata]`, 'must not be specified in a nested context')]),
    ...junctors(schema, path, eitherAllowed),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, child]) => nested(child, `${path}.properties[${key}]`, false)),
    ...(schema.items === undefined ? [] : nested(schema.items, `${path}.items`, false)),
  ];
}

const isSaid = (value: unknown): boolean => value !== undefined && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0);
const forbidden = (field: string, detail: string): FieldError => ({ reason: 'FieldValueForbidden', field, message: `Forbidden: ${detail}` });
