import { forbidden, invalid, required } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { equal, isObject, objectAt, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { immutable } from '../../metadata.ts';
import { configKey } from '../../names.ts';
import type { KindRules } from '../strategy.ts';

/** Bytes of all values of a ConfigMap or a Secret. */
const MAX_BYTES = 1024 * 1024;
const FIXED = 'field is immutable when `immutable` is set';

function frozenErrors(next: JsonObject, before: JsonObject, keys: readonly string[]): readonly FieldError[] {
  if (before['immutable'] !== true) return [];
  const found = next['immutable'] === true ? [] : [forbidden('immutable', FIXED)];
  return [...found, ...keys.filter((key) => !equal(next[key], before[key])).map((key) => forbidden(key, FIXED))];
}

function keyErrors(object: JsonObject, key: string): readonly FieldError[] {
  return Object.keys(objectAt(object, key)).flatMap((name) => configKey(name).map((text) => invalid(`${key}[${name}]`, name, text)));
}

function sizeErrors(bytes: number, field: string): readonly FieldError[] {
  return bytes <= MAX_BYTES ? [] : [{ reason: 'FieldValueTooLong', field, message: `Too long: may not be more than ${MAX_BYTES} bytes` }];
}

const bytesOf = (values: JsonObject, encoding: 'utf8' | 'base64') =>
  Object.values(values).reduce<number>((sum, value) => sum + (typeof value === 'string' ? Buffer.byteLength(value, encoding) : 0), 0);

export const configMap: KindRules = {
  validate: (object) => {
    const [data, binary] = [objectAt(object, 'data'), objectAt(object, 'binaryData')];
    const twice = Object.keys(data).filter((name) => name in binary);
    return [
      ...keyErrors(object, 'data'),
      ...keyErrors(object, 'binaryData'),
      ...twice.map((name) => invalid(`data[${name}]`, name, 'duplicate of key present in binaryData')),
      ...sizeErrors(bytesOf(data, 'utf8') + bytesOf(binary, 'base64'), ''),
    ];
  },
  validateUpdate: (next, before) => frozenErrors(next, before, ['data', 'binaryData']),
};

/** Keys that a Secret of a type must have. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

export const secret: KindRules = {
  validate: (object) => {
    const data = objectAt(object, 'data');
    // One of the two is enough.
    const account = stringAt(object, 'type') === 'kubernetes.io/basic-auth' ? ['username', 'password'] : [];
    const nobody = account.some((key) => data[key] !== undefined) ? [] : account;
    const needed = NEEDED[stringAt(object, 'type') ?? ''] ?? [];
    return [
      ...keyErrors(object, 'data'),
      ...sizeErrors(bytesOf(data, 'base64'), 'data'),
      ...[...needed.filter((key) => data[key] === undefined), ...nobody].map((key) => required(`data[${key}]`)),
    ];
  },
  validateUpdate: (next, before) => [...immutable(next, before, 'type', 'type'), ...frozenErrors(next, before, ['data'])],
};

export const controllerRevision: KindRules = {
  validate: (object) => [
    ...(object['data'] === undefined
      ? [required('data', 'data is mandatory')]
      : isObject(object['data'])
        ? []
        : [required('data', 'data must be a valid JSON object')]),
    ...(typeof object['revision'] === 'number' && object['revision'] < 0
      ? [invalid('revision', object['revision'], 'must be greater than or equal to 0')]
      : []),
  ],
  validateUpdate: (next, before) => immutable(next, before, 'data', 'data'),
};

/** Subsets of an Endpoints object need no more than distinct port names. */
export const endpoints: KindRules = { allowCreateOnUpdate: true };
