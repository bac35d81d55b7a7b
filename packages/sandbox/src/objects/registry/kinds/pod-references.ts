import { invalid, required } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { isObject, listAt, objectAt, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { dnsSubdomain } from '../../names.ts';

/**
 * What is wrong with how a container's environment names ConfigMaps and Secrets.
 * Source: pkg/apis/core/validation/validation.go, `validateConfigMapKeySelector`, `validateSecretKeySelector` and `ValidateEnvFrom`.
 */
export function environmentReferenceErrors(container: JsonObject, field: string): readonly FieldError[] {
  const variables = listAt(container, 'env').flatMap((variable, at) => {
    const from = objectAt(isObject(variable) ? variable : {}, 'valueFrom');
    return ['configMapKeyRef', 'secretKeyRef'].flatMap((key) => (isObject(from[key]) ? keyErrors(from[key], `${field}.env[${at}].valueFrom.${key}`) : []));
  });
  const whole = listAt(container, 'envFrom').flatMap((source, at) =>
    ['configMapRef', 'secretRef'].flatMap((key) => {
      const reference = isObject(source) ? source[key] : undefined;
      return isObject(reference) ? namedErrors(reference, `${field}.envFrom[${at}].${key}.name`) : [];
    }),
  );
  return [...variables, ...whole];
}

/** What is wrong with how volumes name ConfigMaps and Secrets. Source: as above, `validateVolumeSource`. */
export function volumeReferenceErrors(volumes: readonly JsonObject[], field: string): readonly FieldError[] {
  return volumes.flatMap((volume, at) =>
    VOLUME_NAMES.flatMap(([kind, key]) => {
      const source = volume[kind];
      return isObject(source) && (stringAt(source, key) ?? '') === '' ? [required(`${field}[${at}].${kind}.${key}`)] : [];
    }),
  );
}

const VOLUME_NAMES = [
  ['configMap', 'name'],
  ['secret', 'secretName'],
] as const;

function keyErrors(selector: JsonObject, field: string): readonly FieldError[] {
  const name = stringAt(selector, 'name') ?? '';
  return [
    ...dnsSubdomain(name).map((text) => invalid(`${field}.name`, name, text)),
    ...((stringAt(selector, 'key') ?? '') === '' ? [required(`${field}.key`)] : []),
  ];
}

function namedErrors(reference: JsonObject, field: string): readonly FieldError[] {
  const name = stringAt(reference, 'name') ?? '';
  return name === '' ? [required(field)] : dnsSubdomain(name).map((text) => invalid(field, name, text));
}
