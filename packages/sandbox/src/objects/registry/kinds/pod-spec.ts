import { duplicate, invalid, quantityNanos, required, unsupported } from '@binnacle/schema';
import type { FieldError } from '@binnacle/schema';
import { isObject, listAt, objectAt, stringAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { dnsLabel, dnsSubdomain } from '../../names.ts';
import type { NameRule } from '../../names.ts';
import { environmentReferenceErrors, volumeReferenceErrors } from './pod-references.ts';

/** A port's name: at most 15 characters, so that it fits a DNS service record. */
export const portName: NameRule = (name) => {
  const found: string[] = [];
  if (name.length > 15) found.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name)) found.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) found.push('must contain at least one letter (a-z)');
  if (name.includes('--')) found.push('must not contain consecutive hyphens');
  if (/^-|-$/.test(name)) found.push('must not begin or end with a hyphen');
  return found;
};

const POLICIES: Readonly<Record<string, readonly string[]>> = {
  restartPolicy: ['Always', 'Never', 'OnFailure'],
  dnsPolicy: ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'],
};

/** What is wrong with a pod's spec at `field`, in a pod or a template: the rules that people trip over, not all there are. */
export function podSpecErrors(spec: JsonObject, field: string): readonly FieldError[] {
  const volumes = listAt(spec, 'volumes').filter(isObject);
  const containers = listAt(spec, 'containers').filter(isObject);
  const inits = listAt(spec, 'initContainers').filter(isObject);
  const names = new Set<string>();
  const found: FieldError[] = [...volumeErrors(volumes, `${field}.volumes`), ...volumeReferenceErrors(volumes, `${field}.volumes`)];
  const claimed = new Set(volumes.map((volume) => stringAt(volume, 'name')));
  if (containers.length === 0) found.push(required(`${field}.containers`));
  for (const [at, item] of containers.entries()) found.push(...containerErrors(item, `${field}.containers[${at}]`, names, claimed));
  for (const [at, item] of inits.entries()) found.push(...containerErrors(item, `${field}.initContainers[${at}]`, names, claimed));
  for (const [key, values] of Object.entries(POLICIES)) {
    const value = spec[key];
    if (typeof value === 'string' && !values.includes(value)) found.push(unsupported(`${field}.${key}`, value, values));
  }
  const deadline = spec['activeDeadlineSeconds'];
  if (typeof deadline === 'number' && deadline < 1)
    found.push(invalid(`${field}.activeDeadlineSeconds`, deadline, 'must be between 1 and 2147483647, inclusive'));
  if (spec['dnsPolicy'] === 'None' && listAt(objectAt(spec, 'dnsConfig'), 'nameservers').length === 0) {
    const message = 'must provide `dnsConfig.nameservers` when `dnsPolicy` is None';
    found.push(required(spec['dnsConfig'] === undefined ? `${field}.dnsConfig` : `${field}.dnsConfig.nameservers`, message));
  }
  found.push(...tolerationErrors(listAt(spec, 'tolerations').filter(isObject), `${field}.tolerations`));
  const account = stringAt(spec, 'serviceAccountName') ?? '';
  if (account !== '') found.push(...dnsSubdomain(account).map((text) => invalid(`${field}.serviceAccountName`, account, text)));
  for (const key of ['hostname', 'subdomain']) {
    const value = stringAt(spec, key);
    if (value !== undefined) found.push(...dnsLabel(value).map((text) => invalid(`${field}.${key}`, value, text)));
  }
  return found;
}

const OPERATORS = ['Equal', 'Exists'];

function tolerationErrors(tolerations: readonly JsonObject[], field: string): readonly FieldError[] {
  return tolerations.flatMap((toleration, at) => {
    const operator = stringAt(toleration, 'operator') ?? '';
    const where = `${field}[${at}].operator`;
    if (operator !== '' && !OPERATORS.includes(operator)) return [unsupported(where, operator, OPERATORS)];
    const all = (stringAt(toleration, 'key') ?? '') === '' && operator !== 'Exists';
    return all ? [invalid(where, operator, 'operator must be Exists when `key` is empty, which means "match all values and all keys"')] : [];
  });
}

function volumeErrors(volumes: readonly JsonObject[], field: string): readonly FieldError[] {
  const names = new Set<string>();
  return volumes.flatMap((volume, at) => [
    ...nameErrors(stringAt(volume, 'name') ?? '', `${field}[${at}].name`, names),
    ...(Object.keys(volume).length > 2
      ? [{ reason: 'FieldValueForbidden' as const, field: `${field}[${at}]`, message: 'Forbidden: may not specify more than 1 volume type' }]
      : []),
  ]);
}

function nameErrors(name: string, field: string, seen: Set<string>): readonly FieldError[] {
  if (name === '') return [required(field)];
  const texts = dnsLabel(name);
  if (texts.length > 0) return texts.map((text) => invalid(field, name, text));
  if (seen.has(name)) return [duplicate(field, name)];
  seen.add(name);
  return [];
}

function containerErrors(item: JsonObject, field: string, names: Set<string>, volumes: ReadonlySet<string | undefined>): readonly FieldError[] {
  const found = [...nameErrors(stringAt(item, 'name') ?? '', `${field}.name`, names)];
  const image = stringAt(item, 'image') ?? '';
  if (image === '') found.push(required(`${field}.image`));
  else if (image !== image.trim()) found.push(invalid(`${field}.image`, image, 'must not have leading or trailing whitespace'));
  const pull = item['imagePullPolicy'];
  if (typeof pull === 'string' && !['Always', 'IfNotPresent', 'Never'].includes(pull)) {
    found.push(unsupported(`${field}.imagePullPolicy`, pull, ['Always', 'IfNotPresent', 'Never']));
  }
  found.push(...portErrors(listAt(item, 'ports').filter(isObject), `${field}.ports`));
  found.push(...environmentErrors(listAt(item, 'env').filter(isObject), `${field}.env`), ...environmentReferenceErrors(item, field));
  found.push(...mountErrors(listAt(item, 'volumeMounts').filter(isObject), `${field}.volumeMounts`, volumes));
  found.push(...resourceErrors(objectAt(item, 'resources'), `${field}.resources`));
  const user = objectAt(item, 'securityContext')['runAsUser'];
  if (typeof user === 'number' && user < 0) found.push(invalid(`${field}.securityContext.runAsUser`, user, 'must be between 0 and 2147483647, inclusive'));
  for (const key of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (isObject(item[key])) found.push(...probeErrors(item[key], `${field}.${key}`, key === 'readinessProbe'));
  }
  return found;
}

function portErrors(ports: readonly JsonObject[], field: string): readonly FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, at) => {
    const found: FieldError[] = [];
    const name = stringAt(port, 'name') ?? '';
    if (name !== '') {
      found.push(...portName(name).map((text) => invalid(`${field}[${at}].name`, name, text)));
      if (names.has(name)) found.push(duplicate(`${field}[${at}].name`, name));
      names.add(name);
    }
    return [...found, ...portNumber(port['containerPort'], `${field}[${at}].containerPort`), ...protocol(port, `${field}[${at}].protocol`)];
  });
}

/** What is wrong with a port's number; absent and 0 are a missing one, unless that is `Invalid` as well. */
export function portNumber(value: unknown, field: string, zero: 'Required' | 'Invalid' = 'Required'): readonly FieldError[] {
  if ((value === undefined || value === 0) && zero === 'Required') return [required(field)];
  const valid = typeof value === 'number' && value >= 1 && value <= 65_535;
  return valid ? [] : [invalid(field, value, 'must be between 1 and 65535, inclusive')];
}

/** What is wrong with a port's protocol. */
export function protocol(port: JsonObject, field: string): readonly FieldError[] {
  const known = ['SCTP', 'TCP', 'UDP'];
  const value = port['protocol'];
  return typeof value === 'string' && !known.includes(value) ? [unsupported(field, value, known)] : [];
}

function environmentErrors(variables: readonly JsonObject[], field: string): readonly FieldError[] {
  return variables.flatMap((variable, at) => {
    if ((stringAt(variable, 'name') ?? '') === '') return [required(`${field}[${at}].name`)];
    const both = isObject(variable['valueFrom']) && (stringAt(variable, 'value') ?? '') !== '';
    return both ? [invalid(`${field}[${at}].valueFrom`, '', 'may not be specified when `value` is not empty')] : [];
  });
}

function mountErrors(mounts: readonly JsonObject[], field: string, volumes: ReadonlySet<string | undefined>): readonly FieldError[] {
  const paths = new Set<string>();
  return mounts.flatMap((mount, at) => {
    const found: FieldError[] = [];
    const name = stringAt(mount, 'name') ?? '';
    const path = stringAt(mount, 'mountPath') ?? '';
    if (name === '') found.push(required(`${field}[${at}].name`));
    else if (!volumes.has(name)) found.push({ reason: 'FieldValueNotFound', field: `${field}[${at}].name`, message: `Not found: ${JSON.stringify(name)}` });
    if (path === '') found.push(required(`${field}[${at}].mountPath`));
    else if (paths.has(path)) found.push(invalid(`${field}[${at}].mountPath`, path, 'must be unique'));
    paths.add(path);
    return found;
  });
}

function resourceErrors(resources: JsonObject, field: string): readonly FieldError[] {
  const limits = objectAt(resources, 'limits');
  return Object.entries(objectAt(resources, 'requests')).flatMap(([name, value]) => {
    const [asked, most] = [quantityNanos(String(value)), quantityNanos(String(limits[name]))];
    if (asked === undefined || most === undefined || asked <= most) return [];
    return [invalid(`${field}.requests`, value, `must be less than or equal to ${name} limit of ${String(limits[name])}`)];
  });
}

function probeErrors(probe: JsonObject, field: string, readiness: boolean): readonly FieldError[] {
  const handlers = ['exec', 'httpGet', 'tcpSocket', 'grpc'].filter((key) => isObject(probe[key]));
  const found: FieldError[] = [];
  if (handlers.length === 0) found.push(required(field, 'must specify a handler type'));
  if (handlers.length > 1)
    found.push({ reason: 'FieldValueForbidden', field: `${field}.${handlers[1]}`, message: 'Forbidden: may not specify more than 1 handler type' });
  for (const key of ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold']) {
    const value = probe[key];
    if (typeof value === 'number' && value < 0) found.push(invalid(`${field}.${key}`, value, 'must be greater than or equal to 0'));
  }
  if (!readiness && probe['successThreshold'] !== 1) found.push(invalid(`${field}.successThreshold`, probe['successThreshold'], 'must be 1'));
  return found;
}
