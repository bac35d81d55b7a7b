/** What a schema says of one value by itself: type, bounds, length, pattern, format, enum. Wording and order of the API server's validator. */
import type { FieldError, Schema } from '../structural.ts';
import { invalid, tooLong, tooMany, unsupported, wrongType } from './failure.ts';
import { hasFormat } from './format.ts';
import { isObject, jsonEqual } from './json.ts';
import { re2 } from './regex.ts';

type JsonType = 'null' | 'array' | 'object' | 'string' | 'boolean' | 'integer' | 'number' | 'undefined';

/**
 * Errors of the value itself; its entries are looked at by `validate`. A value of a wrong type is also held to what the schema says of its own type, and to
 * be one of those allowed. Source: kube-openapi, pkg/validation/validate/schema.go, `SchemaValidator.Validate`.
 */
export function valueErrors(schema: Schema, value: unknown, path: string): FieldError[] {
  const wrong = typeError(schema, value, path);
  const errors: FieldError[] = wrong === undefined ? [] : [wrong];
  if (typeof value === 'string') errors.push(...stringErrors(schema, value, path));
  else if (typeof value === 'number') errors.push(...numberErrors(schema, value, path));
  else if (Array.isArray(value))
    errors.push(...sizeErrors(path, value.length, schema.minItems, schema.maxItems, 'items'), ...uniqueErrors(schema, value, path));
  else if (isObject(value)) errors.push(...sizeErrors(path, Object.keys(value).length, schema.minProperties, schema.maxProperties, 'properties'));
  // A null is never one of those allowed, also where the schema lists it. Source: kube-openapi, pkg/validation/validate/validator.go, `basicCommonValidator`.
  if (schema.enum !== undefined && (value === null || !schema.enum.some((one) => jsonEqual(one, value)))) errors.push(unsupported(path, value, schema.enum));
  return errors;
}

function typeError(schema: Schema, value: unknown, path: string): FieldError | undefined {
  const actual = typeOf(value);
  const either = schema['x-kubernetes-int-or-string'] === true;
  const wanted = either ? 'integer,string' : schema.type;
  if (wanted === undefined) return undefined;
  if (actual === 'null') return schema.nullable === true ? undefined : wrongType(path, wanted, actual);
  if (either ? actual === 'integer' || actual === 'string' : actual === wanted || (actual === 'integer' && wanted === 'number')) return undefined;
  return wrongType(path, wanted, actual);
}

function typeOf(value: unknown): JsonType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  switch (typeof value) {
    case 'number':
      return Number.isInteger(value) ? 'integer' : 'number';
    case 'bigint':
      return 'integer';
    case 'string':
      return 'string';
    case 'boolean':
      return 'boolean';
    case 'object':
      return 'object';
    default:
      return 'undefined';
  }
}

function stringErrors(schema: Schema, value: string, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { minLength, maxLength, pattern, format } = schema;
  // Characters, not UTF-16 units; counted only where it can matter.
  if (maxLength !== undefined && value.length > maxLength && Array.from(value).length > maxLength) errors.push(tooLong(path, maxLength));
  if (minLength !== undefined && (value.length < minLength || (value.length < 2 * minLength && Array.from(value).length < minLength)))
    errors.push(invalid(path, value, `${path} in body should be at least ${minLength} chars long`));
  if (pattern !== undefined && !matchesPattern(pattern, value)) errors.push(invalid(path, value, `${path} in body should match '${pattern}'`));
  if (format !== undefined && !hasFormat(format, value)) errors.push(wrongType(path, format, value));
  return errors;
}

/** A pattern that does not compile matches nothing: creating the CRD is refused before it comes to that. */
function matchesPattern(pattern: string, value: string): boolean {
  try {
    return re2(pattern).test(value);
  } catch {
    return false;
  }
}

const INT32 = 2 ** 31;
const INT64 = 2 ** 63;

function numberErrors(schema: Schema, value: number, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { minimum, maximum, multipleOf, format, exclusiveMinimum, exclusiveMaximum } = schema;
  const isInteger = schema.type === 'integer' || schema['x-kubernetes-int-or-string'] === true;
  const limit = format === 'int32' ? INT32 : INT64;
  if (isInteger && (!Number.isInteger(value) || value < -limit || value >= limit))
    errors.push(invalid('', '', `Checked value must be of type integer ${format === undefined ? '(default format)' : `with format ${format}`} in ${path}`));
  if (multipleOf !== undefined) errors.push(...multipleErrors(value, multipleOf, path));
  if (maximum !== undefined && (value > maximum || (exclusiveMaximum === true && value === maximum)))
    errors.push(invalid(path, value, `${path} in body should be less than ${exclusiveMaximum === true ? '' : 'or equal to '}${maximum}`));
  if (minimum !== undefined && (value < minimum || (exclusiveMinimum === true && value === minimum)))
    errors.push(invalid(path, value, `${path} in body should be greater than ${exclusiveMinimum === true ? '' : 'or equal to '}${minimum}`));
  return errors;
}

/** An integer is held against the integer part of the factor. Source: kube-openapi, pkg/validation/validate/values.go, `MultipleOfNativeType`. */
function multipleErrors(value: number, of: number, path: string): readonly FieldError[] {
  const factor = Number.isInteger(value) ? Math.trunc(of) : of;
  if (factor <= 0) return [invalid(path, factor, `factor MultipleOf declared for ${path} must be positive: ${factor}`)];
  return Number.isInteger(value / factor) ? [] : [invalid(path, value, `${path} in body should be a multiple of ${factor}`)];
}

function sizeErrors(path: string, size: number, min: number | undefined, max: number | undefined, what: string): FieldError[] {
  if (max !== undefined && size > max) return [tooMany(path, size, max)];
  if (min !== undefined && size < min) return [invalid(path, size, `${path} in body should have at least ${min} ${what}`)];
  return [];
}

function uniqueErrors(schema: Schema, value: readonly unknown[], path: string): FieldError[] {
  if (schema.uniqueItems !== true || value.every((item, index) => value.findIndex((other) => jsonEqual(item, other)) === index)) return [];
  return [invalid(path, value, `${path} in body shouldn't contain duplicates`)];
}
