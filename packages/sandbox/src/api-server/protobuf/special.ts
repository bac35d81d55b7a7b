import { timestamp } from '@binnacle/client';
import { malformed, signed, wireFields, wireText } from './wire.ts';

/**
 * Messages whose JSON is not an object of their fields. `whole`: read from the bytes, `undefined` for Go's zero, which JSON has as null or not at all;
 * else made from what the fields gave.
 */
export type Special =
  | { readonly whole: true; readonly read: (bytes: Uint8Array) => unknown }
  | { readonly whole: false; readonly shape: (fields: Readonly<Record<string, unknown>>) => unknown };

/** By message. Source: the custom marshallers of k8s.io/apimachinery and k8s.io/apiextensions-apiserver. */
export const SPECIAL: Readonly<Record<string, Special>> = {
  'meta.v1.Time': { whole: true, read: (bytes) => time(bytes, () => '') },
  'meta.v1.MicroTime': { whole: true, read: (bytes) => time(bytes, (nanos) => `.${String(Math.floor(nanos / 1000)).padStart(6, '0')}`) },
  'resource.Quantity': { whole: true, read: quantity },
  'intstr.IntOrString': { whole: true, read: intOrString },
  'runtime.RawExtension': { whole: true, read: embedded },
  'meta.v1.FieldsV1': { whole: true, read: embedded },
  // Of a schema's default or enum null is a value of its own.
  'apiextensions.v1.JSON': { whole: true, read: (bytes) => embedded(bytes) ?? null },
  'apiextensions.v1.JSONSchemaPropsOrBool': { whole: false, shape: ({ Schema, Allows }) => Schema ?? Allows ?? false },
  'apiextensions.v1.JSONSchemaPropsOrArray': { whole: false, shape: ({ Schema, JSONSchemas }) => JSONSchemas ?? Schema },
  'apiextensions.v1.JSONSchemaPropsOrStringArray': { whole: false, shape: ({ Schema, Property }) => Property ?? Schema },
};

/** Years 1 to 9999: what RFC 3339 can say. */
const FIRST_SECOND = -62_135_596_800;
const LAST_SECOND = 253_402_300_799;

function time(bytes: Uint8Array, fraction: (nanos: number) => string): string | undefined {
  // An empty message is Go's zero time; one that says 0 is 1970.
  if (bytes.length === 0) return undefined;
  const [seconds, nanos] = [integer(bytes, 1), integer(bytes, 2)];
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND || nanos < 0 || nanos > 999_999_999) throw malformed(`a time of ${seconds} s and ${nanos} ns`);
  return `${timestamp(seconds * 1000).slice(0, -1)}${fraction(nanos)}Z`;
}

/** As Kubernetes parses quantities. */
const QUANTITY = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][+-]?\d+)?$/;

function quantity(bytes: Uint8Array): string {
  const value = text(bytes, 1);
  if (value === '') return '0';
  if (!QUANTITY.test(value)) throw malformed(`"${value}" is no quantity`);
  return value;
}

function intOrString(bytes: Uint8Array): number | string {
  return integer(bytes, 1) === 0 ? integer(bytes, 2) : text(bytes, 3);
}

/** JSON inside of protobuf. */
function embedded(bytes: Uint8Array): unknown {
  const raw = text(bytes, 1);
  if (raw === '') return undefined;
  try {
    return JSON.parse(raw) ?? undefined;
  } catch (error) {
    throw malformed(`JSON inside of it: ${(error as Error).message}`);
  }
}

function integer(bytes: Uint8Array, number: number): number {
  let last = 0;
  for (const field of wireFields(bytes)) {
    if (field.number !== number) continue;
    if (field.wire !== 'varint') throw malformed(`field ${number} is no number`);
    last = signed(field.value);
  }
  return last;
}

function text(bytes: Uint8Array, number: number): string {
  let last = '';
  for (const field of wireFields(bytes)) {
    if (field.number !== number) continue;
    if (field.wire !== 'bytes') throw malformed(`field ${number} is no text`);
    last = wireText(field.value);
  }
  return last;
}
